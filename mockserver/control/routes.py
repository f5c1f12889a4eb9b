"""The control plane over HTTP (Starlette). The account is `?account=KEY` or the Authorization header's."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.depth import too_deep
from mockserver.errors import MockError, Refused
from mockserver.journal import FILTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.control.desk import Desk

MOST_BODY = 1_048_576
# Of an error, which may quote what was sent, in characters.
MOST_WORDS = 1000
ROOT = "/__understudy__"


def json_response(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value, option=orjson.OPT_INDENT_2), status, media_type="application/json")


def account_key(request: Request) -> str | None:
    """The key that a control request is about; None for the whole server."""
    if "account" in request.query_params:
        return request.query_params["account"] or None
    header = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    # A JWT stands for its issuer, here as for clients; what is no valid key may be looked at all the same.
    try:
        key: str = request.app.state.desk.key_of(header.encode("latin-1"))
    except Refused:
        return token.strip()
    return key


def filters(request: Request) -> dict[str, str]:
    return {k: v for k, v in request.query_params.items() if k not in ("account", "limit") and v}


async def body_of(request: Request, *known: str) -> dict[str, Any]:
    """The JSON object of a control request; raises MockError for members that are not known."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BODY:
            raise MockError("the body is too large")
    try:
        value = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise MockError(f"the body is not JSON: {error}") from error
    if too_deep(raw):
        raise MockError("the body is nested too deeply")
    if not isinstance(value, dict):
        raise MockError("the body must be a JSON object")
    if unknown := sorted(value.keys() - set(known)):
        raise MockError(
            f"no member {unknown[0]!r}", where="the body", advice=f"known: {', '.join(known) or 'none'}"
        )
    return value


def member(body: dict[str, Any], name: str, *types: type, default: Any = None) -> Any:
    """A member of a body, of one of the given types."""
    value = body.get(name, default)
    if value is None:
        raise MockError(f"{name} is missing", where="the body")
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        wanted = " or ".join(t.__name__ for t in types)
        raise MockError(f"{name} must be of type {wanted}", where="the body")
    return value


class Plane:
    """The handlers; each reads its request, asks the desk, and answers JSON."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def overview(self, request: Request) -> Response:
        return json_response(self._desk.overview())

    async def health(self, request: Request) -> Response:
        return json_response({"status": "ok"})

    async def scenarios(self, request: Request) -> Response:
        return json_response(self._desk.scenarios())

    async def document(self, request: Request) -> Response:
        return json_response(self._desk.document(request.query_params.get("profile", "")))

    async def clock(self, request: Request) -> Response:
        key = account_key(request)
        if request.method in ("GET", "HEAD"):
            return json_response(self._desk.clock(key))
        body = await body_of(request, "rate")
        return json_response(await self._desk.set_rate(key, member(body, "rate", int, float)))

    async def advance(self, request: Request) -> Response:
        body = await body_of(request, "seconds", "to")
        key = account_key(request)
        if body.keys() >= {"seconds", "to"}:
            raise MockError("seconds and to cannot both be", where="the body", advice="take one of them")
        if "to" in body:
            if body["to"] != "next":
                raise MockError(f"no moment {body['to']!r}", advice="known: next")
            return json_response(await self._desk.advance_to_next(key))
        seconds = member(body, "seconds", int, float)
        if not 0 <= seconds <= 10**9:
            raise MockError(f"cannot advance by {seconds} s", advice="0 to 1000000000")
        return json_response(await self._desk.advance(key, round(seconds * 1000)))

    async def pace(self, request: Request) -> Response:
        body = await body_of(request, "pace")
        return json_response(self._desk.set_pace(account_key(request), member(body, "pace", str)))

    async def scenario(self, request: Request) -> Response:
        if request.method == "DELETE":
            return json_response(self._desk.set_scenario(account_key(request), ""))
        body = await body_of(request, "scenario")
        return json_response(self._desk.set_scenario(account_key(request), member(body, "scenario", str)))

    async def force(self, request: Request) -> Response:
        body = await body_of(request, "scenario", "next")
        scenario, count = member(body, "scenario", str), member(body, "next", int, default=1)
        return json_response(self._desk.force(account_key(request), scenario, count))

    async def limits(self, request: Request) -> Response:
        body = await body_of(request, *self._desk.limit_names())
        return json_response(self._desk.set_limits(account_key(request), body))

    async def tasks(self, request: Request) -> Response:
        return json_response(self._desk.tasks(account_key(request)))

    async def finish(self, request: Request) -> Response:
        body = await body_of(request, "status", "reason")
        status, reason = member(body, "status", str, default=""), member(body, "reason", str, default="")
        return json_response(await self._desk.finish(request.path_params["id"], status, reason))

    async def journal(self, request: Request) -> Response:
        limit = request.query_params.get("limit", "1000")
        if not re.fullmatch("[0-9]{1,9}", limit) or not int(limit):
            raise MockError(f"limit: {limit!r} is not a number", advice="1 to 999999999")
        return json_response(self._desk.journal(account_key(request), filters(request), int(limit)))

    async def count(self, request: Request) -> Response:
        return json_response({"count": self._desk.count(account_key(request), filters(request))})

    async def deliveries(self, request: Request) -> Response:
        return json_response(
            self._desk.deliveries(account_key(request), request.query_params.get("task", ""))
        )

    async def reset(self, request: Request) -> Response:
        # An account that is named in the body must not lead to the loss of all.
        await body_of(request)
        await self._desk.reset(account_key(request))
        return json_response({"reset": account_key(request) or "everything"})


Handler = Callable[[Request], Awaitable[Response]]


def guarded(handler: Handler, parameters: Sequence[str]) -> Handler:
    """MockError as 400 with its text; no parameters but those; no orders from web pages of other origins."""

    async def run(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin and request.method != "GET" and not_of(origin, request.headers.get("host", "")):
            return json_response(
                {"error": f"the control plane takes no orders from {origin}"[:MOST_WORDS]}, 403
            )
        try:
            check_parameters(request, parameters)
            return await handler(request)
        except MockError as error:
            return json_response({"error": str(error)[:MOST_WORDS]}, 400)
        except ClientDisconnect:
            return Response(status_code=400)  # read by nobody

    return run


def not_of(origin: str, host: str) -> bool:
    """Whether a web page of `origin` is another server's ("null" and malformed ones are)."""
    return origin.partition("://")[2] != host


def check_parameters(request: Request, parameters: Sequence[str]) -> None:
    known = sorted({"account", *parameters})
    if unknown := sorted(request.query_params.keys() - set(known)):
        raise MockError(
            f"no parameter {unknown[0]!r}", where=request.scope["path"], advice=f"known: {', '.join(known)}"
        )


async def not_found(request: Request, _: Exception) -> Response:
    return json_response({"error": f"nothing at {request.scope['path']}"[:MOST_WORDS], "see": ROOT}, 404)


async def not_allowed(request: Request, error: Exception) -> Response:
    """405, with the methods that there are (RFC 9110, 15.5.6)."""
    headers: dict[str, str] = getattr(error, "headers", None) or {}
    allowed = ", ".join(sorted(headers.get("Allow", "").split(", ")))
    said = {"error": f"{request.scope['path']} takes {allowed}, not {request.method}", "see": ROOT}
    response = json_response(said, 405)
    response.headers["Allow"] = allowed
    return response


def control_app(desk: Desk) -> Starlette:
    """The control plane's ASGI application."""
    plane = Plane(desk)

    def route(path: str, handler: Handler, *methods: str, takes: Sequence[str] = ()) -> Route:
        return Route(path, guarded(handler, takes), methods=list(methods))

    app = Starlette(
        routes=[
            route("/", plane.overview, "GET"),
            route(ROOT, plane.overview, "GET"),
            route(f"{ROOT}/", plane.overview, "GET"),
            route(f"{ROOT}/health", plane.health, "GET"),
            route(f"{ROOT}/scenarios", plane.scenarios, "GET"),
            route(f"{ROOT}/openapi.json", plane.document, "GET", takes=["profile"]),
            route(f"{ROOT}/clock", plane.clock, "GET", "POST"),
            route(f"{ROOT}/clock/advance", plane.advance, "POST"),
            route(f"{ROOT}/pace", plane.pace, "POST"),
            route(f"{ROOT}/scenario", plane.scenario, "POST", "DELETE"),
            route(f"{ROOT}/faults", plane.force, "POST"),
            route(f"{ROOT}/limits", plane.limits, "POST"),
            route(f"{ROOT}/tasks", plane.tasks, "GET"),
            route(f"{ROOT}/tasks/{{id}}/finish", plane.finish, "POST"),
            route(f"{ROOT}/journal", plane.journal, "GET", takes=[*FILTERS, "limit"]),
            route(f"{ROOT}/journal/count", plane.count, "GET", takes=FILTERS),
            route(f"{ROOT}/deliveries", plane.deliveries, "GET", takes=["task"]),
            route(f"{ROOT}/reset", plane.reset, "POST"),
        ],
        exception_handlers={404: not_found, 405: not_allowed},
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    return app
