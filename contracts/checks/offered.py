"""How answers to operations that only some APIs offer are held against their description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts import trace
from understudy.contracts.checks.answers import short
from understudy.contracts.failures import Failure, Inconclusive
from understudy.specs.behaviour.template_reading import fits, is_of_state
from understudy.specs.behaviour.templates import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from understudy.contracts.checks.view import TaskView
    from understudy.contracts.failures import Outcome
    from understudy.specs.behaviour.axes import Axes, EndingRule, Reply

# Statuses that say nothing of the operation: too much was asked, or something in between answered.
PASSING = frozenset({429, 502, 503, 504})


def stopping(axes: Axes) -> EndingRule | None:
    """The operation that ends a task before its time, None where there is none."""
    return next((rule for rule in (axes.cancel, axes.delete) if rule is not None and rule.becomes), None)


def wrong(view: TaskView, exchange: trace.Exchange, reply: Reply) -> tuple[str, str]:
    """(what was expected, what was found) where an answer is not the documented one, else ("", "")."""
    response, axes = exchange.response, view.family.behaviour.axes
    if response is None or axes is None:
        return "", ""
    if reply.situation:
        refusal = view.target.expected([reply.situation])
        code = view.target.refusals.code_in(response.json())
        if any(response.status == status and str(code) in ("None", one) for status, one in refusal):
            return "", ""
        told = " or ".join(f"{status} {code}" for status, code in refusal)
        return f"refused: {told}", f"{response.status} {short(response.body[:80])}"
    if response.status != reply.status:
        return str(reply.status), str(response.status)
    if reply.bytes or reply.redirect:
        return "", ""
    if reply.body is MISSING:
        return ("an empty body", short(response.body[:80])) if response.body.strip() else ("", "")
    template = axes.record if reply.body in (None, "$record") else reply.body
    body, states = response.json(), ("", *view.family.states)
    alike = fits(template, body) and any(is_of_state(template, body, state) for state in states)
    return ("", "") if alike else (f"a body like {short(template)}", short(body))


def about(view: TaskView, promise: str, step: str = "asked", task: object = None) -> list[trace.Exchange]:
    """What was asked for the sake of a promise; `task`: of the task with that id alone."""
    return [
        e
        for e in view.role(trace.OPERATION)
        if e.case.get("about") == promise
        and e.case.get("step") == step
        and (task is None or e.case.get("id") == task)
    ]


def judged(
    exchanges: Iterable[trace.Exchange], judge: Callable[[trace.Exchange], Outcome | None]
) -> Iterator[Outcome]:
    """One outcome for each exchange: that of `judge` where the provider has answered, None for no word."""
    for exchange in exchanges:
        if exchange.response is None:
            yield Inconclusive(f"no answer: {exchange.problem}", exchange.number)
        elif exchange.status in PASSING:
            yield Inconclusive(f"answered {exchange.status}", exchange.number)
        elif (outcome := judge(exchange)) is not None:
            yield outcome


def broken(message: str, exchange: trace.Exchange, expected: str, found: str, *more: int) -> Failure:
    """A failure that an exchange shows, with the numbers of further ones."""
    numbers = (exchange.number, *more)
    return Failure(message, expected=expected, found=found, exchanges=numbers, task=exchange.task)
