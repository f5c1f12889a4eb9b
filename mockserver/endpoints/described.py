"""Requests for operations of described APIs: one entrance, which finds the route and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.mockserver.endpoints.described_create import create
from understudy.mockserver.endpoints.described_exchange import DescribedExchange
from understudy.mockserver.endpoints.described_tasks import OPERATIONS
from understudy.mockserver.errors import Refused
from understudy.mockserver.wire import ClientDisconnected

if TYPE_CHECKING:
    from understudy.mockserver.play.routes import DescribedRoute
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.wire import Receive, Scope, Send


async def serve(
    state: ServerState,
    route: DescribedRoute,
    variables: dict[str, str],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Answer a request for one operation."""
    exchange = DescribedExchange(state, route, variables, scope, receive, send)
    try:
        await (create(exchange) if route.kind == "create" else OPERATIONS[route.kind](exchange))
    except Refused as refused:
        await exchange.refuse(refused)
    except ClientDisconnected:
        return
