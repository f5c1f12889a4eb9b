"""The live board: a page that shows an account's tasks as they move, and the reference of the API with it.

Nothing here is imported before a browser asks for it, and no request of a client passes through it: a board
looks at the store, the journals and the logs of callbacks a few times a second, for as long as it is open.
"""
