"""`understudy mcp`."""

from __future__ import annotations

import importlib.util

import click

from understudy.specs.errors import UnderstudyError
from understudy.specs.say import say

# Imports stand in the functions that need them: help, completion and complaints come 690 ms sooner.

EXTRA = "pip install 'understudy[mcp]'"


@click.command()
@click.option(
    "--http", is_flag=True, help="Speak streamable HTTP at /mcp, instead of standard input and output."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on, with --http.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8686, show_default=True, help="Port, with --http."
)
@click.option(
    "--allow-programs", is_flag=True,
    help="With --http, too, offer grade_client, which runs a command line that the agent gives.",
)  # fmt: skip
def mcp(*, http: bool, host: str, port: int, allow_programs: bool) -> None:
    """Offer mocks and commands to agents, over the Model Context Protocol.

    Tools start mocks, send examples, move their time, choose scenarios, read journals, explain refusals, and
    run verify, verify-client, drift and specs import. An agent's settings take it as a command:

    \b
    {"mcpServers": {"understudy": {"command": "understudy", "args": ["mcp"]}}}

    It needs an extra: pip install 'understudy[mcp]'. Requests of web pages of other origins are refused.
    """
    if importlib.util.find_spec("mcp") is None or importlib.util.find_spec("mcp.server") is None:
        raise UnderstudyError("the MCP SDK is not installed", advice=EXTRA)
    from understudy.contracts.agents.server import make_server

    if http:
        say(f"Understudy's tools are at http://{host}:{port}/mcp (Ctrl-C ends it)", err=True)
        make_server(run_programs=allow_programs).run("streamable-http", host=host, port=port)
    else:
        make_server().run("stdio")
