"""Why a promise that a task was bought for was not seen: no create was accepted, or no task succeeded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.budget import amount
from contracts.checks.table import PROMISES, TASK
from contracts.checks.view import View
from contracts.runner.plan import NEEDED, RICH
from contracts.shapes import at

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from contracts.runner.plan import Plan
    from contracts.strategies.covering import Planned
    from contracts.target import Target
    from contracts.trace import Conversation

SHOWN = 120


def unseen(conversation: Conversation, target: Target, plan: Plan) -> dict[tuple[str, str], str]:
    """(family, promise) -> reason, for the families that tasks were to be bought of.

    A reason counts only where nothing in the conversation bears on the promise.
    """
    found = {}
    for name in dict.fromkeys(p.family for p in plan.tasks):
        view = View(target, target.family(name), conversation)
        reason, areas = _reason(view)
        for promise in PROMISES.values() if reason else ():
            if promise.cost == TASK and (not areas or promise.area in areas):
                found[name, promise.id] = f"not seen: {reason}"
    return found


def gone(budget: Decimal) -> str:
    """The reason for what the plan had money for, until bad requests were taken."""
    return f"not seen: bad requests that were taken had used up the budget of {amount(budget, 'unit')}"


def unbought(
    planned: Iterable[Planned], budget: Decimal, promises: Iterable[str]
) -> dict[tuple[str, str], str]:
    """(family, promise) -> reason, for creates that were planned and for which no money was left.

    Only bad requests that were taken can use up what the plan had set aside.
    """
    kinds = {(one.family, one.label.rpartition("/")[2]) for one in planned}
    return {
        (family, name): gone(budget)
        for family, kind in sorted(kinds)
        for name in promises
        if PROMISES[name].cost == TASK and NEEDED.get(name, RICH) == kind
    }


def _reason(view: View) -> tuple[str, tuple[str, ...]]:
    """Why, and for which areas; () is all."""
    creates = view.role(trace.CREATE)
    tasks = [t for t in view.tasks if t.create.role == trace.CREATE]
    if creates and not tasks:
        return f"no create was accepted; the last was answered {_answer(creates[-1])}", ()
    if not tasks or any(t.succeeded for t in tasks):
        return "", ()
    ended = [t for t in tasks if t.terminal]
    if not ended:
        return "no task ended in time", ("results",)
    said = _text(at(ended[-1].terminal.record, view.family.task["reason"])) if ended[-1].terminal else ""
    return f"every task failed{said}; another picture may pass: --image", ("results",)


def _answer(exchange: trace.Exchange) -> str:
    if exchange.response is None:
        return f"with nothing ({exchange.problem})"
    body = exchange.response.json()
    return f"{exchange.status}{_text(body.get('message') if isinstance(body, dict) else None)}"


def _text(value: Any) -> str:
    return f" ({value[:SHOWN]})" if isinstance(value, str) and value else ""
