"""Cross-origin requests: web pages may call the provider's own paths, and never the control plane.

The CORS protocol of the Fetch standard, section 3.2 (https://fetch.spec.whatwg.org/#http-cors-protocol), by
Starlette's middleware. Keys travel in headers, so credentials (cookies) are not allowed, and every header of
an answer can be exposed. The control plane answers as without this: a page cannot read what it says, and
`control.routes` refuses what a page of another origin orders.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import MockError
from understudy.mockserver.routing import tidy, with_raw_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.mockserver.server.app import MockApp
    from understudy.mockserver.wire import Receive, Scope, Send

EVERY = "*"
# RFC 6454, section 7: scheme, host, port, and nothing behind.
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-_]+(:\d+)?|https?://\[[0-9A-Fa-f:.]+\](:\d+)?")
IN_ONE_GO = "understudy.reply"
METHODS = ("GET", "HEAD", "POST")
MAX_AGE_SECONDS = 600
# Where the control plane is; "/" is its overview.
CONTROL = b"/__understudy__"


def check_origins(origins: Sequence[str]) -> None:
    """Raises MockError for what no browser sends as an origin."""
    for origin in origins:
        if origin not in (EVERY, "null") and not ORIGIN.fullmatch(origin):
            advice = "scheme, host and port, as in http://localhost:5173; without a value: every origin"
            raise MockError(f"{origin!r} is not an origin", where="--cors", advice=advice)


class CorsApp:
    """`app` with CORS for pages of `origins` ("*": of every one) on all paths but the control plane's."""

    def __init__(self, app: MockApp, origins: Sequence[str]) -> None:
        # Here: a mock that no page calls does without it.
        from starlette.middleware.cors import CORSMiddleware

        options: dict[str, Any] = {}
        # Starlette from 0.50 on refuses requests to private networks otherwise; before, it knew of none.
        if "allow_private_network" in inspect.signature(CORSMiddleware.__init__).parameters:
            options["allow_private_network"] = True
        self._app: Any = app
        self._shared: Any = CORSMiddleware(
            self._app,
            allow_origins=list(origins),
            allow_methods=METHODS,
            allow_headers=[EVERY],
            expose_headers=[EVERY],
            max_age=MAX_AGE_SECONDS,
            **options,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = tidy(scope.get("raw_path") or with_raw_path(scope))
            if path != b"/" and path != CONTROL and not path.startswith(CONTROL + b"/"):
                # Answers go through `send`, where their headers are added, and not past it in one go.
                ways = {name: way for name, way in scope.get("extensions", {}).items() if name != IN_ONE_GO}
                await self._shared({**scope, "extensions": ways}, receive, send)
                return
        await self._app(scope, receive, send)
