"""The possible results for a promise: kept, broken (with evidence), or inconclusive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from understudy.specs.errors import UnderstudyError


class Verdict(Enum):
    """The verdict on one promise; the value is the word that reports print."""

    BROKEN = "broken"
    # Broken, of a promise that no document states: a warning, which fails nothing.
    ARGUABLE = "arguable"
    KEPT = "kept"
    UNCLEAR = "could not tell"
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Kept:
    """One observation that agrees with the promise; `number` is the exchange that shows it."""

    number: int = -1


@dataclass(frozen=True, slots=True)
class Failure:
    """One observation that breaks the promise.

    `exchanges` and `deliveries` are numbers in the conversation, the decisive one first; `task` is the label
    of the task whose time line shows it; `pointer` is the request field at fault, where there is one.
    """

    message: str
    expected: str = ""
    found: str = ""
    exchanges: tuple[int, ...] = ()
    deliveries: tuple[int, ...] = ()
    task: str = ""
    pointer: str = ""
    promise: str = ""
    family: str = ""
    source: str = ""

    def of(self, promise: str, family: str, source: str) -> Failure:
        """The same failure with its promise, family and document line filled in."""
        return replace(self, promise=promise, family=family, source=source)


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """Why an observation is inconclusive: no network, no time, no JSON."""

    reason: str
    number: int = -1


Outcome = Kept | Failure | Inconclusive


class TargetError(UnderstudyError):
    """The spec, an option or a recorded file cannot be used for verification."""
