"""What a create must accept, and what its answer must say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts import trace
from contracts.checks.answers import short
from contracts.checks.table import TASK, promise
from contracts.failures import Failure, Inconclusive, Kept
from contracts.shapes import at
from contracts.strategies import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.checks.view import View
    from contracts.failures import Outcome

ACCEPTS = "accepts-valid-requests"
BY_KIND = {
    values.TEXT: "accepts-unicode",
    values.EDGE: "accepts-limits",
    values.EMPTY: "accepts-empty-texts",
    values.ENUM: "accepts-documented-values",
}


def kinds(exchange: trace.Exchange) -> set[str]:
    return {str(c["kind"]) for c in exchange.case.get("choices", ())}


def blamed(view: View) -> dict[int, str]:
    """Refused request -> the promise it breaks: what is special about the smallest request still refused."""
    out = {}
    refused = [e for e in view.role(trace.CREATE) if not view.unreadable(e) and not view.accepted(e)]
    for exchange in refused:
        chosen = {c["goal"] for c in exchange.case.get("choices", ())}
        inside = [e for e in refused if {c["goal"] for c in e.case.get("choices", ())} <= chosen]
        smallest = min(inside, key=lambda e: (len(e.case.get("choices", ())), e.number))
        special = {BY_KIND[k] for k in kinds(smallest) if k in BY_KIND}
        out[exchange.number] = special.pop() if len(special) == 1 and len(kinds(smallest)) == 1 else ACCEPTS
    return out


def _accepts(view: View, promise_id: str, kind: str) -> Iterator[Outcome]:
    guilty = blamed(view)
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
            yield _refused(exchange)
        elif not shown:
            yield Inconclusive(f"refused for what {guilty[exchange.number]} is about", exchange.number)


def _refused(exchange: trace.Exchange) -> Failure:
    body = exchange.response.json() if exchange.response else None
    message = body.get("message") if isinstance(body, dict) else None
    chosen = [c["goal"] for c in exchange.case.get("choices", ())]
    return Failure(
        "a request that the documents allow was refused"
        + (f", with {', '.join(chosen)}" if 0 < len(chosen) <= 3 else ""),
        expected="accepted",
        found=f"{exchange.status} {'that is no task' if message is None else short(message)}",
        exchanges=(exchange.number,),
        pointer=exchange.case["choices"][0]["pointer"] if len(chosen) == 1 else "",
    )


@promise(
    ACCEPTS,
    area="create",
    operation="create",
    sentence="A request that keeps to the documents is accepted.",
    source="requestBody",
)
def accepts_valid_requests(view: View) -> Iterator[Outcome]:
    yield from _accepts(view, ACCEPTS, "")


@promise(
    "accepts-unicode",
    area="create",
    operation="create",
    sentence="Texts may hold any characters: emoji, Chinese, combining marks.",
    source="requestBody",
)
def accepts_unicode(view: View) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-unicode", values.TEXT)


@promise(
    "accepts-limits",
    area="create",
    operation="create",
    sentence="Values just inside a limit are accepted: the longest text, the most pictures.",
    source="requestBody",
)
def accepts_limits(view: View) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-limits", values.EDGE)


@promise(
    "accepts-documented-values",
    area="create",
    operation="create",
    sentence="Every documented value of an enumerated field is accepted.",
    source="requestBody",
)
def accepts_documented_values(view: View) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-documented-values", values.ENUM)


@promise(
    "accepts-empty-texts",
    area="create",
    operation="create",
    sentence='An optional text may be "" for "absent".',
    source="requestBody",
)
def accepts_empty_texts(view: View) -> Iterator[Outcome]:
    yield from _accepts(view, "accepts-empty-texts", values.EMPTY)


@promise(
    "create-starts-initial",
    area="create",
    operation="create",
    sentence="A new task starts in the documented first state.",
    source="x-task/initial",
    cost=TASK,
)
def create_starts_initial(view: View) -> Iterator[Outcome]:
    initial = view.family.task["initial"]
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
def create_times_agree(view: View) -> Iterator[Outcome]:
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
def create_echoes_external_id(view: View) -> Iterator[Outcome]:
    holder = view.family.task["external_id"].rpartition("/")[0]
    for task in view.tasks:
        for sighting in task.asked:
            if at(sighting.record, holder) is None:
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
def task_ids_differ(view: View) -> Iterator[Outcome]:
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
def bad_picture_fails(view: View) -> Iterator[Outcome]:
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
