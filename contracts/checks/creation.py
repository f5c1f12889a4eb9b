"""What a create must accept, and what its answer must say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.table import TASK, promise
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.contracts.strategies import values
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome

ACCEPTS = "accepts-valid-requests"
BY_KIND = {
    values.TEXT: "accepts-unicode",
    values.EDGE: "accepts-limits",
    values.EMPTY: "accepts-empty-texts",
    values.ENUM: "accepts-documented-values",
    values.IDENTIFIER: "accepts-external-ids",
}
ODD = "accepts-odd-fields"
# What a request has beside the values under test.
PLAIN = frozenset({values.TYPICAL, values.CALLBACK})


def kinds(exchange: trace.Exchange) -> set[str]:
    return {str(c["kind"]) for c in exchange.case.get("choices", ())}


def goals(exchange: trace.Exchange) -> set[str]:
    """The values that a create tries, by name."""
    return {str(c["goal"]) for c in exchange.case.get("choices", ())}


def suspects(view: TaskView) -> dict[int, list[Mapping[str, Any]]]:
    """Refused create -> the choices that may be why, of the smallest request inside it that is refused.

    Not those that were accepted in another request; and only the one, if there is one, that was refused
    alone, in whatever family. All of them when that leaves none: then it is how they stand together.
    """
    out = {}
    creates = [e for e in view.role(trace.CREATE) if not view.unreadable(e)]
    refused = [e for e in creates if not view.accepted(e)]
    fine = {goal for e in creates if view.accepted(e) for goal in goals(e)}
    alone = {goal for name in view.conversation.families for goal in view.of(name).refused_alone}
    for exchange in refused:
        inside = [e for e in refused if goals(e) <= goals(exchange)]
        smallest = min(inside, key=lambda e: (len(goals(e)), e.number))
        chosen = [c for c in smallest.case.get("choices", ()) if c["kind"] != values.CALLBACK]
        left = [c for c in chosen if c["goal"] not in fine] or chosen
        out[exchange.number] = [c for c in left if c["goal"] in alone][:1] or left
    return out


def blamed(view: TaskView) -> dict[int, str]:
    """Refused create -> the promise it breaks."""
    out = {}
    for number, left in suspects(view).items():
        found = {str(c["kind"]) for c in left}
        special = {BY_KIND[k] for k in found if k in BY_KIND}
        # Nobody promises to take what nobody documents: that is for a warning at most.
        out[number] = (
            ODD if values.ODD in found else special.pop() if len(special) == len(found) == 1 else ACCEPTS
        )
    return out


def _accepts(view: TaskView, promise_id: str, kind: str) -> Iterator[Outcome]:
    guilty, why = blamed(view), suspects(view)
    wanted = [e for e in view.role(trace.CREATE) if not kind or kind in kinds(e)]
    wanted.sort(key=lambda e: len(e.case.get("choices", ())))
    shown = any(view.accepted(e) for e in wanted)
    for exchange in wanted:
        unreadable = view.unreadable(exchange)
        if unreadable:
            yield unreadable
        elif view.accepted(exchange):
            yield Kept(exchange.number)
        elif guilty[exchange.number] == promise_id:
            yield _refused(exchange, why[exchange.number])
        elif not shown:
            yield Inconclusive(f"refused for what {guilty[exchange.number]} is about", exchange.number)


def _refused(exchange: trace.Exchange, why: list[Mapping[str, Any]]) -> Failure:
    body = exchange.response.json() if exchange.response else None
    message = body.get("message") if isinstance(body, dict) else None
    named = [c for c in why if c["kind"] not in PLAIN]
    shown = [c["goal"].removeprefix("/").replace("=", ": ", 1) for c in named]
    return Failure(
        f"{'; '.join(shown)}: refused, though the documents allow it"
        if 0 < len(shown) <= 3
        else "a request that the documents allow was refused",
        expected="accepted",
        found=f"{exchange.status} {'that is no task' if message is None else short(message)}",
        exchanges=(exchange.number,),
        pointer=named[0]["pointer"] if len(named) == 1 else "",
    )


@promise(
    ACCEPTS,
    area="create",
    operation="create",
    sentence="A request that keeps to the documents is accepted.",
    source="requestBody",
)
def accepts_valid_requests(view: TaskView) -> Iterator[Outcome]:
    yield from _accepts(view, ACCEPTS, "")


@promise(
    "accepts-unicode",
    area="create",
    operation="create",
    sentence="Texts may hold any characters: emoji, Chinese, combining marks.",
    source="requestBody",
)
def accepts_unicode(view: TaskView) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-unicode", values.TEXT)


@promise(
    "accepts-limits",
    area="create",
    operation="create",
    sentence="Values just inside a limit are accepted: the longest text, the most pictures.",
    source="requestBody",
)
def accepts_limits(view: TaskView) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-limits", values.EDGE)


@promise(
    "accepts-external-ids",
    area="create",
    operation="create",
    sentence="An external id may have upper case, characters beyond ASCII, reserved ones, and 64 characters.",
    source="requestBody",
)
def accepts_external_ids(view: TaskView) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-external-ids", values.IDENTIFIER)


@promise(
    "accepts-documented-values",
    area="create",
    operation="create",
    sentence="Every documented value of an enumerated field is accepted.",
    source="requestBody",
)
def accepts_documented_values(view: TaskView) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-documented-values", values.ENUM)


@promise(
    "accepts-empty-texts",
    area="create",
    operation="create",
    sentence='An optional text may be "" for "absent".',
    source="requestBody",
)
def accepts_empty_texts(view: TaskView) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-empty-texts", values.EMPTY)


@promise(
    "create-starts-initial",
    area="create",
    operation="create",
    sentence="A new task starts in the documented first state.",
    source="x-task/initial",
    cost=TASK,
)
def create_starts_initial(view: TaskView) -> Iterator[Outcome]:
    initial = view.family.behaviour.lifecycle.initial
    for task in view.tasks:
        status = task.status(task.sightings[0]) if task.sightings[0].via == "create" else None
        created = next(s for s in task.sightings if s.via == "create")
        status = task.status(created)
        if status == initial:
            yield Kept(created.number)
        elif status in view.family.states:
            yield Failure(
                "a new task does not start at the beginning",
                expected=initial,
                found=short(status),
                exchanges=(created.number,),
                task=task.label,
            )


@promise(
    "create-times-agree",
    area="create",
    operation="create",
    sentence="A new task was updated when it was created: both times are the same.",
    source="x-task/created_at",
)
def create_times_agree(view: TaskView) -> Iterator[Outcome]:
    for task in view.tasks:
        created = next(s for s in task.sightings if s.via == "create")
        first, last = task.get(created, "created_at"), task.get(created, "updated_at")
        if first is None or last is None:
            continue
        if first == last:
            yield Kept(created.number)
        else:
            yield Failure(
                "created_at and updated_at of a new task differ",
                expected=short(first),
                found=short(last),
                exchanges=(created.number,),
                task=task.label,
            )


@promise(
    "create-echoes-external-id",
    area="create",
    operation="create",
    sentence="The external id that was sent comes back with the task, and none when none was sent.",
    source="x-task/external_id",
)
def create_echoes_external_id(view: TaskView) -> Iterator[Outcome]:
    place = view.family.behaviour.places.external_id
    # Of two tasks with one external id either may have lost it: external-id-is-unique says so.
    names = Counter(t.external_id for t in view.known if t.external_id)
    for task in [t for t in view.tasks if names[t.external_id] < 2]:
        for sighting in task.asked:
            if not place or at(sighting.record, place[:-1]) is None:
                continue  # this answer has no place for it; where it must have one, its shape says so
            echoed = task.get(sighting, "external_id") or ""
            if echoed == task.external_id:
                yield Kept(sighting.number)
            else:
                yield Failure(
                    "the external id does not come back",
                    expected=short(task.external_id),
                    found=short(echoed),
                    exchanges=(sighting.number,),
                    task=task.label,
                )


@promise(
    "task-ids-differ",
    area="create",
    operation="create",
    sentence="Every task has an id of its own.",
    source="x-task/id",
)
def task_ids_differ(view: TaskView) -> Iterator[Outcome]:
    seen: dict[str, int] = {}
    for task in view.tasks:
        if task.id in seen:
            yield Failure(
                "two tasks have the same id",
                expected="an id of its own",
                found=short(task.id),
                exchanges=(task.create.number, seen[task.id]),
                task=task.label,
            )
        else:
            seen[task.id] = task.create.number
            yield Kept(task.create.number)


@promise(
    "bad-picture-fails",
    area="create",
    operation="create",
    sentence="A picture below the smallest side is refused, or its task fails.",
    source="requestBody",
)
def bad_picture_fails(view: TaskView) -> Iterator[Outcome]:
    by_label = {t.label: t for t in view.tasks}
    for exchange in view.readable(view.role(trace.DOUBTFUL)):
        if isinstance(exchange, Inconclusive):
            yield exchange
            continue
        task = by_label.get(exchange.task)
        if task is None or not view.accepted(exchange):
            yield Kept(exchange.number)
        elif task.succeeded is not None:
            yield Failure(
                "a picture outside the limits was taken, and its task succeeded",
                expected="refused at create, or failed with a reason",
                found=short(task.status(task.succeeded)),
                exchanges=(exchange.number, task.succeeded.number),
                task=task.label,
            )
        elif task.terminal is not None:
            yield Kept(task.terminal.number)
        else:
            yield Inconclusive("the task did not end in time", exchange.number)
