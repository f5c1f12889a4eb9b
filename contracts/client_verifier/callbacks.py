"""Judges of callbacks: genuine ones are taken, forged ones are not believed, the rest changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts.client_verifier.judges import unharmed
from understudy.contracts.client_verifier.verdict import ClientVerdict, broken, kept, not_exercised

if TYPE_CHECKING:
    from understudy.contracts.client_verifier.trace import JournalDelivery, Trace

NO_CALLBACKS = "the client names no callback_url"
REFUSED, ERROR = 400, 500


def survives_callbacks(run: Trace) -> ClientVerdict:
    """Callbacks that come twice, late, in another order or not at all change nothing."""
    if not _takes_callbacks(run):
        return not_exercised(NO_CALLBACKS)
    return unharmed(run, ())


def takes_genuine(run: Trace) -> ClientVerdict:
    """Callbacks with a right signature are taken."""
    if not _takes_callbacks(run):
        return not_exercised(NO_CALLBACKS)
    answered = [d for d in run.deliveries if d.genuine and d.answered is not None]
    if not answered:
        return not_exercised("no callback was answered")
    refused = sorted({str(d.answered) for d in answered if not d.taken})
    if not any(d.taken for d in answered):
        many = "the only callback" if len(answered) == 1 else f"all {len(answered)} callbacks"
        return broken(f"answered {', '.join(refused)} to {many}, though signed rightly")
    if refused:
        return kept(f"took some, and answered {', '.join(refused)} to others", warning=True)
    return kept("took them")


def checks_signature(run: Trace) -> ClientVerdict:
    """A callback with a wrong signature is not believed: the end is learned in another way, or not at all.

    Only a 4xx is a refusal. No answer, or an error of the receiver's own, says nothing; what the client did
    then says more: whether it fetched results, or ended as if all were well, before anybody genuine had told
    an end.
    """
    if not _takes_callbacks(run):
        return not_exercised(NO_CALLBACKS)
    forged = [d for d in run.deliveries if d.final and not d.genuine and d.at_ms <= run.duration_ms]
    if not forged:
        return not_exercised("no forged callback reached the client")
    for one in forged:
        text = _believed(run, one)
        if text:
            return broken(f"accepted a forged {one.told!r} ({text})")
    answers = {d.answered for d in forged}
    if any(_refuses(d) for d in forged):
        return kept("refused it")
    if any(d.taken for d in forged):
        return kept("it did not act on it")
    if answers == {None}:
        return not_exercised("it gave the forged callback no answer, and was not seen to act on it")
    return kept(f"answered {max(filter(None, answers))} and did not act on it", warning=True)


def _believed(run: Trace, forged: JournalDelivery) -> str:
    """How it is seen that the client believed a forged callback; "" when it is not."""
    known = [e.at_ms for e in run.exchanges if e.final and e.task_id == forged.task_id]
    known += [d.at_ms for d in run.deliveries if _genuine_end(d) and d.task_id == forged.task_id]
    fetched = [e.at_ms for e in run.exchanges if e.kind == "result" and e.task_id == forged.task_id]
    answer = "no answer" if forged.answered is None else f"answered {forged.answered}"
    if any(at >= forged.at_ms and at < min(known, default=at + 1) for at in fetched):
        return f"{answer}, then fetched the results"
    if known or run.stopped or _refuses(forged):
        return ""
    if run.exit_code == 0:
        return f"{answer}, and ended with exit code 0 though nothing genuine had told an end"
    return f"{answer}, never asked back" if forged.taken else ""


def _refuses(d: JournalDelivery) -> bool:
    return d.answered is not None and REFUSED <= d.answered < ERROR


def _genuine_end(d: JournalDelivery) -> bool:
    return d.final and d.genuine and d.taken


def _takes_callbacks(run: Trace) -> bool:
    return any(e.callback_url for e in run.creates)
