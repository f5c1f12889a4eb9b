"""After everything else: is what ended still there, whose is it, and did late callbacks come?"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.calls import Call
from understudy.contracts.checks.callbacks import came_again, refused
from understudy.contracts.checks.view import TaskView
from understudy.contracts.client import OTHER, OWN, Outgoing
from understudy.contracts.runner.callbacks import all_told
from understudy.contracts.runner.free import UNKNOWN
from understudy.contracts.strategies.values import bare
from understudy.specs.behaviour.signed import PUBLIC
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from understudy.contracts.budget import Budget
    from understudy.contracts.checks.view import TaskTrace
    from understudy.contracts.runner.asking import Asking
    from understudy.contracts.runner.recording import Recording
    from understudy.contracts.target_family import TargetFamily

    Step = Callable[[], Awaitable[object]]

MOST_TASKS, MOST_RESULTS = 24, 6
# Seconds that callbacks get which did not come in time: late is not missing.
LATE = 8.0
# Seconds that a callback gets to come again which our receiver has answered with 500.
RETRY = 30.0


async def last_looks(asks: Asking, pays: Budget, records: Recording) -> None:
    """Ask for ended tasks and results again, with wrong keys too, once some seconds have passed."""
    views = [TaskView(asks.target, family, records.conversation) for family in asks.families]
    ended = [t for view in views for t in view.followed if t.terminal is not None]
    if ended:
        first = min(t.terminal.at for t in ended if t.terminal) / 1000
        wait = first + asks.options.settle - asks.client.now()
        await asks.client.sleep(max(0.0, min(wait, asks.time_left())))
    for view in views:
        mine = [t for t in view.followed if t.terminal is not None]
        # The first and the last: what is thrown away to make room is the oldest.
        chosen = mine[:MOST_TASKS] if len(mine) <= MOST_TASKS else mine[: MOST_TASKS - 2] + mine[-2:]
        chosen = [*chosen, *(t for t in view.older if t.terminal is not None)]
        await asks.each(_again(asks, view.family, chosen))
        if asks.wants("results-stay"):
            await asks.each(_results(asks, view, chosen))
        await asks.each(_nearly(asks, view.family, chosen))
        await asks.each(_nearly_id(asks, view.family, chosen[:1]))
        await asks.each(_wrong_keys(asks, view.family, chosen[:1]))
        await _again_taken(asks, pays, view, chosen)
    await _other_creates(asks, pays, views)


def _again(asks: Asking, family: TargetFamily, tasks: list[TaskTrace]) -> Iterator[Step]:
    if not asks.wants("ended-tasks-stay", "ended-tasks-stay-unchanged", "terminal-is-final"):
        return
    case = {"purpose": trace.AGAIN, "aim": "an ended task, again"}
    for task in tasks:
        yield partial(asks.query, family, task.id, trace.POLL, task=task.label, case=case)
        if task.external_id:
            yield partial(
                asks.query, family, task.external_id, trace.BY_EXTERNAL_ID, task=task.label, case=case
            )


def _results(asks: Asking, view: TaskView, tasks: list[TaskTrace]) -> Iterator[Step]:
    """The first result of a few tasks, by the URL that the record has now: some sign it for each query."""
    name = view.family.behaviour.result.item.get("url", "")
    fresh = {t.label: t for t in TaskView(asks.target, view.family, view.conversation).known}
    fetched = [t for t in tasks if any(e.status == 200 for e in t.downloads)]
    for task in fetched[: MOST_RESULTS - 1] + fetched[MOST_RESULTS - 1 :][-1:]:
        before = next(e for e in task.downloads if e.status == 200)
        now = fresh[task.label]
        last = next((s for s in reversed(now.asked) if view.family.behaviour.results_of(s.record)), None)
        items = view.family.behaviour.results_of(last.record) if last else None
        urls = [i.get(name) for i in items if isinstance(i, dict)] if isinstance(items, list) else []
        place = int(before.case.get("place", 0))
        found = urls[place] if place < len(urls) else None
        url = found if isinstance(found, str) else before.request.url
        case = {"purpose": trace.AGAIN, "first_place": before.request.place}
        if url.startswith(("http://", "https://")):
            request = before.request
            call = Call(request.method, url, request.body) if url == request.url else None
            yield partial(asks.download, view.family, url, task.label, call, case=case)


def _nearly(asks: Asking, family: TargetFamily, tasks: list[TaskTrace]) -> Iterator[Step]:
    """A task by what is nearly its external id. One whose name has letters of both cases shows most."""
    if not asks.wants("external-ids-are-exact"):
        return
    named = sorted((t for t in tasks if t.external_id), key=lambda t: t.external_id == t.external_id.lower())
    # Names of before may have been stored in another way than those of today.
    older = [t for t in named[1:] if t.older and not named[0].older]
    for task in named[:1] + older[:1]:
        name = task.external_id
        other = name.swapcase()
        near = [(name[:-1], "its external id without the last character"), ("%", "a wildcard, %")]
        near += [(other, "its external id in other case")] if other != name else []
        for text, aim in near:
            case = {"aim": aim, "situations": list(UNKNOWN)}
            yield partial(asks.query, family, text, trace.NEARLY, task=task.label, case=case)


def _nearly_id(asks: Asking, family: TargetFamily, tasks: list[TaskTrace]) -> Iterator[Step]:
    """A task by its id as a reader of numbers would take it."""
    for task in tasks if asks.wants("task-ids-are-exact") else ():
        near = (
            (f"0{task.id}", "its id with a zero before it"),
            (f"{task.id}x", "its id with a letter behind it"),
        )
        for text, aim in near:
            case = {"aim": aim, "situations": list(UNKNOWN)}
            yield partial(asks.query, family, text, trace.NEARLY_ID, task=task.label, case=case)


async def _again_taken(asks: Asking, pays: Budget, view: TaskView, tasks: list[TaskTrace]) -> None:
    """A create once more after its task's end, where it was refused before: its external id stays taken."""
    family = view.family
    if not asks.wants("external-id-is-unique"):
        return
    refused = [e for e in view.role(trace.REPEAT) if e.response and not view.accepted(e)]
    names = {family.behaviour.asked("external_id", e.request.json()) for e in refused}
    task = next((t for t in tasks if t.external_id in names and t.create.role == trace.CREATE), None)
    body = bare(family, asks.options.image)
    units = family.cost(body)
    if task is None or not pays.affords(units):
        return
    put(body, family.place("external_id"), task.external_id)
    case = {
        "aim": "an external id whose task has ended",
        "pointer": family.place("external_id"),
        "situations": ["duplicate_external_id", "invalid_parameter"],
    }
    async with pays.risk(units) as allowed:
        if allowed:
            data, label = json.dumps(body, ensure_ascii=False).encode(), f"{task.label}/later"
            exchange = await asks.post(family, trace.REPEAT, data, task=label, case=case)
            if asks.target.accepted(family, exchange.response):
                pays.charge(units)


def wrong_keys(key: str) -> Iterator[tuple[str, str, str]]:
    """(key, how it is written down, what it is) of keys that are nearly right."""
    own = "$UNDERSTUDY_API_KEY"
    if len(key) > 8:
        yield key[:-1], f"{own} without its last character", "with a key cut by a character"
        yield key[: len(key) // 2], f"the first half of {own}", "with half of its key"
    yield f"{key}x", f"{own}x", "with a key that is one character longer"
    if key.swapcase() != key:
        yield key.swapcase(), f"{own} in other case", "with its key in other case"
    yield FORGED, FORGED, "with a JWT that is signed by nobody"


# {"alg":"none"} and {"iss":"anybody"}, without a signature (RFC 7515, appendix A.5).
FORGED = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpc3MiOiJhbnlib2R5In0."


def _wrong_keys(asks: Asking, family: TargetFamily, tasks: list[TaskTrace]) -> Iterator[Step]:
    if not asks.wants("task-needs-its-key", "scheme-in-any-case"):
        return
    key, rule = asks.options.api_key, asks.target.account
    wrong = [("", "", "without a key")]
    # Who else may read a task is known where keys are accounts and nothing else, as in the vendor's own API.
    if asks.target.bearer:
        wrong += [(rule.written(k), rule.written(shown), aim) for k, shown, aim in wrong_keys(key)]
        wrong.append((key, "$UNDERSTUDY_API_KEY", "with its key without a scheme"))
        wrong.append((f"Basic {key}", "Basic $UNDERSTUDY_API_KEY", "with its key behind another scheme"))
    for task in tasks:
        for name in filter(None, (task.id, task.external_id)):
            call = family.query(name)
            url = asks.url(call.path)
            for authorization, shown, aim in wrong:
                case = {"must": "refuse", "aim": aim, "situations": list(UNKNOWN)}
                out = Outgoing(
                    call.method, url, family.name, trace.WRONG_KEY, "wrong", authorization, call.body,
                    task=task.label, case=case, shown=shown,
                )  # fmt: skip
                yield partial(asks.client.send, out)
            for parameter in ("api_key", "key", "access_token") if asks.target.bearer else ():
                case = {"must": "refuse", "aim": f"with its key as ?{parameter}= alone"}
                out = Outgoing(
                    "GET", f"{url}?{parameter}={key}", family.name, trace.WRONG_KEY, "wrong", "",
                    task=task.label, case=case,
                )  # fmt: skip
                yield partial(asks.client.send, out)
        if asks.target.bearer:
            case = {"must": "accept", "aim": "with the scheme in small letters"}
            out = Outgoing(
                "GET", asks.url(family.query(task.id).path), family.name, trace.WRONG_KEY, OWN,
                f"bearer {key}", task=task.label, case=case, shown="bearer $UNDERSTUDY_API_KEY",
            )  # fmt: skip
            yield partial(asks.client.send, out)


async def _other_creates(asks: Asking, pays: Budget, views: list[TaskView]) -> None:
    """The other account uses an external id of ours, in the cheapest family, if a unit is left."""
    if not asks.options.other_api_key or not asks.wants("external-ids-are-per-account"):
        return
    usable = [(v, t) for v in views for t in v.tasks if t.external_id and t.create.request.body]
    if not usable:
        return
    view, task = min(usable, key=lambda one: (one[0].family.source is not None, one[0].family.cost({})))
    if view.family.source is not None:
        return  # the other account has no result that such a request could name
    family, body = view.family, bare(view.family, asks.options.image)
    put(body, family.place("external_id"), task.external_id)
    units = family.cost(body)
    if not pays.reserve(units):
        return
    taken = True
    try:
        case = {"aim": "another account's create with an external id of ours"}
        data = json.dumps(body, ensure_ascii=False).encode()
        exchange = await asks.post(family, trace.OTHER_CREATE, data, account=OTHER, case=case)
        taken = asks.target.may_have_taken(family, exchange)
    finally:
        pays.settle(units, accepted=taken)


async def signing_keys(asks: Asking, records: Recording) -> None:
    """The public keys of callbacks that are signed by Ed25519, where the provider publishes them."""
    if not asks.wants("callback-signature") or not records.conversation.deliveries:
        return
    for family in asks.families:
        rule = family.behaviour.signature
        if rule is not None and rule.scheme in PUBLIC and rule.keys:
            url = rule.keys if rule.keys.startswith(("http://", "https://")) else asks.url(rule.keys)
            await asks.client.send(Outgoing("GET", url, family.name, trace.KEYS, "none", ""))


async def late_callbacks(asks: Asking, records: Recording) -> None:
    """Wait for callbacks that are still missing: one that comes late is late, and not missing."""
    if asks.receiver is None or not records.started:
        return
    until = asks.client.now() + min(LATE, max(0.0, asks.time_left()))
    if not records.conversation.deliveries:
        return  # none comes at all: waiting longer would not tell why
    while asks.client.now() < until and not all_told(asks.target, asks.families, records.conversation):
        await asks.client.sleep(0.1)
    until = asks.client.now() + min(RETRY, max(0.0, asks.time_left()))
    while asks.client.now() < until and any(
        not came_again(d, records.conversation) for d in records.conversation.deliveries if refused(d)
    ):
        await asks.client.sleep(0.1)
