"""The mock as a running server: `serve_in_thread` for tests; the command line takes `server.running`."""

from understudy.mockserver.server.in_thread import serve_in_thread

__all__ = ["serve_in_thread"]
