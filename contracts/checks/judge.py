"""From observations to verdicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.contracts.checks.callbacks import refused
from understudy.contracts.checks.causes import causes_of
from understudy.contracts.checks.table import (
    CALLBACKS,
    CLOSED,
    OTHER_KEY,
    PROMISES,
    REFUSED,
    SECRET,
    ProviderPromise,
)
from understudy.contracts.checks.view import TaskView
from understudy.contracts.evidence import source_of
from understudy.contracts.failures import Failure, Inconclusive, Kept, Verdict
from understudy.contracts.skips import Skip, SkipKind, sentence
from understudy.specs.behaviour import TASK
from understudy.specs.behaviour.signed import PUBLIC
from understudy.specs.pointers import at
from understudy.specs.stated import spec_files

if TYPE_CHECKING:
    from collections.abc import Collection

    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily
    from understudy.contracts.trace import Conversation

NEEDS = {
    CALLBACKS: SkipKind.NO_RECEIVER,
    REFUSED: SkipKind.NO_CALLBACK_REFUSED,
    SECRET: SkipKind.NO_SECRET,
    OTHER_KEY: SkipKind.NO_OTHER_KEY,
    CLOSED: SkipKind.ANY_KEY_MAY_DO,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one promise for one family, with every failure (the smallest first) and the reason.

    `skip`: why it was not checked, for `Verdict.UNCHECKED` only; `reason` says it in words. `because`: the
    broken promise of the same family that explains this breach, "" for a finding of its own.
    """

    promise: ProviderPromise
    family: str
    verdict: Verdict
    failures: tuple[Failure, ...] = ()
    kept: int = 0
    reason: str = ""
    source: str = ""
    skip: Skip | None = None
    because: str = ""


def judge(
    conversation: Conversation,
    target: Target,
    *,
    promises: Collection[str] | None = None,
    families: Collection[str] | None = None,
    secrets: tuple[str, ...] = (),
) -> list[Judgement]:
    """One judgement for each promise and each family of the conversation: all of them, or those named."""
    wanted = [p for p in PROMISES.values() if promises is None or p.id in promises]
    files = spec_files(target.provider)
    out = []
    for name in conversation.families:
        if families is not None and name not in families:
            continue
        family = target.family(name)
        view = TaskView(target, family, conversation, secrets)
        found = [
            _one(p, view, family, source_of(target, family, p.source, p.operation, files))
            for p in wanted
            if applies(p, family)
        ]
        broken, warned = (
            {j.promise.id for j in found if j.verdict is v} for v in (Verdict.BROKEN, Verdict.ARGUABLE)
        )
        causes = causes_of(broken, warned)
        out += [replace(j, because=causes.get(j.promise.id, "")) for j in found]
    return out


def broken_promises(
    conversation: Conversation, target: Target, promises: Collection[str], family: TargetFamily
) -> set[str]:
    """The promises, by name, that one family of a conversation breaks, of those named; arguable ones too."""
    view = TaskView(target, family, conversation, ())
    return {
        p.id
        for p in PROMISES.values()
        if p.id in promises and applies(p, family) and not conversation.not_located
        if _possible(p, conversation, view) and any(isinstance(o, Failure) for o in p.check(view))
    }


def applies(promise: ProviderPromise, family: TargetFamily) -> bool:
    """Whether a family has what the promise is about: images have no duration, few APIs a stream."""
    axes = family.behaviour.axes
    if promise.offered is not None and (axes is None or not promise.offered(axes)):
        return False
    pointer = promise.source.removeprefix("x-task")
    return pointer == promise.source or at(family.behaviour.operations.create.raw[TASK], pointer) is not None


def _one(promise: ProviderPromise, view: TaskView, family: TargetFamily, source: str) -> Judgement:
    conversation = view.conversation
    if conversation.not_located:
        return Judgement(promise, family.name, Verdict.UNCLEAR, (), 0, conversation.stopped, source)
    outcomes = list(promise.check(view)) if _possible(promise, conversation, view) else []
    failures = [o.of(promise.id, family.name, source) for o in outcomes if isinstance(o, Failure)]
    kept = sum(isinstance(o, Kept) for o in outcomes)
    unclear = [o for o in outcomes if isinstance(o, Inconclusive)]
    if failures:
        failures.sort(key=lambda f: _size(view, f))
        verdict = Verdict.ARGUABLE if promise.arguable else Verdict.BROKEN
        return Judgement(promise, family.name, verdict, tuple(failures), kept, "", source)
    if unclear:
        return Judgement(promise, family.name, Verdict.UNCLEAR, (), kept, unclear[0].reason, source)
    if kept:
        return Judgement(promise, family.name, Verdict.KEPT, (), kept, "", source)
    possible = _possible(promise, conversation, view)
    skip = conversation.skipped.get((family.name, promise.id))
    if conversation.stopped and skip is None and possible:
        return Judgement(promise, family.name, Verdict.UNCLEAR, (), 0, conversation.stopped, source)
    if skip is None:
        lacking = not possible or promise.needs == CLOSED
        skip = Skip(NEEDS.get(promise.needs, SkipKind.NOTHING_SEEN) if lacking else SkipKind.NOTHING_SEEN)
    return Judgement(promise, family.name, Verdict.UNCHECKED, (), 0, sentence(skip), source, skip)


def _possible(promise: ProviderPromise, conversation: Conversation, view: TaskView) -> bool:
    have = {
        CALLBACKS: conversation.listening,
        REFUSED: any(refused(d) for d in view.deliveries),
        SECRET: conversation.listening and (bool(view.webhook_secrets) or _published(view)),
        OTHER_KEY: conversation.other_account,
    }
    return have.get(promise.needs, True)


def _published(view: TaskView) -> bool:
    """Whether callbacks are checked with keys that the provider publishes, so that no secret is needed."""
    rule = view.family.behaviour.signature
    return rule is not None and rule.scheme in PUBLIC


def _size(view: TaskView, failure: Failure) -> tuple[int, int]:
    """Smallest request first: the length of the body that led to the failure."""
    tasks = {t.label: t.create for t in view.tasks}
    exchanges = view.conversation.exchanges
    first = tasks.get(failure.task) or (exchanges[failure.exchanges[0]] if failure.exchanges else None)
    return (len(first.request.body or b"") if first else 0, first.number if first else 0)
