"""A conversation with a provider: every request, answer and callback, in the order of our clock.

Verdicts are judged from this record alone, so a recorded conversation can be judged again without network.
Times are milliseconds since the Unix epoch by our clock. Keys are never in here: the client blots them out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Headers = tuple[tuple[str, str], ...]

# Roles: why a request was sent, and so what the provider promised to do with it.
CREATE = "create"  # a create that must be accepted
DOUBTFUL = "doubtful"  # a create that may be refused, or accepted and fail: a picture outside the limits
DATED = "dated"  # a create with an older model name: refusal is drift, no breach
REFUSE = "refuse"  # a create that must be refused
REPEAT = "repeat"  # a create that names an external id that is taken
POLL = "poll"
BY_EXTERNAL_ID = "by-external-id"
UNKNOWN = "unknown-id"
LIST = "list"
LIST_REFUSE = "list-refuse"
AUTH = "auth"  # credentials that must be refused
OTHER_QUERY = "other-query"
OTHER_LIST = "other-list"
DOWNLOAD = "download"

# The purpose of the first requests of a run, which find out whether anybody is there.
KNOCK = "knock"

CREATES = frozenset({CREATE, DOUBTFUL, DATED, REFUSE, REPEAT})


def header(headers: Headers, name: str) -> str:
    """The first header of that name, in any case; "" when it is absent."""
    return next((v for n, v in headers if n.lower() == name.lower()), "")


def parse(body: bytes | None) -> Any:
    """The JSON value of `body`; raises ValueError when it is none (NaN included).

    Half a character (a lone surrogate) is let through as an escape, as RFC 8259, 8.2 has it.
    """

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads((body or b"").decode("utf-8"), parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Headers = ()
    body: bytes | None = None

    def json(self) -> Any:
        """The body's JSON value, or None when it is none."""
        try:
            return parse(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Headers = ()
    body: bytes = b""

    def json(self) -> Any:
        """The body's JSON value, or None when it is none."""
        try:
            return parse(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, or `problem`: why there is none.

    `case` says what a create was for: `aim` (a sentence), `promise`, `pointer`, `choices`, `situations`.
    `superseded` marks an attempt that was repeated (429, 5xx, network); only its shape counts.
    """

    number: int
    family: str
    role: str
    account: str
    request: Request
    response: Response | None
    started: float
    ended: float
    problem: str = ""
    task: str = ""
    case: Mapping[str, Any] = field(default_factory=dict)
    superseded: bool = False

    @property
    def status(self) -> int:
        return self.response.status if self.response else 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One callback as it came in for the task labelled `task`."""

    number: int
    family: str
    task: str
    received: float
    headers: Headers
    body: bytes

    def json(self) -> Any:
        try:
            return parse(self.body)
        except ValueError:
            return None


@dataclass(slots=True)
class Conversation:
    """Everything that was said, and what a judge must know about how.

    `listening`: a callback receiver was up; `reachable`: the provider can certainly reach it (loopback).
    `stopped`: why the run ended early, "" when it did not. `skipped`: (family, promise) -> why not checked.
    """

    provider: str
    url: str
    seed: int = 0
    budget: str = "0"
    spent: str = "0"
    exchanges: list[Exchange] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    listening: bool = False
    reachable: bool = False
    signed: bool = False
    other_account: bool = False
    families: tuple[str, ...] = ()
    stopped: str = ""
    skipped: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def at_the_door(self) -> bool:
        """Whether the run ended before it began: nobody there, another API, a refused key."""
        return bool(self.stopped) and all(e.case.get("purpose") == KNOCK for e in self.exchanges)
