"""What a judge gives, and the words for it: how a run ended, what it printed, amounts of time and money."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from understudy.contracts.client_verifier.trace import JournalExchange, Trace

Outcome = Literal["kept", "broken", "not exercised"]

# Of a run over its time: so long (by our clock) without anything to wait for is a hang, not a slow machine.
HANG_MS = 10_000
MOST_QUOTED = 160
HTTP_ERROR = 400
# The line of ours in the output of a command that was started twice, between what it printed each time.
STARTED_AGAIN = ", and started again …"

# How runtimes say that a program ended by an error that nobody caught.
CRASHES = (
    ("Python", r"^Traceback \(most recent call last\)"),
    ("Go", r"^panic: |^fatal error: |^goroutine \d+ \[running\]"),
    ("Node", r"^Node\.js v\d+|UnhandledPromiseRejection|^Uncaught |^node:internal/"),
    ("Java", r"^Exception in thread "),
    (".NET", r"^Unhandled exception"),
    ("Rust", r"thread '.*' panicked at"),
    ("PHP", r"^(PHP )?Fatal error: +Uncaught|^PHP Fatal error"),
    ("Ruby", r"^\S+\.rb:\d+:in .*\([\w:]+\)$"),
    ("native code", r"^Segmentation fault"),
)
PATTERNS = [(name, re.compile(pattern, re.MULTILINE)) for name, pattern in CRASHES]
TRACEBACK = re.compile(r"^Traceback \(most recent call last\)")
FRAME = re.compile(r"^\s+at \S")
# A line that names an error: "ApiError: refused", "requests.exceptions.ConnectionError: …".
NAMED = re.compile(
    r"^(?:Exception in thread .*|panic: .*|(?:[\w$]+[.:])*\w*(?:Error|Exception|Fault|Timeout)\b.*)"
)


@dataclass(frozen=True, slots=True)
class ClientVerdict:
    """The outcome, why in one line, the exchanges to look at (their indexes), and money lost in units."""

    outcome: Outcome
    text: str
    moments: tuple[int, ...] = ()
    units: float = 0.0
    # Kept, and yet worth a look.
    warning: bool = False


def kept(text: str, *, warning: bool = False) -> ClientVerdict:
    return ClientVerdict("kept", text, warning=warning)


def broken(text: str, moments: tuple[int, ...] = (), units: float = 0.0) -> ClientVerdict:
    return ClientVerdict("broken", text, moments, units)


def not_exercised(text: str) -> ClientVerdict:
    return ClientVerdict("not exercised", text)


def never_met(run: Trace, what: str) -> ClientVerdict:
    """Of a run in which no exchange showed `what` is played; one that asked nothing may have crashed."""
    if not run.exchanges and run.exit_code:
        return not_exercised(f"it asked nothing, and ended, {ending(run)}: {last_word(run)}")
    return not_exercised(f"the client never met {what}")


def unfinished(run: Trace, moments: tuple[int, ...] = ()) -> ClientVerdict:
    """Of a run that we had to stop: a hang is broken; one that was still at work may be on a slow machine."""
    if run.stopped == "loop":
        return not_exercised("it never stopped polling")
    if run.hangs(HANG_MS):
        text = f"hung: nothing happened for {seconds(run.idle_ms)}, until it was stopped"
        return broken(f"{text}; {last_word(run)}", moments)
    return not_exercised(f"could not tell: still at work after {seconds(run.duration_ms)}; raise --timeout")


def unfounded_success(run: Trace) -> str:
    """Why exit code 0, which says that the results are there, cannot be right; "" when it may be.

    A list tells of many tasks, and who asks about none may leave the waiting to somebody else.
    """
    fetched = [e for e in run.exchanges if e.kind == "result"]
    if run.ended_well and fetched and all(e.status is None or e.status >= HTTP_ERROR for e in fetched):
        return "ended with exit code 0 though none of the results that it asked for came"
    if not run.ended_well or not run.creates or any(e.kind == "list" and not e.troubled for e in run.polls):
        return ""
    given = any(not e.troubled and not e.doubtful for e in run.creates)
    if not given and not run.polls and not run.learned:
        return "ended with exit code 0 though it was given no task"
    if run.polls and not run.learned:
        return "ended with exit code 0 though it never learned the end of its task"
    return ""


def ending(run: Trace) -> str:
    """How the command ended: "exit code 2", "killed by signal 11", "stopped at its time limit"."""
    if run.stopped == "loop":
        return "stopped, it would have polled for ever"
    if run.stopped == "restart":
        return "killed, to be started again"
    if run.exit_code is None:
        return "stopped at its time limit"
    if run.exit_code < 0:
        return f"killed by signal {-run.exit_code}"
    return f"exit code {run.exit_code}"


def crashed_in(run: Trace) -> str:
    """The runtime whose words for an uncaught error stand in the output, "" for none."""
    return next((name for name, pattern in PATTERNS if pattern.search(run.output)), "")


def crash(run: Trace) -> str:
    """What was seen of a crash: "exit code 1, an uncaught error of Python"; "" when nothing was."""
    if run.exit_code == 0 or run.exit_code is None:
        return ""
    where = crashed_in(run)
    if where:
        return f"{ending(run)}, an uncaught error of {where}"
    return ending(run) if run.exit_code < 0 else ""


def last_word(run: Trace) -> str:
    """What the command said at its end: the line with the error where there is one, else its last line.

    Of one that was started again: what it said since then.
    """
    line = telling_line(run.output.rpartition(STARTED_AGAIN)[2])
    return repr(line[:MOST_QUOTED]) if line else "it printed nothing"


def telling_line(output: str) -> str:
    """The line that says what went wrong, among frames of a stack and what runtimes print below them."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    traces = [i for i, line in enumerate(lines) if TRACEBACK.match(line)]
    if traces:
        after = (line for line in lines[traces[-1] + 1 :] if not line.startswith((" ", "\t")))
        return next(after, lines[-1]).strip()
    for line, following in itertools.pairwise(lines):
        if FRAME.match(following) and not FRAME.match(line):
            return line.strip()
    panicked = [i for i, line in enumerate(lines) if "' panicked at" in line]
    if panicked and panicked[0] + 1 < len(lines):
        return lines[panicked[0] + 1].strip()
    named = [line for line in lines if NAMED.match(line)]
    return (named or lines or [""])[-1].strip()


def answer_to(e: JournalExchange) -> str:
    """ "504/5002 to a create", "no answer to a poll", "an answer to a poll that told 'succeed'"."""
    noun = NOUNS.get(e.kind, "a request")
    if e.status is None:
        return f"no answer to {noun}"
    if e.fault and e.verdict == "accepted" and not e.told and e.status < 400:
        return f"an answer to {noun} that cannot be read"
    if e.told and e.status < 400:
        return f"an answer to {noun} that told {e.told!r}"
    code = "" if e.code in (None, 0, "0") else f"/{e.code}"
    return f"{e.status}{code} to {noun}"


NOUNS = {
    "create": "a create",
    "query": "a poll",
    "list": "a list",
    "result": "a download",
    "cancel": "a cancel",
}


def plain(text: str) -> str:
    """`text` as it is compared with what a command printed."""
    return " ".join(text.split()).casefold()


def seconds(ms: float) -> str:
    return f"{number(ms / 1000)} s"


def units(value: float) -> str:
    return f"{number(value)} unit" + ("" if value == 1 else "s")


def number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
