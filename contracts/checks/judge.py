"""From observations to verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.checks.table import CALLBACKS, CLOSED, OTHER_KEY, PROMISES, SECRET, Promise
from contracts.checks.view import View
from contracts.evidence import source_of
from contracts.failures import Failure, Inconclusive, Kept, Verdict
from contracts.shapes import at

if TYPE_CHECKING:
    from collections.abc import Collection

    from contracts.target import Family, Target
    from contracts.trace import Conversation

REASONS = {
    CALLBACKS: "no callback receiver: give --callback-url or --callback-listen",
    SECRET: "no webhook secret: set UNDERSTUDY_WEBHOOK_SECRET",
    OTHER_KEY: "no second key: set UNDERSTUDY_OTHER_API_KEY",
    CLOSED: "a server on this machine may take any key; name the promise with --only to check it",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one promise for one family, with every failure (the smallest first) and the reason."""

    promise: Promise
    family: str
    verdict: Verdict
    failures: tuple[Failure, ...] = ()
    kept: int = 0
    reason: str = ""
    source: str = ""


def judge(
    conversation: Conversation,
    target: Target,
    *,
    promises: Collection[str] | None = None,
    secrets: tuple[str, ...] = (),
) -> list[Judgement]:
    """One judgement for each promise (all, or those named) and each family of the conversation."""
    wanted = [p for p in PROMISES.values() if promises is None or p.id in promises]
    out = []
    for name in conversation.families:
        family = target.family(name)
        view = View(target, family, conversation, secrets)
        out += [_one(p, view, target, family) for p in wanted if applies(p, family)]
    return out


def applies(promise: Promise, family: Family) -> bool:
    """Whether a family has what the promise is about: images have no duration."""
    pointer = promise.source.removeprefix("x-task")
    return pointer == promise.source or at(family.task, pointer) is not None


def _one(promise: Promise, view: View, target: Target, family: Family) -> Judgement:
    conversation = view.conversation
    source = str(source_of(target, family, promise.source, promise.operation))
    if conversation.at_the_door:
        return Judgement(promise, family.name, Verdict.UNCLEAR, (), 0, conversation.stopped, source)
    outcomes = list(promise.check(view)) if _possible(promise, conversation, view) else []
    failures = [o.of(promise.id, family.name, source) for o in outcomes if isinstance(o, Failure)]
    kept = sum(isinstance(o, Kept) for o in outcomes)
    unclear = [o for o in outcomes if isinstance(o, Inconclusive)]
    if failures:
        failures.sort(key=lambda f: _size(view, f))
        return Judgement(promise, family.name, Verdict.BROKEN, tuple(failures), kept, "", source)
    if unclear:
        return Judgement(promise, family.name, Verdict.UNCLEAR, (), kept, unclear[0].reason, source)
    if kept:
        return Judgement(promise, family.name, Verdict.KEPT, (), kept, "", source)
    skipped = conversation.skipped.get((family.name, promise.id), "")
    if conversation.stopped and not skipped and _possible(promise, conversation, view):
        return Judgement(promise, family.name, Verdict.UNCLEAR, (), 0, conversation.stopped, source)
    reason = skipped or REASONS.get(promise.needs, "") or "nothing in this conversation bears on it"
    if _possible(promise, conversation, view) and not skipped and promise.needs != CLOSED:
        reason = "nothing in this conversation bears on it"
    return Judgement(promise, family.name, Verdict.UNCHECKED, (), 0, reason, source)


def _possible(promise: Promise, conversation: Conversation, view: View) -> bool:
    have = {
        CALLBACKS: conversation.listening,
        SECRET: bool(view.webhook_secrets) and conversation.listening,
        OTHER_KEY: conversation.other_account,
    }
    return have.get(promise.needs, True)


def _size(view: View, failure: Failure) -> tuple[int, int]:
    """Smallest request first: the length of the body that led to the failure."""
    tasks = {t.label: t.create for t in view.tasks}
    exchanges = view.conversation.exchanges
    first = tasks.get(failure.task) or (exchanges[failure.exchanges[0]] if failure.exchanges else None)
    return (len(first.request.body or b"") if first else 0, first.number if first else 0)
