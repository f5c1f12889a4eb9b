"""`understudy mcp`: mocks and commands as tools of the Model Context Protocol, for agents.

`mocks` holds the mocks that a session has started, `refusal` says why a request was refused, `commands` runs
the other commands, `server` makes tools of all of it. The official SDK is the extra `understudy[mcp]`.
"""
