"""What several promises come down to: what must be refused, shows no task and does not say success."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts.failures import Failure, Inconclusive, Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from understudy.contracts import trace
    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome


def shows_a_task(view: TaskView, exchange: trace.Exchange) -> bool:
    """Whether an answer holds a task record.

    A record in none of the documented states is no task: some APIs answer 200 for an unknown id, with
    the id that was asked for and a word of its own where the status stands.
    """
    family = view.family
    record = family.record_of(exchange)
    return record is not None and family.get(record, "status") in family.states


def _id(view: TaskView, exchange: trace.Exchange) -> str:
    return view.family.id_of(view.family.record_of(exchange))


def hidden(
    view: TaskView, exchanges: Iterable[trace.Exchange], title: Callable[[trace.Exchange], str]
) -> Iterator[Outcome]:
    """One outcome for each exchange: a failure with its `title` where a task record came back.

    Whoever named the tasks of before may have given the same name twice, or to another account's task: of
    those only the very task counts.
    """
    older = {task.label: task.id for task in view.older}
    for exchange in view.readable(exchanges):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif shows_a_task(view, exchange) and older.get(exchange.task) in (None, _id(view, exchange)):
            yield Failure(
                title(exchange),
                expected="refused as unknown",
                found=f"{exchange.status} and the task",
                exchanges=(exchange.number,),
                task=exchange.task,
            )
        else:
            yield Kept(exchange.number)


def must_refuse(
    view: TaskView,
    exchanges: Iterable[trace.Exchange],
    accepted: Callable[[trace.Exchange], Failure | None],
) -> Iterator[Outcome]:
    """One outcome for each exchange that must be refused; `accepted`: the failure of one that was not."""
    for exchange in view.readable(exchanges):
        if isinstance(exchange, Inconclusive):
            yield exchange
        elif (failure := accepted(exchange)) is not None:
            yield failure
        else:
            yield _no_refusal(exchange) if view.says_success(exchange) else Kept(exchange.number)


def _no_refusal(exchange: trace.Exchange) -> Failure:
    return Failure(
        f"{exchange.case.get('aim', '')}: answered as a success, with nothing in it",
        expected="refused",
        found=f"{exchange.status} and the code of a success",
        exchanges=(exchange.number,),
        pointer=str(exchange.case.get("pointer", "")),
    )
