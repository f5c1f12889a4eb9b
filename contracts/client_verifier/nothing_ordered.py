"""A command that orders nothing when nothing goes wrong: there is nothing to grade, and one thing to say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.contracts.client_verifier.conversation import output_tail
from understudy.contracts.client_verifier.verdict import ending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.contracts.client_verifier.trace import JournalExchange, Trace

# What shells, env and their like say of a program that is not there, or cannot be executed (POSIX, 2.8.2).
NOT_STARTED = (126, 127)
# Of what a stranger's program prints, these could move the cursor.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
MOST_ASKED = 5
UNAUTHORIZED = 401
# What refusals of credentials say of who sent them; of the others their own words say enough.
OTHER_KEY = {"authorization_failed": "with another key", "authorization_empty": "without a key"}
CLOCKS = {
    "authorization_not_yet_valid": "Is the clock that dates its token fast?",
    "authorization_expired": "Is the clock that dates its token slow, or is the token an old one?",
}
ADDRESS = re.compile(r"https?://[\w.\-]+(?::\d+)?")
OURS = re.compile(r"https?://(127\.|localhost\b|0\.0\.0\.0)")


class NothingOrdered(Exception):  # noqa: N818 - nobody's mistake yet: the command line says what it is
    """The run in which nothing went wrong created no task."""

    def __init__(self, run: Trace) -> None:
        super().__init__(_what(run))
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


def _what(run: Trace) -> str:
    if run.exchanges:
        asked = dict.fromkeys(_asked(e) for e in run.exchanges)
        return f"{_why(run)} It asked:{_list(asked)}"
    if run.exit_code in NOT_STARTED:
        return "the command could not be started"
    text = (
        "the command never asked the mock anything. Does it read its address from UNDERSTUDY_URL, or from a "
        "name given with --env NAME={url}?"
    )
    others = dict.fromkeys(a for a in ADDRESS.findall(run.output) if not OURS.match(a))
    return text + (f" Its output names {', '.join([*others][:3])}." if others else "")


def _why(run: Trace) -> str:
    """What the refusals say of a command whose key did not let it in; else that it ordered nothing."""
    refused = [e for e in run.exchanges if e.status == UNAUTHORIZED]
    if len(refused) < len(run.exchanges):
        return "the command created no task, though nothing went wrong."
    hint = "Does it read its key from UNDERSTUDY_API_KEY, or from a name given with --env NAME={api_key}?"
    first = refused[0]
    if first.verdict in OTHER_KEY:
        return f"the command asked the mock {OTHER_KEY[first.verdict]}. {hint}"
    clock = f" {CLOCKS[first.verdict]}" if first.verdict in CLOCKS else ""
    return f"the command's credentials were refused: {first.message or first.verdict}.{clock}"


def _asked(e: JournalExchange) -> str:
    verdict = e.problems if e.status != UNAUTHORIZED else ()
    verdict = verdict or (() if e.verdict == "accepted" else (e.verdict,))
    return ", ".join([f"{e.method} {e.path} → {e.status or 'no answer'}", *verdict])


def _list(asked: Mapping[str, None]) -> str:
    lines = [*asked]
    more = [f"… {len(lines) - MOST_ASKED} more"] if len(lines) > MOST_ASKED else []
    return "".join(f"\n  {line}" for line in [*lines[:MOST_ASKED], *more])
