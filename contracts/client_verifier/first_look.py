"""A command that orders nothing when nothing goes wrong: there is nothing to grade, and one thing to say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from contracts.client_verifier.conversation import output_tail
from contracts.client_verifier.judges import ending

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.client_verifier.trace import Trace

# What shells, env and their like say of a program that is not there, or cannot be executed (POSIX, 2.8.2).
NOT_STARTED = (126, 127)
# Of what a stranger's program prints, these could move the cursor.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
MOST_ASKED = 5
ADDRESS = re.compile(r"https?://[\w.\-]+(?::\d+)?")
OURS = re.compile(r"https?://(127\.|localhost\b|0\.0\.0\.0)")


class NothingOrdered(Exception):  # noqa: N818 - nobody's mistake yet: the command line says what it is
    """The run in which nothing went wrong created no task. `heard`: all that any caller asked the mock."""

    def __init__(self, run: Trace, heard: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(_what(run, heard))
        self.run = run

    @property
    def started(self) -> bool:
        """Whether the command came to life at all."""
        return bool(self.run.exchanges) or self.run.exit_code not in NOT_STARTED

    def __str__(self) -> str:
        """What is wrong, how the command ended, and the end of what it printed."""
        said = CONTROL.sub("", output_tail(self.run))
        seconds = f"{self.run.real_seconds:.1f} s"
        told = f"It ended with {ending(self.run)} after {seconds}"
        if self.run.stopped:
            told = f"It was stopped after {seconds}"
        told += f", and printed:\n{said}" if said.strip() else ", and printed nothing"
        return f"{self.args[0]}\n{told}"


def _what(run: Trace, heard: Sequence[Mapping[str, Any]]) -> str:
    if run.exchanges:
        asked = dict.fromkeys(_asked(e.method, e.path, e.status, e.problems) for e in run.exchanges)
        return f"the command created no task, though nothing went wrong. It asked:{_list(asked)}"
    if heard:
        asked = dict.fromkeys(_asked(e["method"], e["target"], e["status"], _verdict(e)) for e in heard)
        keys = any(name.lower() == "authorization" for e in heard for name in e["headers"])
        how = "with another key" if keys else "without a key"
        return (
            f"the command asked the mock {how}. Does it take its key from "
            f"UNDERSTUDY_API_KEY, or from a name given with --env NAME={{api_key}}? It asked:{_list(asked)}"
        )
    if run.exit_code in NOT_STARTED:
        return "the command could not be started"
    text = (
        "the command never asked the mock anything. Does it take its address from UNDERSTUDY_URL, or from a "
        "name given with --env NAME={url}?"
    )
    others = dict.fromkeys(a for a in ADDRESS.findall(run.output) if not OURS.match(a))
    return text + (f" Its output names {', '.join([*others][:3])}." if others else "")


def _asked(method: str, path: str, status: int | None, problems: Sequence[str]) -> str:
    return ", ".join([f"{method} {path} → {status or 'no answer'}", *problems])


def _verdict(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return () if entry["verdict"] == "accepted" else (str(entry["verdict"]),)


def _list(asked: Mapping[str, None]) -> str:
    lines = [*asked]
    more = [f"… {len(lines) - MOST_ASKED} more"] if len(lines) > MOST_ASKED else []
    return "".join(f"\n  {line}" for line in [*lines[:MOST_ASKED], *more])
