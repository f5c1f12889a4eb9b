"""One function per promise: a run in, a verdict out. No clock, no network, no knowledge of a provider.

A verdict is *broken* only on what the journal shows; what a run gave no occasion to see is *not exercised*.
Judges of money and of callbacks stand in modules of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from understudy.contracts.client_verifier.trace import POLLS
from understudy.contracts.client_verifier.verdict import (
    HANG_MS,
    ClientVerdict,
    broken,
    crash,
    ending,
    kept,
    last_word,
    never_met,
    not_exercised,
    plain,
    seconds,
    unfinished,
    unfounded_success,
)

if TYPE_CHECKING:
    from understudy.contracts.client_verifier.trace import JournalExchange, Trace

# Asking once more after the end was reported is no harm; a loop is.
POLLS_AFTER_THE_END = 2
POLLS_A_SECOND = 10
# So often asked after the end, a run need not go on: it will never stop.
LOOP = 6
# So often the same trouble, met again and again, is no patience any more.
TRIES = 20
# A client that still polls after so long, and so many times as long as a task takes, has no limit. The usual
# one of clients of such APIs is ten minutes.
ENDLESS_MS, ENDLESS_TASKS = 15 * 60_000, 100
# Timers wake up early by a little, and the mock notes its times in whole milliseconds.
EARLY_MS = 50
WINDOW_MS = 1000
SERVER_ERROR = 500
# How programs say in words of their own that there is no such task.
NOT_FOUND = re.compile(
    r"not[ _-]?found|no such|unknown (task|id)|(not|n't) exist|(is|was) gone|expired|\b404\b", re.IGNORECASE
)


def requests_valid(run: Trace) -> ClientVerdict:
    """Every request is one that the contract takes, made with the key that the command was given."""
    asked = [(i, e) for i, e in enumerate(run.exchanges) if e.kind != "result"]
    wrong = [(i, e) for i, e in asked if e.problems or e.unknown_id]
    if wrong:
        first = wrong[0][1]
        why = (
            f"no answer contained the id {first.unknown_id!r}"
            if first.unknown_id
            else "; ".join(first.problems)
        )
        more = f" ({len(wrong)} requests in all)" if len(wrong) > 1 else ""
        return broken(f"{first.method} {first.path}: {why}{more}", tuple(i for i, _ in wrong))
    doubts = []
    if unheeded := sorted({field for e in run.creates for field in e.unknown_fields}):
        doubts.append(f"the provider does not know, and would not heed: {', '.join(unheeded)}")
    if sent_as := sorted({e.media_type for e in run.creates if e.media_type}):
        doubts.append(f"its JSON is sent as {', '.join(sent_as)}, and the documents declare application/json")
    if doubts:
        return kept("; ".join(doubts), warning=True)
    known = sum(e.kind != "other" for _, e in asked)
    many = "1 request" if known == 1 else f"{known} requests"
    return kept(many) if known else not_exercised("no request came")


def finishes(run: Trace) -> ClientVerdict:
    """The command ends by itself, with exit code 0."""
    if run.stopped == "loop":
        return broken("it goes on polling after a terminal state was reported")
    if run.stopped:
        return unfinished(run)
    if run.exit_code != 0:
        return broken(f"{crash(run) or ending(run)}; {last_word(run)}")
    if not run.creates:
        return not_exercised("it ended without creating a task")
    if why := unfounded_success(run):
        return broken(why)
    took = f"in {seconds(run.duration_ms)}"
    if run.learned or run.polls:
        return kept(took)
    return kept(f"{took}, and was not seen to ask for the end of its task", warning=True)


def reports_reason(run: Trace) -> ClientVerdict:
    """The reason of a failed task, or of the refusal that ended the command, stands in what it prints."""
    reasons = {task.task_id: task.reason for task in run.tasks if task.reason}
    told = {e.task_id for e in run.exchanges if e.final} | {
        d.task_id for d in run.deliveries if d.final and d.genuine and d.taken
    }
    known = {reasons[task] for task in told if task in reasons}
    refusal = _last_refusal(run)
    if not known and refusal is None:
        return not_exercised("no failed task and no refusal ended it")
    printed = plain(run.output)
    missing = sorted(reason for reason in known if plain(reason) not in printed)
    if refusal is not None and not _names(run.output, refusal):
        missing.append(refusal.message)
    if not missing:
        return kept(f"printed {min(known)!r}" if known else "printed why it was refused")
    if run.stopped == "loop":
        return not_exercised("it never stopped polling")
    if run.stopped and not run.hangs(HANG_MS):
        return unfinished(run)
    at = tuple(i for i, e in enumerate(run.exchanges) if e.final or e is refusal)
    return broken(f"{missing[0]!r} was reported and is nowhere in the output", at[:1])


def _last_refusal(run: Trace) -> JournalExchange | None:
    """The refusal by which a command that ended by itself gave up; None when it did for another reason."""
    asked = [e for e in run.exchanges if e.kind in ("create", *POLLS) and not _looked_for_an_order(run, e)]
    if not asked or run.exit_code in (0, None):
        return None
    last = asked[-1]
    if any(e.kind == "cancel" or e.method == "DELETE" for e in run.exchanges):
        # What it gave up itself may well be gone.
        return None
    own = last.status is not None and last.status < SERVER_ERROR and not last.doubtful
    return last if own and last.verdict != "accepted" and last.message else None


def _looked_for_an_order(run: Trace, e: JournalExchange) -> bool:
    """Whether a poll asked by the client's own id, and was told that the order has not made a task: that says
    no more than the answer to the order did.
    """
    asked = unquote(e.path)
    return e.missing and any(c.external_id and c.external_id in asked for c in run.creates)


def _names(output: str, refusal: JournalExchange) -> bool:
    """Whether the output holds a refusal's message, or its code where that says more than HTTP's status.

    That there is no such task is said well in other words, too.
    """
    if plain(refusal.message) in plain(output):
        return True
    if refusal.missing and NOT_FOUND.search(output):
        return True
    code = str(refusal.code)
    distinct = refusal.code is not None and code not in ("", str(refusal.status))
    return distinct and re.search(rf"(?<![\w]){re.escape(code)}(?![\w])", output) is not None


def stops_polling(run: Trace) -> ClientVerdict:
    """Once a terminal state was reported, the task is asked about at most twice more."""
    if not any(e.final for e in run.exchanges):
        return not_exercised("no answer reported a terminal state")
    after = _polls_after_the_end(run)
    for told, polls in after.items():
        state = next(e.told for e in run.exchanges if _ends(e) and e.task_id == told)
        text = f"asked {len(polls)} times more after {state!r} was reported"
        if run.stopped:
            text += ", and was still asking when it was stopped"
        return broken(text, tuple(polls))
    return kept("no loop after the end")


def sane_rate(run: Trace) -> ClientVerdict:
    """No task is asked about more than ten times within a second."""
    times: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for i, e in enumerate(run.exchanges):
        if e.kind in POLLS:
            times[e.task_id].append((e.at_ms, i))
    if not any(len(moments) > 1 for moments in times.values()):
        return not_exercised("it asked at most once")
    worst: list[tuple[int, int]] = []
    for moments in times.values():
        for start, (begin, _) in enumerate(moments):
            burst = [m for m in moments[start:] if m[0] < begin + WINDOW_MS]
            worst = max(worst, burst, key=len)
    if len(worst) > POLLS_A_SECOND:
        return ClientVerdict(
            "broken", f"{len(worst)} polls of one task in a second", tuple(i for _, i in worst)
        )
    return kept(f"at most {len(worst)} polls of a task in a second")


def honours_retry_after(run: Trace) -> ClientVerdict:
    """After an answer with Retry-After, the same kind of request comes no sooner than that.

    Of a command that orders several: the same request, for another may be on its way already.
    """
    asked = [(i, e) for i, e in enumerate(run.exchanges) if e.retry_after_ms and e.answered_ms is not None]
    if not asked:
        return not_exercised("no answer asked for a pause")
    came_back = False
    for i, told in asked:
        after = next(((j, e) for j, e in enumerate(run.exchanges) if j > i and _again(run, told, e)), None)
        if after is None:
            continue
        came_back = True
        waited = after[1].at_ms - (told.answered_ms or 0)
        if waited < (told.retry_after_ms or 0) - EARLY_MS:
            text = f"told to stay away for {seconds(told.retry_after_ms or 0)}, came back after {waited} ms"
            return broken(text, (i, after[0]))
    return kept("it waited as told") if came_back else not_exercised("it never came back")


def _again(run: Trace, told: JournalExchange, later: JournalExchange) -> bool:
    """Whether `later` asks again what `told` had answered."""
    if later.kind != told.kind:
        return False
    same = (later.path, later.order, later.external_id) == (told.path, told.order, told.external_id)
    return run.orders == 1 or same


def recovers(run: Trace) -> ClientVerdict:
    """The command gets over the trouble, or ends by itself without a crash."""
    met = tuple(i for i, e in enumerate(run.exchanges) if e.fault)
    if not met:
        return never_met(run, "the fault")
    if run.stopped and len(met) > TRIES:
        return broken(f"met the fault {len(met)} times and did not give up", met[:2])
    if run.stopped:
        return unfinished(run, met[:1])
    seen = crash(run)
    if seen:
        return broken(f"crashed, {seen}: {last_word(run)}", met[:1])
    if why := unfounded_success(run):
        return broken(why, met[:1])
    if run.exit_code == 0:
        return kept("recovered")
    return kept(f"gave up, {ending(run)}: {last_word(run)}")


def recovers_from_silence(run: Trace) -> ClientVerdict:
    """As `recovers`; but a command that is still waiting at its end may have a longer limit of its own."""
    if run.stopped and run.exchanges and run.exchanges[-1].fault:
        waited = seconds(run.duration_ms - run.exchanges[-1].at_ms)
        return not_exercised(f"still waiting for the answer after {waited}; its own limit may be longer")
    return recovers(run)


def survives(run: Trace) -> ClientVerdict:
    """What a provider may well send changes nothing: the command ends with exit code 0 all the same."""
    met = tuple(i for i, e in enumerate(run.exchanges) if e.fault)
    if not met and not any(d.fault and d.taken for d in run.deliveries):
        return never_met(run, "it")
    return unharmed(run, met[:1])


def survives_missing_results(run: Trace) -> ClientVerdict:
    """A task that succeeds with nothing to show for it is no success of the command's."""
    met = tuple(i for i, e in enumerate(run.exchanges) if e.fault and e.final)
    called = any(d.fault and d.final and d.taken for d in run.deliveries)
    if not met and not called:
        return never_met(run, "it")
    if run.stopped and len(met) > TRIES:
        return broken(f"asked {len(met)} times for results that do not come", met[:1])
    if run.stopped:
        return unfinished(run, met[:1])
    if run.exit_code == 0:
        given = [run.exchanges[i].given for i in met] + [
            d.given for d in run.deliveries if d.fault and d.taken
        ]
        if some := max(given):
            return kept(
                f"ended with exit code 0, with {some} of the results that it had asked for", warning=True
            )
        return broken("ended with exit code 0 though it was given no results", met[:1])
    seen = crash(run)
    if seen:
        return broken(f"crashed, {seen}: {last_word(run)}", met[:1])
    return kept(f"{ending(run)}: {last_word(run)}")


def recovers_from_endings(run: Trace) -> ClientVerdict:
    """A task that was moderated, cancelled or not done in its time has ended, and not in success."""
    without = {task.task_id: task.status for task in run.tasks if task.failed}
    met = tuple(i for i, e in enumerate(run.exchanges) if e.final and e.task_id in without)
    if not met and not run.called_back & without.keys():
        return not_exercised("the client was not told the end")
    state = next(iter(without.values()))
    if run.stopped == "loop":
        return broken(f"went on polling after {state!r} was reported", met[:1])
    if run.stopped:
        return unfinished(run, met[:1])
    if run.exit_code == 0:
        return broken(f"ended with exit code 0 though the task ended as {state!r}", met[:1])
    seen = crash(run)
    if seen:
        return broken(f"crashed, {seen}: {last_word(run)}", met[:1])
    return kept(f"{ending(run)}: {last_word(run)}")


def gives_up(run: Trace) -> ClientVerdict:
    """Waiting for a task that never ends has an end of its own."""
    if not run.creates:
        return not_exercised("no task was created")
    if run.stopped:
        waited, polls = run.duration_ms, len(run.polls)
        if waited >= max(ENDLESS_MS, ENDLESS_TASKS * run.task_ms) and polls > TRIES:
            text = f"asked {polls} times in {seconds(waited)} about a task of {seconds(run.task_ms)}"
            return broken(f"{text}, and was still asking when it was stopped")
        return not_exercised(
            f"still waiting after {seconds(waited)}; its own limit may be longer: --fast-sleep 60 shows more"
        )
    if run.exit_code == 0:
        return broken("ended with exit code 0 though the task is still running")
    return kept(f"gave up, {ending(run)}: {last_word(run)}")


def loops(run: Trace) -> bool:
    """Whether it is certain already that the client asks for ever: after the end, or whatever it is told.

    A task that is not found is no such case: who asks about it till the end of his patience may have one.
    """
    if any(len(polls) >= LOOP for polls in _polls_after_the_end(run).values()):
        return True
    last = run.polls[-TRIES - 1 :]
    return len(last) > TRIES and all(_refused(e) for e in last) and not run.passing


def _refused(e: JournalExchange) -> bool:
    return bool(e.fault) and e.verdict != "accepted" and not e.missing


def unharmed(run: Trace, moments: tuple[int, ...]) -> ClientVerdict:
    """Kept when the command ended well all the same."""
    if why := unfounded_success(run):
        return broken(why, moments)
    if run.ended_well:
        return kept("unharmed")
    if run.stopped:
        return unfinished(run, moments)
    seen = crash(run)
    return broken(f"{f'crashed, {seen}' if seen else ending(run)}; {last_word(run)}", moments)


def _ends(e: JournalExchange) -> bool:
    """Whether an answer told the end, whole: after a success that lacks its results asking again is right."""
    return e.final and not (e.fault and e.kind in POLLS)


def _polls_after_the_end(run: Trace) -> dict[str, list[int]]:
    """task -> indexes of the polls after its end was reported, for tasks with more than is harmless."""
    ended: set[str] = set()
    polls: dict[str, list[int]] = defaultdict(list)
    for i, e in enumerate(run.exchanges):
        if e.task_id in ended and e.kind == "query":
            polls[e.task_id].append(i)
        if e.kind == "result" and e.troubled:
            # Asking again may renew a link that does not lead to the result.
            ended.discard(e.task_id)
        if _ends(e):
            ended.add(e.task_id)
    return {task: after for task, after in polls.items() if len(after) > POLLS_AFTER_THE_END}
