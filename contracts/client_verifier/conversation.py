"""A run as lines that a person reads: who said what when, with the moments that matter marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.contracts.client_verifier.verdict import ending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from understudy.contracts.client_verifier.trace import JournalDelivery, JournalExchange, Trace

AROUND = 2
OUTPUT_LINES = 12
LINE_CHARACTERS = 400


def conversation(run: Trace, moments: Iterable[int] = ()) -> str:
    """One line for each exchange and callback by time, `>` before the moments (indexes of exchanges).

    Long stretches without a moment are folded into "… 40 more".
    """
    marked = set(moments)
    lines = [
        (e.at_ms, 0, i, _exchange(e, marked=i in marked), i in marked) for i, e in enumerate(run.exchanges)
    ]
    lines += [(d.at_ms, 1, i, _delivery(d), False) for i, d in enumerate(run.deliveries)]
    lines.sort()
    shown = _fold([text for *_, text, _ in lines], [mark for *_, mark in lines])
    shown.append(f"  {_clock(run.duration_ms)}  the command: {ending(run)}")
    return "\n".join(shown)


def output_tail(run: Trace) -> str:
    """The last lines that the command printed, long ones cut."""
    lines = run.output.rstrip().splitlines()
    left_out = len(lines) - OUTPUT_LINES
    head = [f"… {left_out} lines before"] if left_out > 0 else []
    return "\n".join([*head, *(_cut(line) for line in lines[-OUTPUT_LINES:])])


def _cut(line: str) -> str:
    left_out = len(line) - LINE_CHARACTERS
    return line if left_out <= 0 else f"{line[:LINE_CHARACTERS]}… {left_out} characters more"


def _exchange(e: JournalExchange, *, marked: bool) -> str:
    answer = "no answer" if e.status is None else str(e.status)
    if e.code not in (None, 0) and e.status is not None:
        answer += f"/{e.code} {e.message}".rstrip()
    parts = [f"{e.method} {e.path} → {answer}"]
    if e.told:
        parts.append(e.told)
    if e.retry_after_ms:
        parts.append(f"Retry-After {e.retry_after_ms / 1000:g} s")
    parts += [f"wrong: {problem}" for problem in e.problems if problem not in answer]
    if e.fault:
        parts.append(f"[{e.fault}]")
    return f"{'>' if marked else ' '} {_clock(e.at_ms)}  " + ", ".join(parts)


def _delivery(d: JournalDelivery) -> str:
    answer = "no answer" if d.answered is None else str(d.answered)
    notes = "" if d.genuine else ", signature wrong"
    notes += f" [{d.fault}]" if d.fault else ""
    return f"  {_clock(d.at_ms)}  callback {d.told} → {answer}{notes}"


def _clock(ms: int) -> str:
    return f"{ms / 1000:8.3f} s"


def _fold(lines: list[str], marks: list[bool]) -> list[str]:
    """`lines` with those far from the ends and from every mark replaced by one line that counts them."""
    # The first ten marks tell the story; a hundred more would only repeat it.
    told = [i for i, mark in enumerate(marks) if mark][:10]
    near = {j for i in [0, *told, len(lines) - 1] for j in range(i - AROUND, i + AROUND + 1)}
    shown: list[str] = []
    folded = 0
    for i, line in enumerate([*lines, None]):
        if line is not None and i not in near:
            folded += 1
            continue
        if folded:
            shown.append(f"  … {folded} more")
            folded = 0
        if line is not None:
            shown.append(line)
    return shown
