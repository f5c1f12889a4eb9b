"""The control plane of a replica: its commands reach all replicas before they are answered."""

from __future__ import annotations

import functools
import operator
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from understudy.mockserver.accounts.clock import checked_rate
from understudy.mockserver.accounts.journal import select, show
from understudy.mockserver.accounts.pace import read_pace
from understudy.mockserver.control.metrics import Counts
from understudy.mockserver.control.plane import next_change
from understudy.mockserver.control.routes import (
    ControlHandlers,
    account_key,
    body_of,
    filters,
    json_response,
    member,
    page_size,
)
from understudy.mockserver.errors import MockError
from understudy.mockserver.replicas.rerun import rerun

if TYPE_CHECKING:
    from starlette.requests import Request

    from understudy.mockserver.accounts.clock import Clock
    from understudy.mockserver.control.metrics import Metrics
    from understudy.mockserver.control.plane import ControlPlane
    from understudy.mockserver.control.routes import Handler
    from understudy.mockserver.replicas.state import ReplicaState

FORGET = "DELETE FROM understudy_tasks WHERE account = $1 AND id < $2"
FORGET_ALL = "DELETE FROM understudy_tasks WHERE id < $1"
FORGET_SETTINGS = "DELETE FROM understudy_accounts WHERE account = $1"
FORGET_ALL_SETTINGS = "DELETE FROM understudy_accounts WHERE account <> ''"


def ahead(clock: Clock, milliseconds: int) -> tuple[int, int, float]:
    """The course of a clock that shows so much more."""
    base, anchor, rate = clock.course
    return base + milliseconds, anchor, rate


class ReplicaHandlers(ControlHandlers):
    """The handlers of a replica; `state` is its own."""

    def __init__(self, control: ControlPlane, metrics: Metrics | None = None) -> None:
        super().__init__(control, metrics)
        self._state: ReplicaState = control._state  # type: ignore[assignment]
        self._bus = self._state.bus
        self._bus.handlers |= {"reset": self._on_reset, "read": self._on_read}

    def wrapped(self, handler: Handler) -> Handler:
        async def run(request: Request) -> Response:
            raw = await request.body()
            # A second run finds it where the first one did.
            request._body = raw
            return await rerun(self._state, lambda: handler(request))

        return run

    # --- time

    async def clock(self, request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            return await super().clock(request)
        key = account_key(request)
        rate = checked_rate(member(await body_of(request, "rate"), "rate", int, float))
        async with self._state.database.locked(f"clock {key or ''}"):
            clock = self._state.clock_of(key or "")
            await self._set_course(key, (clock.now(), self._state.time(), float(rate)))
        return json_response(self._control.clock(key))

    async def _set_course(self, key: str | None, course: tuple[int, int, float]) -> None:
        await self._bus.ask_all("course", account=key or "", course=course)
        await self._state.save(key or "", self._bus.last)

    async def advance(self, request: Request) -> Response:
        key = account_key(request)
        body = await body_of(request, "seconds", "to")
        if body.keys() >= {"seconds", "to"}:
            raise MockError("seconds and to exclude each other", where="the body", advice="take one of them")
        if "to" not in body:
            seconds = member(body, "seconds", int, float)
            if not 0 <= seconds <= 10**9:
                raise MockError(f"cannot advance by {seconds} s", advice="0 to 1000000000")
            await self._advance(key, round(seconds * 1000))
            return json_response(self._control.clock(key))
        if body["to"] != "next":
            raise MockError(f"unknown moment {body['to']!r}", advice="known: next")
        changed = await self._advance(key, None)
        return json_response({**self._control.clock(key), "changed": changed})

    async def _advance(self, key: str | None, milliseconds: int | None) -> bool:
        """Move a clock on all replicas, stopping at every delivery; None: to the next change of anything.

        False when there is nothing to move to.
        """
        state, account = self._state, key or ""
        async with state.database.locked(f"clock {account}"):
            clock = state.clock_of(account)
            if key is not None and clock is state.defaults.clock:
                # A clock of its own starts where the shared one is, at the same rate.
                await self._bus.ask_all("course", account=account, course=clock.course)
                clock = state.clock_of(account)
            dues = await self._bus.ask_all("pause", account=account)
            try:
                now = clock.now()
                target = (
                    await self._next_change(key, clock, dues) if milliseconds is None else now + milliseconds
                )
                while target is not None:
                    due = min((one for one in dues.values() if one is not None), default=None)
                    if due is None or due > target:
                        break
                    course = ahead(clock, max(0, due - clock.now()))
                    dues = await self._bus.ask_all("step", account=account, course=course, due=due)
                course = clock.course if target is None else ahead(clock, max(0, target - clock.now()))
            finally:
                await self._bus.ask_all("resume", account=account)
            await self._set_course(key, course)
            return target is not None

    async def _next_change(self, key: str | None, clock: Clock, dues: dict[str, int | None]) -> int | None:
        now = clock.now()
        moments = [due for due in dues.values() if due is not None and due > now]
        store = self._state.store
        keys = [key] if key is not None else await store.account_names()
        for one in keys:
            if self._state.clock_of(one) is clock:
                changes = (next_change(task, now) for task in await store.all_of(one))
                moments += [at for at in changes if at is not None]
        return min(moments, default=None)

    # --- what accounts are given

    async def pace(self, request: Request) -> Response:
        pace = str(read_pace(member(await body_of(request, "pace"), "pace", str)))
        await self._set(account_key(request), "pace", pace)
        return json_response({"pace": pace})

    async def scenario(self, request: Request) -> Response:
        text = ""
        if request.method != "DELETE":
            text = member(await body_of(request, "scenario"), "scenario", str)
        self._state.choose(text)
        await self._set(account_key(request), "scenario", text)
        return json_response({"scenario": text})

    async def _set(self, key: str | None, name: str, text: str) -> None:
        await self._bus.ask_all("set", account=key or "", name=name, text=text)
        await self._state.save(key or "", self._bus.last)

    async def force(self, request: Request) -> Response:
        return await self._counted(request, super().force)

    async def limits(self, request: Request) -> Response:
        return await self._counted(request, super().limits)

    async def _counted(self, request: Request, handler: Handler) -> Response:
        """Give an account something to count; from then on every replica holds its counters to look at it."""
        key = account_key(request)
        if key is None:
            return await handler(request)  # which says why not
        self._control.account(key)
        async with self._state.counters.hold(key):
            answer = await handler(request)
        await self._bus.ask_all("counted", account=key)
        await self._state.save(key, self._bus.last)
        return answer

    async def reset(self, request: Request) -> Response:
        await body_of(request)
        key = account_key(request)
        state = self._state
        cut = state.ids.task()
        if key is None:
            await state.database.fetch(FORGET_ALL, cut)
            await state.database.fetch(FORGET_ALL_SETTINGS)
        else:
            await state.database.fetch(FORGET, key, cut)
            await state.database.fetch(FORGET_SETTINGS, key)
        await self._bus.ask_all("reset", account=key, cut=cut)
        if key is None:
            await state.save("", self._bus.last)
        return json_response({"reset": key or "everything"})

    async def _on_reset(self, sender: str, given: dict[str, Any]) -> None:
        state, key = self._state, given["account"]
        state.store.cut = given["cut"]
        try:
            # Without waiting: what comes now belongs to the time after.
            for account in [state.accounts.get(key)] if key is not None else list(state.accounts):
                self._control._reset(account)
            if key is None:
                state.unidentified.clear()
                self._control.set_scenario(None, state.settings.scenario)
                self._control.set_pace(None, state.settings.pace)
        finally:
            state.store.cut = ""

    # --- what has happened

    async def journal(self, request: Request) -> Response:
        wanted, limit = filters(request), page_size(request)
        self._control.journal(account_key(request), wanted, 1)  # which says what is wrong with them
        rows = await self._read("journal", account_key(request), wanted, limit)
        return json_response([shown for _, shown in rows[-limit:]])

    async def count(self, request: Request) -> Response:
        wanted = filters(request)
        self._control.count(account_key(request), wanted)
        said = await self._bus.ask_all(
            "read", what="count", account=account_key(request), wanted=wanted, limit=1
        )
        return json_response({"count": sum(said.values())})

    async def deliveries(self, request: Request) -> Response:
        limit = page_size(request)
        wanted = {"task": request.query_params.get("task", "")}
        rows = await self._read("deliveries", account_key(request), wanted, limit)
        return json_response([shown for _, shown in rows[-limit:]])

    async def metrics(self, request: Request) -> Response:
        """What this process and the other workers of its port have counted: a scrape reaches any of them."""
        if self._metrics is None:
            return await super().metrics(request)
        tasks = await self._metrics.tasks_by_state()
        said = await self._bus.ask_all("read", what="metrics", account=None, wanted={}, limit=1)
        found = [Counts(*counts) for group, counts in said.values() if group == self._state.group]
        text = self._metrics.text(tasks, functools.reduce(operator.add, found))
        return Response(text, media_type=self._metrics.media_type)

    async def _read(self, what: str, key: str | None, wanted: dict[str, str], limit: int) -> list[Any]:
        said = await self._bus.ask_all("read", what=what, account=key, wanted=wanted, limit=limit)
        return sorted((row for rows in said.values() for row in rows), key=lambda row: int(row[0]))

    async def _on_read(self, sender: str, given: dict[str, Any]) -> Any:
        key, wanted, limit = given["account"], given["wanted"], given["limit"]
        if given["what"] == "metrics":
            return [self._state.group, astuple(self._metrics.counts()) if self._metrics is not None else []]
        if given["what"] == "count":
            return self._control.count(key, wanted)
        if given["what"] == "journal":
            known = self._control._routes.shared.known()
            entries = list(select(self._control._entries(key), wanted))[-limit:]
            return [[entry.number, show(entry, known)] for entry in entries]
        accounts = [self._state.accounts.get(key)] if key is not None else list(self._state.accounts)
        found = [d for account in accounts for d in account.logged_deliveries()]
        chosen = [d for d in found if not wanted["task"] or d.task == wanted["task"]][-limit:]
        return [[d.number, d.show()] for d in chosen]
