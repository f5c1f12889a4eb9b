"""Why a promise that a task was bought for was not seen: no create was accepted, or no task succeeded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks.table import PROMISES, TASK
from understudy.contracts.checks.view import TaskView
from understudy.contracts.runner.plan import NEEDED, RICH
from understudy.contracts.skips import Skip, SkipKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from understudy.contracts.runner.plan import SpendingPlan
    from understudy.contracts.strategies.covering import Planned
    from understudy.contracts.target import Target
    from understudy.contracts.trace import Conversation

SHOWN = 120


def unseen(conversation: Conversation, target: Target, plan: SpendingPlan) -> dict[tuple[str, str], Skip]:
    """(family, promise) -> why, for the families that tasks were to be bought of.

    It counts only where nothing in the conversation bears on the promise.
    """
    found = {}
    for name in dict.fromkeys(p.family for p in plan.tasks):
        view = TaskView(target, target.family(name), conversation)
        skip = _why(view)
        for promise in PROMISES.values():
            if skip is None:
                break
            about = promise.area == "results" or skip.kind is SkipKind.NO_CREATE_ACCEPTED
            if promise.cost == TASK and about:
                found[name, promise.id] = skip
    return found


def unbought(
    planned: Iterable[Planned], budget: Decimal, promises: Iterable[str]
) -> dict[tuple[str, str], Skip]:
    """(family, promise) -> why, for creates that were planned and for which no money was left.

    Only bad requests that were taken can use up what the plan had set aside.
    """
    kinds = {(one.family, one.kind) for one in planned}
    return {
        (family, name): Skip(SkipKind.USED_UP, budget)
        for family, kind in kinds
        for name in promises
        if PROMISES[name].cost == TASK and NEEDED.get(name, RICH) == kind
    }


def _why(view: TaskView) -> Skip | None:
    """Why nothing was seen of tasks, or of their results; None when there was something to see."""
    creates = view.role(trace.CREATE)
    tasks = [t for t in view.tasks if t.create.role == trace.CREATE]
    if creates and not tasks:
        return Skip(SkipKind.NO_CREATE_ACCEPTED, said=_answer(creates[-1]))
    if not tasks or any(t.succeeded for t in tasks):
        return None
    ended = [t for t in tasks if t.terminal]
    if not ended:
        return Skip(SkipKind.NO_TASK_ENDED)
    last = ended[-1].terminal
    said = _text(view.family.get(last.record, "reason")) if last else ""
    return Skip(SkipKind.EVERY_TASK_FAILED, said=said)


def _answer(exchange: trace.Exchange) -> str:
    if exchange.response is None:
        return f"with nothing ({exchange.problem})"
    body = exchange.response.json()
    return f"{exchange.status}{_text(body.get('message') if isinstance(body, dict) else None)}"


def _text(value: Any) -> str:
    return f" ({value[:SHOWN]})" if isinstance(value, str) and value else ""
