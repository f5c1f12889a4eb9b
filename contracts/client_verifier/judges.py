"""One function per promise: a run in, a verdict out. No clock, no network, no knowledge of a provider.

A verdict is *broken* only on what the journal shows; what a run gave no occasion to see is *not exercised*.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contracts.client_verifier.trace import POLLS

if TYPE_CHECKING:
    from contracts.client_verifier.trace import Exchange, Trace

Outcome = Literal["kept", "broken", "not exercised"]

# Asking once more after the end was told is no harm; a loop is.
POLLS_AFTER_THE_END = 2
POLLS_A_SECOND = 10
# So often asked after the end, a run need not go on: it will never stop.
LOOP = 6
# Of a run over its time: so long (by our clock) without anything to wait for is a hang, not a slow machine.
HANG_MS = 10_000
# So often the same trouble, met again and again, is no patience any more.
TRIES = 20
# Timers wake up early by a little, and the mock notes its times in whole milliseconds.
EARLY_MS = 50
WINDOW_MS = 1000

# How runtimes say that a program ended by an error that nobody caught.
CRASHES = re.compile(
    r"^Traceback \(most recent call last\)|^panic: |^goroutine \d+ \[running\]|UnhandledPromiseRejection"
    r"|^Uncaught |^node:internal/|^Exception in thread |^Unhandled exception|thread '.*' panicked at"
    r"|^PHP Fatal error|^Fatal error: Uncaught|^Segmentation fault|^\S+\.rb:\d+:in .*\(\w+\)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, why in one line, the exchanges to look at (their indexes), and money lost in units."""

    outcome: Outcome
    text: str
    moments: tuple[int, ...] = ()
    units: float = 0.0
    # Kept, and yet worth a look.
    warning: bool = False


def kept(text: str, *, warning: bool = False) -> Verdict:
    return Verdict("kept", text, warning=warning)


def not_exercised(text: str) -> Verdict:
    return Verdict("not exercised", text)


def requests_valid(run: Trace) -> Verdict:
    """Every request to the API is one that the contract takes."""
    wrong = [(i, e) for i, e in enumerate(run.exchanges) if e.problems and e.kind != "result"]
    if wrong:
        first = wrong[0][1]
        text = f"{first.method} {first.path}: {'; '.join(first.problems)}"
        more = f" ({len(wrong)} requests in all)" if len(wrong) > 1 else ""
        return Verdict("broken", text + more, tuple(i for i, _ in wrong))
    unheeded = sorted({field for e in run.creates for field in e.unknown_fields})
    if unheeded:
        return kept(f"the provider does not know, and would not heed: {', '.join(unheeded)}", warning=True)
    asked = [e for e in run.exchanges if e.kind not in ("other", "result")]
    many = "1 request" if len(asked) == 1 else f"{len(asked)} requests"
    return kept(many) if asked else not_exercised("no request came")


def finishes(run: Trace) -> Verdict:
    """The command ends by itself, with exit code 0."""
    if run.stopped:
        return unfinished(run)
    if run.exit_code != 0:
        return Verdict("broken", f"{ending(run)}; {last_word(run)}")
    if not run.creates:
        return not_exercised("it ended without creating a task")
    return kept(f"in {_seconds(run.duration_ms)}")


def reports_reason(run: Trace) -> Verdict:
    """The reason of a failed task stands in what the command prints."""
    reasons = {task.task_id: task.reason for task in run.tasks if task.reason}
    told = {e.task_id for e in run.exchanges if e.final} | {
        d.task_id for d in run.deliveries if d.final and d.genuine and d.taken
    }
    known = {reasons[task] for task in told if task in reasons}
    if not known:
        return not_exercised("the client was told of no failed task")
    missing = sorted(reason for reason in known if _plain(reason) not in _plain(run.output))
    if not missing:
        return kept(f"printed {min(known)!r}")
    if run.stopped == "loop":
        return not_exercised("it never stopped polling")
    if run.stopped and run.idle_ms < HANG_MS * run.speed:
        return unfinished(run)
    at = tuple(i for i, e in enumerate(run.exchanges) if e.final)
    return Verdict("broken", f"{missing[0]!r} was told and is nowhere in the output", at[:1])


def stops_polling(run: Trace) -> Verdict:
    """Once a terminal state was told, the task is asked about at most twice more."""
    if not any(e.final for e in run.exchanges):
        return not_exercised("no answer told a terminal state")
    after = _polls_after_the_end(run)
    for told, polls in after.items():
        state = next(e.told for e in run.exchanges if e.final and e.task_id == told)
        text = f"asked {len(polls)} times more after {state!r} was told"
        if run.stopped:
            text += ", and was still asking when it was stopped"
        return Verdict("broken", text, tuple(polls))
    return kept("no loop after the end")


def sane_rate(run: Trace) -> Verdict:
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
        return Verdict("broken", f"{len(worst)} polls of one task in a second", tuple(i for _, i in worst))
    return kept(f"at most {len(worst)} polls of a task in a second")


def honours_retry_after(run: Trace) -> Verdict:
    """After an answer with Retry-After, the same kind of request comes no sooner than that."""
    asked = [(i, e) for i, e in enumerate(run.exchanges) if e.retry_after_ms and e.answered_ms is not None]
    if not asked:
        return not_exercised("no answer asked for a pause")
    for i, told in asked:
        after = next(((j, e) for j, e in enumerate(run.exchanges) if j > i and e.kind == told.kind), None)
        if after is None:
            continue
        waited = after[1].at_ms - (told.answered_ms or 0)
        if waited < (told.retry_after_ms or 0) - EARLY_MS:
            text = f"told to stay away for {_seconds(told.retry_after_ms or 0)}, came back after {waited} ms"
            return Verdict("broken", text, (i, after[0]))
    return kept("it waited as told")


def submits_once(run: Trace) -> Verdict:
    """After a create whose answer was lost, nothing is ordered again as something new.

    Safe ways: the same external_task_id again (the provider refuses it if the task exists), or a look first
    (by external id or in the list) that says the task is not there. The cost is that of the later tasks.
    """
    creates = [(i, e) for i, e in enumerate(run.exchanges) if e.kind == "create"]
    doubts = [(i, e) for i, e in creates if e.doubtful]
    if not doubts:
        return not_exercised("no create was left in doubt")
    again: list[int] = []
    for i, doubt in doubts:
        later = [(j, e) for j, e in creates if j > i and e.order == doubt.order]
        again += [j for j, e in later if not _safe(run, i, doubt, j, e)]
    if not again:
        return kept("it did not order twice")
    moments = tuple(sorted({i for i, _ in doubts} | set(again)))
    made = {run.exchanges[i].task_id for i in moments}
    paid = [task.units for task in run.tasks if task.task_id in made]
    lost = sum(paid[1:])
    first = doubts[0][1]
    answer = "no answer" if first.status is None else str(first.status)
    answer += f"/{first.code}" if first.status is not None and first.code is not None else ""
    times = "once" if len(set(again)) == 1 else f"{len(set(again))} times"
    price = f"{_units(lost)} paid for nothing" if lost else "by luck, the first had not been made"
    text = f"after {answer} to a create it ordered the same {times} again: {price}"
    return Verdict("broken", text, moments, lost)


def recovers(run: Trace) -> Verdict:
    """The command gets over the trouble, or ends by itself without a crash."""
    met = tuple(i for i, e in enumerate(run.exchanges) if e.fault)
    if not met:
        return not_exercised("the client never met the trouble")
    if run.stopped and len(met) > TRIES:
        return Verdict("broken", f"met the trouble {len(met)} times and did not give up", met[:2])
    if run.stopped:
        return unfinished(run, met[:1])
    crash = CRASHES.search(run.output)
    if run.exit_code != 0 and (crash or (run.exit_code or 0) < 0):
        return Verdict("broken", f"crashed, {ending(run)}: {last_word(run)}", met[:1])
    if run.exit_code == 0:
        return kept("recovered")
    left = run.units()
    behind = f", leaving {_units(left)} of tasks behind" if left else ""
    return kept(f"gave up, {ending(run)}{behind}: {last_word(run)}")


def recovers_from_silence(run: Trace) -> Verdict:
    """As `recovers`; but a command that is still waiting at its end may have a longer limit of its own."""
    if run.stopped and run.exchanges and run.exchanges[-1].fault:
        waited = _seconds(run.duration_ms - run.exchanges[-1].at_ms)
        return not_exercised(f"still waiting for the answer after {waited}; its own limit may be longer")
    return recovers(run)


def survives(run: Trace) -> Verdict:
    """What a provider may well send changes nothing: the command ends with exit code 0 all the same."""
    met = tuple(i for i, e in enumerate(run.exchanges) if e.fault)
    if not met and not any(d.fault and d.taken for d in run.deliveries):
        return not_exercised("the client never met it")
    return _unharmed(run, met[:1])


def survives_callbacks(run: Trace) -> Verdict:
    """Callbacks that come twice, late, in another order or not at all change nothing."""
    if not _takes_callbacks(run):
        return not_exercised("the client names no callback_url")
    return _unharmed(run, ())


def checks_signature(run: Trace) -> Verdict:
    """A callback with a wrong signature is not believed: the end is learned in another way, or not at all."""
    if not _takes_callbacks(run):
        return not_exercised("the client names no callback_url")
    forged = [d for d in run.deliveries if d.final and not d.genuine]
    if not forged:
        return not_exercised("no forged callback reached the client")
    known = {e.task_id for e in run.exchanges if e.final} | {
        d.task_id for d in run.deliveries if d.final and d.genuine and d.taken
    }
    trusted = [d for d in forged if d.taken and d.task_id not in known]
    if trusted and not run.stopped:
        text = (
            f"took a forged {trusted[0].told!r} for true (answered {trusted[0].answered}, never asked back)"
        )
        return Verdict("broken", text)
    return kept("refused it" if any(not d.taken for d in forged) else "it did not act on it")


def gives_up(run: Trace) -> Verdict:
    """Waiting for a task that never ends has an end of its own."""
    if not run.creates:
        return not_exercised("no task was created")
    if run.stopped:
        return not_exercised(f"still waiting after {_seconds(run.duration_ms)}; its own limit may be longer")
    if run.exit_code == 0:
        return Verdict("broken", "ended with exit code 0 though the task is still running")
    return kept(f"gave up, {ending(run)}: {last_word(run)}")


def unfinished(run: Trace, moments: tuple[int, ...] = ()) -> Verdict:
    """Of a run that we had to stop: a hang is broken; one that was still at work may be on a slow machine."""
    if run.stopped == "loop":
        return not_exercised("it never stopped polling")
    if run.idle_ms >= HANG_MS * run.speed:
        text = f"hung: nothing happened for {_seconds(run.idle_ms)}, till it was stopped"
        return Verdict("broken", f"{text}; {last_word(run)}", moments)
    return not_exercised(f"could not tell: still at work after {_seconds(run.duration_ms)}; raise --timeout")


def loops(run: Trace) -> bool:
    """Whether it is certain already that the client asks for ever about a task that has ended."""
    return any(len(polls) >= LOOP for polls in _polls_after_the_end(run).values())


def ending(run: Trace) -> str:
    """How the command ended: "exit code 2", "killed by signal 11", "stopped at its time limit"."""
    if run.stopped == "loop":
        return "stopped, it would have polled for ever"
    if run.exit_code is None:
        return "stopped at its time limit"
    if run.exit_code < 0:
        return f"killed by signal {-run.exit_code}"
    return f"exit code {run.exit_code}"


def last_word(run: Trace) -> str:
    """The last line that the command printed, shortened."""
    lines = [line.strip() for line in run.output.splitlines() if line.strip()]
    return repr(lines[-1][:160]) if lines else "it printed nothing"


def _unharmed(run: Trace, moments: tuple[int, ...]) -> Verdict:
    if run.ended_well:
        return kept("unharmed")
    if run.stopped:
        return unfinished(run, moments)
    crash = "crashed, " if CRASHES.search(run.output) else ""
    return Verdict("broken", f"{crash}{ending(run)}; {last_word(run)}", moments)


def _takes_callbacks(run: Trace) -> bool:
    return any(e.callback_url for e in run.creates)


def _polls_after_the_end(run: Trace) -> dict[str, list[int]]:
    """task -> indexes of the polls after its end was told, for tasks with more of them than is no harm."""
    ended: set[str] = set()
    polls: dict[str, list[int]] = defaultdict(list)
    for i, e in enumerate(run.exchanges):
        if e.task_id in ended and e.kind == "query":
            polls[e.task_id].append(i)
        if e.final:
            ended.add(e.task_id)
    return {task: after for task, after in polls.items() if len(after) > POLLS_AFTER_THE_END}


def _safe(run: Trace, first: int, doubt: Exchange, second: int, again: Exchange) -> bool:
    """Whether the create at `second` cannot pay twice for what the one at `first` may have made."""
    if doubt.external_id and doubt.external_id == again.external_id:
        return True
    looked = any(e.kind in POLLS and not e.doubtful for e in run.exchanges[first + 1 : second])
    exists = any(task.task_id == doubt.task_id for task in run.tasks)
    return looked and not exists


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _seconds(ms: int) -> str:
    return f"{_number(ms / 1000)} s"


def _units(value: float) -> str:
    return f"{_number(value)} unit" + ("" if value == 1 else "s")


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
