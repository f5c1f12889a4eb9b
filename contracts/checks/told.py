"""What a description says of answers and callbacks beyond their bodies: headers, statuses, chosen states.

A promise here is made only by an API whose description has the axis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.checks.offered import broken, wrong
from understudy.contracts.checks.table import CALLBACKS, FREE, offer
from understudy.contracts.failures import Failure, Inconclusive, Kept
from understudy.specs.behaviour.template_reading import text_pattern, values_in
from understudy.specs.behaviour.templates import PLACE, names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome
    from understudy.specs.behaviour.axes import Axes

HEADERS, TOLD_HEADERS, STATUSES = "headers-are-required", "answers-have-headers", "query-status-fits-state"
CHOSEN, CHALLENGE = "callback-only-when-chosen", "callback-challenge"
ESTIMATE, UNKNOWN = "create-tells-cost", "unknown-task-told"


@offer(
    HEADERS,
    area="operations",
    operation="create",
    sentence="A create without a header that requests must carry is refused.",
    source="/x-behaviour",
    cost=FREE,
    offered=lambda axes: bool(axes.service.headers or axes.create.headers),
)
def headers_are_required(view: TaskView) -> Iterator[Outcome]:
    for exchange in view.readable([e for e in view.role(trace.REFUSE) if e.case.get("about") == HEADERS]):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif view.accepted(exchange):
            yield broken(
                f"accepted: a create {exchange.case['aim']}",
                exchange,
                "refused",
                f"{exchange.status} and a task",
            )
        else:
            yield Kept(exchange.number)


@offer(
    TOLD_HEADERS,
    area="operations",
    operation="any",
    sentence="Answers have the documented headers: those of a create, and those that tell limits.",
    source="/x-behaviour",
    offered=lambda axes: bool(axes.create.reply.headers or axes.service.limits.headers),
)
def answers_have_headers(view: TaskView) -> Iterator[Outcome]:
    axes = view.family.behaviour.axes
    if axes is None:
        return
    limits = dict.fromkeys(axes.service.limits.headers, "${any}")
    creates = [e for e in view.role(trace.CREATE) if view.accepted(e)]
    polls = [e for e in view.role(trace.POLL) if view.family.record_of(e) is not None]
    for exchange in [*creates, *polls]:
        wanted = {**limits, **(axes.create.reply.headers if exchange.role == trace.CREATE else {})}
        headers = exchange.response.headers if exchange.response else ()
        for name, template in wanted.items():
            value = trace.header(headers, name)
            if not value:
                yield broken(f"the answer has no header {name}", exchange, name, "no such header")
            elif PLACE.search(template) and not text_pattern(template).fullmatch(value):
                yield broken(f"the header {name} is of another form", exchange, template, short(value))
            else:
                yield Kept(exchange.number)


@offer(
    STATUSES,
    area="operations",
    operation="query",
    sentence="A query is answered with the HTTP status that is documented for the task's state.",
    source="/x-behaviour",
    offered=lambda axes: len({axes.query.replies.usual.status, *_statuses(axes)}) > 1,
)
def query_status_fits_state(view: TaskView) -> Iterator[Outcome]:
    axes = view.family.behaviour.axes
    if axes is None:
        return
    for exchange in view.role(trace.POLL):
        state = view.family.get(view.family.record_of(exchange), "status")
        if state not in view.family.states:
            continue
        wanted = axes.query.replies.of(state).status
        if exchange.status == wanted:
            yield Kept(exchange.number)
        else:
            message = f"a query for a task in {state} is answered {exchange.status}"
            yield broken(message, exchange, str(wanted), str(exchange.status))


def _statuses(axes: Axes) -> set[int]:
    return {reply.status for reply in axes.query.replies.states.values()}


@offer(
    UNKNOWN,
    area="operations",
    operation="query",
    sentence="An id that does not exist is answered as documented: no refusal, and no task.",
    source="/x-behaviour",
    cost=FREE,
    offered=lambda axes: axes.unknown_reply is not None,
)
def unknown_task_told(view: TaskView) -> Iterator[Outcome]:
    axes = view.family.behaviour.axes
    reply = axes.unknown_reply if axes is not None else None
    for exchange in view.readable(view.role(trace.UNKNOWN)):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif reply is not None and (found := wrong(view, exchange, reply))[0]:
            yield broken("an unknown id is not answered as documented", exchange, *found)
        else:
            yield Kept(exchange.number)


@offer(
    ESTIMATE,
    area="operations",
    operation="create",
    sentence="The answer to a create tells what the task will cost: so many units for each result.",
    source="x-task/deduction/units_each",
    offered=lambda axes: "units" in names(axes.create.reply.body),
)
def create_tells_cost(view: TaskView) -> Iterator[Outcome]:
    axes = view.family.behaviour.axes
    if axes is None:
        return
    for task in view.tasks:
        body = task.create.response.json() if task.create.response else None
        told = values_in(axes.create.reply.body, body).get("units")
        wanted = view.family.cost(task.body)
        if told is None:
            continue
        if isinstance(told, int | float) and not isinstance(told, bool) and float(wanted) == told:
            yield Kept(task.create.number)
        else:
            yield broken("a create tells another cost", task.create, f"{wanted:f}", short(told))


@offer(
    CHOSEN,
    area="operations",
    operation="callback",
    sentence="Callbacks come for the states that are documented or chosen, and for no others.",
    source="callbacks/taskChanged",
    needs=CALLBACKS,
    offered=lambda axes: axes.callback is not None,
)
def callback_only_when_chosen(view: TaskView) -> Iterator[Outcome]:
    for task in view.tasks:
        wanted = view.family.behaviour.called_back(task.body)
        for sighting in task.callbacks:
            state = task.status(sighting)
            if state not in view.family.states:
                continue  # status-known says it
            if state in wanted:
                yield Kept(sighting.number)
            else:
                yield Failure(
                    f"a callback came for {state}, which nobody had asked for",
                    expected=", ".join(sorted(wanted)),
                    found=str(state),
                    deliveries=sighting.deliveries,
                    task=task.label,
                )


@offer(
    CHALLENGE,
    area="operations",
    operation="callback",
    sentence="The address for callbacks is asked to prove itself before the create is accepted.",
    source="/x-behaviour",
    needs=CALLBACKS,
    offered=lambda axes: axes.callback is not None and axes.callback.challenge is not None,
)
def callback_challenge(view: TaskView) -> Iterator[Outcome]:
    proven = view.conversation.challenged
    if proven is None:
        return
    for task in view.tasks:
        if not task.called_back or task.create.role != trace.CREATE:
            continue
        if (view.family.name, task.label) in proven:
            yield Kept(task.create.number)
        else:
            yield broken(
                "no challenge came", task.create, "a challenge at the callback URL", "a task at once"
            )
