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

from understudy.mockserver.accounts.journal import FILTERS
from understudy.mockserver.control.access import ForbiddenControlError
from understudy.mockserver.control.document import control_document
from understudy.mockserver.errors import MockError, Refused
from understudy.mockserver.jsontext import too_deep
from understudy.specs.render.openapi32 import as_openapi_32

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.mockserver.control.access import Access
    from understudy.mockserver.control.metrics import Metrics
    from understudy.mockserver.control.plane import ControlPlane

MOST_BODY = 1_048_576
# Of an error, which may quote what was sent, in characters.
MOST_WORDS = 1000
ROOT = "/__understudy__"
# Seconds after which a client may try again what is refused for want of a store.
RETRY_AFTER = "1"
# How rows are asked for page by page, and how many there are unless told.
PAGE = ("limit", "before")
PAGE_ROWS = 1000
# At most, for the loop waits for them. Of tasks there may be millions; journals are bounded by themselves.
MOST_TASKS = 5_000
MOST_ROWS = 100_000


def json_response(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value, option=orjson.OPT_INDENT_2), status, media_type="application/json")


def account_key(request: Request) -> str | None:
    """The key that a control request is about; None for the whole server."""
    if "account" in request.query_params:
        return request.query_params["account"] or None
    header = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    access: Access = request.app.state.access
    if scheme.lower() != "bearer" or not token.strip() or token.strip() == access.control_key:
        return None
    # A JWT stands for its issuer, here as for clients; what is no valid key may be looked at all the same.
    return access.own_account(request.headers) or token.strip()


def filters(request: Request) -> dict[str, str]:
    return {k: v for k, v in request.query_params.items() if k not in ("account", *PAGE) and v}


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
            f"unknown member {unknown[0]!r}", where="the body", advice=f"known: {', '.join(known) or 'none'}"
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


class ControlHandlers:
    """The handlers; each reads its request, asks the control, and answers JSON."""

    def __init__(self, control: ControlPlane, metrics: Metrics | None = None) -> None:
        self._control = control
        self._metrics = metrics

    def wrapped(self, handler: Handler) -> Handler:
        """A handler as it is run."""
        return handler

    async def overview(self, request: Request) -> Response:
        return json_response(self._control.overview())

    async def health(self, request: Request) -> Response:
        return json_response({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """503 while what would change a task is refused: a balancer sends requests elsewhere then."""
        trouble = self._control.trouble()
        if trouble:
            response = json_response({"status": "not ready", "because": trouble}, 503)
            response.headers["Retry-After"] = RETRY_AFTER
            return response
        return json_response({"status": "ready"})

    async def metrics(self, request: Request) -> Response:
        if self._metrics is None:
            return json_response({"error": "metrics are off (start with serve --metrics)"}, 404)
        tasks = await self._metrics.tasks_by_state()
        text = self._metrics.text(tasks, self._metrics.counts())
        return Response(text, media_type=self._metrics.media_type)

    async def scenarios(self, request: Request) -> Response:
        return json_response(self._control.scenarios())

    async def document(self, request: Request) -> Response:
        document = self._control.document(request.query_params.get("profile", ""))
        version = request.query_params.get("openapi", "3.1")
        if version not in ("3.1", "3.2"):
            raise MockError(f"OpenAPI {version!r} is not written", where="openapi", advice="known: 3.1, 3.2")
        return json_response(document if version == "3.1" else as_openapi_32(document, str(request.url)))

    async def own_document(self, request: Request) -> Response:
        return json_response(control_document())

    async def clock(self, request: Request) -> Response:
        key = account_key(request)
        if request.method in ("GET", "HEAD"):
            return json_response(self._control.clock(key))
        body = await body_of(request, "rate")
        return json_response(await self._control.set_rate(key, member(body, "rate", int, float)))

    async def advance(self, request: Request) -> Response:
        body = await body_of(request, "seconds", "to")
        key = account_key(request)
        if body.keys() >= {"seconds", "to"}:
            raise MockError("seconds and to exclude each other", where="the body", advice="take one of them")
        if "to" in body:
            if body["to"] != "next":
                raise MockError(f"unknown moment {body['to']!r}", advice="known: next")
            return json_response(await self._control.advance_to_next(key))
        seconds = member(body, "seconds", int, float)
        if not 0 <= seconds <= 10**9:
            raise MockError(f"cannot advance by {seconds} s", advice="0 to 1000000000")
        return json_response(await self._control.advance(key, round(seconds * 1000)))

    async def pace(self, request: Request) -> Response:
        body = await body_of(request, "pace")
        return json_response(self._control.set_pace(account_key(request), member(body, "pace", str)))

    async def scenario(self, request: Request) -> Response:
        if request.method == "DELETE":
            return json_response(self._control.set_scenario(account_key(request), ""))
        body = await body_of(request, "scenario")
        return json_response(self._control.set_scenario(account_key(request), member(body, "scenario", str)))

    async def force(self, request: Request) -> Response:
        body = await body_of(request, "scenario", "next")
        scenario, count = member(body, "scenario", str), member(body, "next", int, default=1)
        return json_response(self._control.force(account_key(request), scenario, count))

    async def limits(self, request: Request) -> Response:
        body = await body_of(request, *self._control.limit_names())
        return json_response(self._control.set_limits(account_key(request), body))

    async def tasks(self, request: Request) -> Response:
        limit = page_size(request, MOST_TASKS)
        return json_response(
            self._control.tasks(account_key(request), limit, request.query_params.get("before", ""))
        )

    async def finish(self, request: Request) -> Response:
        body = await body_of(request, "status", "reason")
        status, reason = member(body, "status", str, default=""), member(body, "reason", str, default="")
        task = self._control.owned(request.path_params["id"], account_key(request))
        return json_response(await self._control.finish(task, status, reason))

    async def journal(self, request: Request) -> Response:
        limit = page_size(request)
        return json_response(self._control.journal(account_key(request), filters(request), limit))

    async def count(self, request: Request) -> Response:
        return json_response({"count": self._control.count(account_key(request), filters(request))})

    async def deliveries(self, request: Request) -> Response:
        task, limit = request.query_params.get("task", ""), page_size(request)
        return json_response(self._control.deliveries(account_key(request), task, limit))

    async def send(self, request: Request) -> Response:
        body = await body_of(request, "task", "status", "forged")
        sent = await self._control.send_callback(
            self._control.owned(member(body, "task", str), account_key(request)),
            member(body, "status", str, default=""),
            forged=member(body, "forged", bool, default=False),
        )
        return json_response(sent)

    async def reset(self, request: Request) -> Response:
        # An account that is named in the body must not lead to the loss of all.
        await body_of(request)
        await self._control.reset(account_key(request))
        return json_response({"reset": account_key(request) or "everything"})


Handler = Callable[[Request], Awaitable[Response]]


def guarded(handler: Handler, parameters: Sequence[str], *, is_open: bool = False) -> Handler:
    """Control requests of callers who may make them (`control.access`), with no parameters but those.

    What is `is_open` tells nothing of any account, and needs no key. MockError is 400 with its text; where a
    store cannot be written, 503.
    """

    async def run(request: Request) -> Response:
        access: Access = request.app.state.access
        try:
            access.check_caller(request.headers)
            if not is_open:
                access.check_command(request.headers, account_key(request))
            check_parameters(request, parameters)
            return await handler(request)
        except ForbiddenControlError as forbidden:
            return json_response({"error": str(forbidden)[:MOST_WORDS]}, forbidden.status)
        except MockError as error:
            return json_response({"error": str(error)[:MOST_WORDS]}, 400)
        except Refused as refused:
            return json_response(
                {"error": refused.values.get("because", refused.situation)[:MOST_WORDS]}, 503
            )
        except ClientDisconnect:
            return Response(status_code=400)  # read by nobody

    return run


def page_size(request: Request, most: int = MOST_ROWS) -> int:
    """How many rows are asked for at most."""
    limit = request.query_params.get("limit", str(PAGE_ROWS))
    if not re.fullmatch("[0-9]{1,9}", limit) or not 1 <= int(limit) <= most:
        advice = "before=ID gives the next page" if most == MOST_TASKS else "filters give fewer"
        raise MockError(f"limit: {limit[:20]!r} is not a number from 1 to {most}", advice=advice)
    return int(limit)


def check_parameters(request: Request, parameters: Sequence[str]) -> None:
    known = sorted({"account", *parameters})
    if unknown := sorted(request.query_params.keys() - set(known)):
        raise MockError(
            f"unknown parameter {unknown[0]!r}",
            where=request.scope["path"],
            advice=f"known: {', '.join(known)}",
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


def control_app(
    control: ControlPlane,
    metrics: Metrics | None = None,
    handlers: Callable[..., ControlHandlers] | None = None,
) -> Starlette:
    """The control plane's ASGI application; `handlers` are others than those of one process."""
    plane = (handlers or ControlHandlers)(control, metrics)

    def route(path: str, handler: Handler, *methods: str, takes: Sequence[str] = ()) -> Route:
        return Route(path, guarded(plane.wrapped(handler), takes), methods=list(methods))

    def open_route(path: str, handler: Handler, *, takes: Sequence[str] = ()) -> Route:
        return Route(path, guarded(plane.wrapped(handler), takes, is_open=True), methods=["GET"])

    app = Starlette(
        routes=[
            open_route("/", plane.overview),
            open_route(ROOT, plane.overview),
            open_route(f"{ROOT}/", plane.overview),
            open_route(f"{ROOT}/health", plane.health),
            open_route(f"{ROOT}/ready", plane.ready),
            open_route(f"{ROOT}/metrics", plane.metrics),
            open_route(f"{ROOT}/scenarios", plane.scenarios),
            open_route(f"{ROOT}/openapi.json", plane.document, takes=["profile", "openapi"]),
            open_route(f"{ROOT}/control/openapi.json", plane.own_document),
            route(f"{ROOT}/clock", plane.clock, "GET", "POST"),
            route(f"{ROOT}/clock/advance", plane.advance, "POST"),
            route(f"{ROOT}/pace", plane.pace, "POST"),
            route(f"{ROOT}/scenario", plane.scenario, "POST", "DELETE"),
            route(f"{ROOT}/faults", plane.force, "POST"),
            route(f"{ROOT}/limits", plane.limits, "POST"),
            route(f"{ROOT}/tasks", plane.tasks, "GET", takes=PAGE),
            route(f"{ROOT}/tasks/{{id}}/finish", plane.finish, "POST"),
            route(f"{ROOT}/journal", plane.journal, "GET", takes=[*FILTERS, "limit"]),
            route(f"{ROOT}/journal/count", plane.count, "GET", takes=FILTERS),
            route(f"{ROOT}/deliveries", plane.deliveries, "GET", takes=["task", "limit"]),
            route(f"{ROOT}/deliveries/send", plane.send, "POST"),
            route(f"{ROOT}/reset", plane.reset, "POST"),
        ],
        exception_handlers={404: not_found, 405: not_allowed},
    )
    app.router.redirect_slashes = False
    app.state.control = control
    app.state.access = control.access
    return app
