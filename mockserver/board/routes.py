"""The board's page, its data and its stream of changes over HTTP (Starlette).

The page, its assets and the inbox are open to all: they hold nothing. Data needs a key where the control
plane does (keys are set, or others can reach the server): an account's key shows that account, the control
key shows all.
"""

from __future__ import annotations

import asyncio
import functools
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from understudy.mockserver.accounts.journal import without_secrets
from understudy.mockserver.board.docs import DOCS_POLICY, REDOC, redoc
from understudy.mockserver.board.examples import examples
from understudy.mockserver.board.inbox import ANSWERS, MOST_BODY, Inbox, box_of
from understudy.mockserver.board.rows import LANES, Rows
from understudy.mockserver.board.watch import Watch
from understudy.mockserver.control.routes import (
    ROOT,
    account_key,
    body_of,
    guarded,
    json_response,
    member,
    not_allowed,
    not_found,
)
from understudy.mockserver.endpoints.results import answer
from understudy.mockserver.errors import MockError, Refused
from understudy.specs.library import HERE as SPECS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.requests import Request

    from understudy.mockserver.control.plane import ControlPlane
    from understudy.mockserver.control.routes import Handler
    from understudy.mockserver.endpoints.results import ResultFiles
    from understudy.mockserver.play.family import PlayedFamily
    from understudy.mockserver.state import ServerState

BOARD = f"{ROOT}/board"
STATIC = Path(__file__).parent / "static"
# The reports' own, so that all pages look alike.
PALETTE = SPECS / "report" / "palette.css"
# Only what this server itself has, and no script but its files.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SCRIPTS = ("board.js", "detail.js", "docs.js", "example.js", "lanes.js", "lists.js", "live.js", "page.js")
ASSETS = (*SCRIPTS, "board.css", "docs.css", "icon.svg")
# Boards that may be open at a time; seconds between two looks, which take at most this share of the time.
MOST_BOARDS = 16
LOOK_SECONDS, SHARE = 0.25, 0.04
# Seconds after which an open stream says that it is still there. A board that was closed is found out by it:
# the server goes on answering who has only said that nothing more will come.
BEAT_SECONDS = 2.0


def page(name: str, policy: str = POLICY) -> Response:
    """One of our files, never from a cache: a new version is seen at once."""
    file = PALETTE if name == PALETTE.name else STATIC / name
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept",
    }
    return Response(file.read_bytes(), headers=headers, media_type=TYPES[file.suffix])


class Board:
    """The handlers. They ask the control plane for what it does, and the server's state for what it has."""

    def __init__(self, server: ServerState, control: ControlPlane, results: ResultFiles) -> None:
        self._state = server
        self._plane = control
        self._results = results
        self._rows = Rows(server)
        self._inbox = Inbox()
        self._open = 0
        # Whether data needs a key: as commands of the control plane do.
        self._keyed = control.access.closed

    # --- pages

    async def index(self, request: Request) -> Response:
        return page("index.html")

    async def docs(self, request: Request) -> Response:
        return page("docs.html", DOCS_POLICY)

    async def redoc(self, request: Request) -> Response:
        return redoc(packed="gzip" in request.headers.get("accept-encoding", ""))

    # --- data

    def account(self, request: Request) -> str | None:
        """The account that a request is about, None for all; raises KeyNeededError without a valid key."""
        if self._keyed and not self._plane.access.has_control_key(request.headers):
            own = self._plane.access.own_account(request.headers)
            if own is None:
                raise KeyNeededError("give the bearer key of an account, or the control key")
            return own
        return account_key(request)

    async def state(self, request: Request) -> Response:
        """What does not change while a server runs, and how the account is set."""
        server, key = self._state, self.account(request)
        account = self._plane.account(key)
        clock = self._plane.clock(key)
        own = account.scenario if account is not None else None
        return json_response(
            {
                "profiles": [{"name": p.name, "title": p.title} for p in server.profiles],
                "lanes": list(LANES),
                "examples": examples(server),
                "scenarios": self._plane.scenarios(),
                "families": [self._family(played) for played in server.families.values()],
                "pace": str((account.pace if account is not None else None) or server.defaults.pace),
                "scenario": server.defaults.scenario if own is None else own,
                "clock": clock,
                "signed": bool(server.settings.webhook_secrets),
                # Whether the caller sees one account alone.
                "one_account": self._keyed and key is not None,
                "inbox": self._inbox_url(request, key or ""),
                "answers": self._inbox.answer,
                "known_answers": list(ANSWERS),
            }
        )

    def _family(self, played: PlayedFamily) -> dict[str, Any]:
        """The states and ends of a family, for what can be done to its tasks."""
        family = played.behaviour
        life = family.lifecycle
        return {
            "profile": played.profile.name,
            "family": family.name,
            "states": {name: self._rows.lane(played, name) for name in life.names},
            "ends": [name for name in life.names if life.is_terminal(name)],
            "success": life.success,
            "failure": life.failure,
            "failures": [{"name": name, "reason": reason} for name, reason in family.failures.items()],
        }

    def _inbox_url(self, request: Request, key: str) -> str:
        """Where this server reaches its own inbox: by the address that the browser came to."""
        host, port = request.scope.get("server") or ("127.0.0.1", 80)
        name = f"[{host}]" if ":" in host else host
        return f"{request.url.scheme}://{name}:{port}{ROOT}/inbox/{box_of(key)}"

    async def stream(self, request: Request) -> Response:
        """Server-sent events: `snapshot`, then `changes` as they come."""
        key = self.account(request)
        if self._open >= MOST_BOARDS:
            raise MockError(f"{self._open} boards are open already", advice="close one")
        self._plane.account(key)
        box = box_of(key or "") if self._keyed else None
        watch = Watch(self._state, self._rows, self._inbox, key, box)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(watch), headers=headers, media_type="text/event-stream")

    async def _events(self, watch: Watch) -> AsyncIterator[bytes]:
        self._open += 1
        try:
            yield event("snapshot", await watch.snapshot())
            told, pause = time.monotonic(), LOOK_SECONDS
            while True:
                await asyncio.sleep(pause)
                began = time.perf_counter()
                news = await watch.changes()
                if "reset" in news:
                    yield event("snapshot", await watch.snapshot())
                elif news:
                    yield event("changes", news)
                elif time.monotonic() - told > BEAT_SECONDS:
                    yield b": still here\n\n"
                else:
                    continue
                told = time.monotonic()
                # A big server is looked at less often, so that clients do not feel it.
                pause = max(LOOK_SECONDS, (time.perf_counter() - began) / SHARE)
        finally:
            self._open -= 1

    async def task(self, request: Request) -> Response:
        """Everything about one task: its plan, results, requests and callbacks."""
        key, server = self.account(request), self._state
        task = server.store.task(request.path_params["id"])
        if task is None or (key is not None and task.account != key):
            raise MockError(f"unknown task {request.path_params['id']}")
        account, played = server.accounts.get(task.account), server.played_by(task)
        now = account.clock.now()
        index = task.index(now)
        plan = [
            {"status": s, "at": task.created_at + o, "lane": self._rows.lane(played, s)}
            for s, o in zip(task.plan.statuses, task.plan.offsets, strict=True)
        ]
        deliveries = [
            {**self._rows.delivery(one), "headers": one.headers, "body": one.show()["body"]}
            for one in account.logged_deliveries()
            if one.task == task.id
        ]
        return json_response(
            {
                "task": self._rows.task(task, played, index),
                "now": now,
                "plan": plan,
                "waits_for_polls": task.plan.polls - task.polled if task.plan.rest else 0,
                "callback_url": without_secrets(task.callback_url),
                "results": self._rows.results(task, played, index),
                "requests": [
                    self._rows.whole_request(entry)
                    for entry in account.journal.entries()
                    if entry.task == task.id
                ],
                "deliveries": deliveries,
            }
        )

    async def request(self, request: Request) -> Response:
        """One request of the journals, whole."""
        key, number = self.account(request), request.path_params["number"]
        account = self._plane.account(key)
        journals = [one.journal for one in self._state.accounts] if account is None else [account.journal]
        journals += [self._state.unidentified] if account is None else []
        for journal in journals:
            for entry in journal.entries():
                if entry.number == number:
                    return json_response(self._rows.whole_request(entry))
        raise MockError(f"unknown request {number}", advice="the journal keeps the last ones")

    async def result(self, request: Request) -> Response:
        """A result's file, as its own address gives it, but unseen by the journal."""
        try:
            task, index, watermark = self._results.find(request.url.path.removeprefix(BOARD))
        except Refused as refused:
            return json_response({"error": f"no result here: {refused.situation}"}, 404)
        kind = self._results.media_type(task, request.url.path)
        media_type, data = await self._results.bytes(task, index, watermark=watermark, media_type=kind)
        asked = {name.lower(): value for name, value in request.headers.raw}
        status, headers, body = answer(data, media_type, request.method, asked)
        response = Response(body, status, media_type=media_type)
        response.raw_headers = [*headers, (b"cache-control", b"private, max-age=600")]
        return response

    async def thumb(self, request: Request) -> Response:
        """The first result of a task, as small as a card shows it. As for results, the link is enough."""
        from understudy.mockserver.board.thumbs import thumbnail  # here: it loads Pillow

        task = self._state.store.task(request.path_params["id"])
        if task is None:
            raise MockError(f"unknown task {request.path_params['id']}")
        draw = functools.partial(
            thumbnail,
            task.id,
            task.request.text,
            film=self._state.played_by(task).behaviour.result.kind == "video",
        )
        data = await self._results.drawn(draw)
        return Response(data, headers={"Cache-Control": "private, max-age=600"}, media_type="image/png")

    # --- the inbox

    async def receive(self, request: Request) -> Response:
        """A callback: kept, and answered as the board says."""
        body = b""
        async for part in request.stream():
            body += part[: MOST_BODY - len(body)]
        now = self._state.settings.wall() // 1_000_000
        box = request.path_params["box"]
        status = self._inbox.take(box, now, request.headers.items(), request.url.query, body)
        headers = {"Location": "/"} if status == 302 else {}
        return Response(status_code=status, headers=headers)

    async def inbox(self, request: Request) -> Response:
        """Choose what the inbox answers, or empty it."""
        self.account(request)
        if request.method == "DELETE":
            self._inbox.clear()
        else:
            body = await body_of(request, "answer")
            status = member(body, "answer", int)
            if status not in ANSWERS:
                known = ", ".join(map(str, ANSWERS))
                raise MockError(f"unknown answer {status}", where="the body", advice=f"known: {known}")
            self._inbox.answer = status
        return json_response({"answer": self._inbox.answer})


def event(name: str, data: Any) -> bytes:
    """One server-sent event (HTML standard, 9.2.6); JSON has no line ends."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))


class KeyNeededError(MockError):
    """Data is for those who have a key, and the request came with none."""


def with_key(handler: Handler) -> Handler:
    """KeyNeededError as 401 (RFC 9110, 15.5.2)."""

    async def run(request: Request) -> Response:
        try:
            return await handler(request)
        except KeyNeededError as error:
            response = json_response({"error": str(error)}, 401)
            response.headers["WWW-Authenticate"] = "Bearer"
            return response

    return run


def board_app(server: ServerState, control: ControlPlane, results: ResultFiles) -> Starlette:
    """The board's ASGI application."""
    board = Board(server, control, results)

    def route(path: str, handler: Handler, *methods: str, takes: Sequence[str] = ()) -> Route:
        return Route(path, guarded(with_key(handler), takes, is_open=True), methods=list(methods))

    app = Starlette(
        routes=[
            Route("/", board.index, methods=["GET"]),
            Route(BOARD, board.index, methods=["GET"]),
            *(Route(f"{BOARD}/{name}", _asset(name), methods=["GET"]) for name in (*ASSETS, PALETTE.name)),
            Route(f"{ROOT}/docs", board.docs, methods=["GET"]),
            Route(f"{ROOT}/docs/{REDOC}", board.redoc, methods=["GET"]),
            Route(f"{ROOT}/inbox/{{box}}", board.receive, methods=["POST"]),
            route(f"{BOARD}/results/{{file:path}}", board.result, "GET"),
            route(f"{BOARD}/thumbs/{{id}}", board.thumb, "GET"),
            route(f"{BOARD}/state", board.state, "GET"),
            route(f"{BOARD}/events", board.stream, "GET"),
            route(f"{BOARD}/tasks/{{id}}", board.task, "GET"),
            route(f"{BOARD}/requests/{{number:int}}", board.request, "GET"),
            route(f"{BOARD}/inbox", board.inbox, "POST", "DELETE"),
        ],
        exception_handlers={404: not_found, 405: not_allowed},
    )
    app.router.redirect_slashes = False
    app.state.control = control
    app.state.access = control.access
    return app


def _asset(name: str) -> Handler:
    async def give(_: Request) -> Response:
        return page(name)

    return give
