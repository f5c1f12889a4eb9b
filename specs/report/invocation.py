"""How a report came about: the command, when, how long, from which seed and with which versions."""

from __future__ import annotations

import datetime
import itertools
import platform
import re
import shlex
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from understudy.specs.secrets import blot_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HIDDEN = "***"
# Options whose value is a secret, and those whose value is NAME=SECRET.
SECRET = re.compile(r"--[\w-]*(key|secret|token|password)$")
PAIRS = frozenset({"--env"})


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of a command.

    command   as it was typed, secrets hidden
    began     RFC 3339, UTC: "2026-11-29T01:50:00Z", or a day alone
    ended     the same; "" where a run has no duration to speak of
    seconds   how long it took; None where it does not matter
    seed      what chose the requests; None where nothing is chosen
    versions  (name, version) of what did the work
    exit_code the command's exit code; None when it is not known yet
    """

    command: str = ""
    began: str = ""
    ended: str = ""
    seconds: float | None = None
    seed: int | None = None
    versions: tuple[tuple[str, str], ...] = ()
    exit_code: int | None = None

    def facts(self) -> list[tuple[str, str]]:
        """What a page shows of it: (name, value)."""
        rows = [
            ("date", self.began),
            ("duration", duration(self.seconds) if self.seconds is not None else ""),
            ("seed", "" if self.seed is None else str(self.seed)),
            ("versions", ", ".join(f"{name} {number}" for name, number in self.versions)),
            ("command line", self.command),
        ]
        return [(name, value) for name, value in rows if value]


def finished(command: str, began: float, ended: float, exit_code: int) -> Invocation:
    """The record of a run that has ended. `began` and `ended` are seconds since the Unix epoch."""
    return Invocation(
        command=command,
        began=rfc3339(began * 1000),
        ended=rfc3339(ended * 1000),
        seconds=round(ended - began, 3),
        versions=versions_of("understudy"),
        exit_code=exit_code,
    )


def duration(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 5 s"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def rfc3339(epoch_ms: float) -> str:
    """Milliseconds since the Unix epoch as a UTC time to the second; "" for a time that no calendar has."""
    try:
        moment = datetime.datetime.fromtimestamp(epoch_ms / 1000, datetime.UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def versions_of(*distributions: str) -> tuple[tuple[str, str], ...]:
    """(name, version) of installed distributions and of this interpreter; others are left out."""
    found = []
    for name in distributions:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return (*found, ("Python", platform.python_version()))


def command_line(words: Sequence[str]) -> str:
    """A command as a shell reads it, with secrets hidden: keys, values of --env, those in addresses.

    ["understudy", "verify", "http://h", "--api-key", "k"] -> "understudy verify http://h --api-key '***'"
    """
    return shlex.join(_without_secrets(words))


def _without_secrets(words: Iterable[str]) -> Iterable[str]:
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if equals and SECRET.match(name):
            yield f"{name}={HIDDEN}"
        elif equals and name in PAIRS:
            yield f"{name}={_pair(value)}"
        else:
            yield blot_url(word) if "://" in word else word
            if SECRET.match(word):
                yield from (HIDDEN for _ in itertools.islice(rest, 1))
            elif word in PAIRS:
                yield from map(_pair, itertools.islice(rest, 1))


def _pair(text: str) -> str:
    name, equals, _ = text.partition("=")
    return f"{name}={HIDDEN}" if equals else HIDDEN
