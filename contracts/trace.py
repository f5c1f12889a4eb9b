"""A conversation with a provider: every request, answer and callback, in the order of our clock.

Verdicts are judged from this record alone, so a recorded conversation can be judged again without network.
Times are milliseconds since the Unix epoch by our clock. Keys are never in here: the client blots them out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.contracts.skips import Skip

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
PRIVATE = "private"  # a result that needs the key, asked for without it or with another account's
RESULTS = "results"  # the second request, where results are not in the record
DOWNLOAD = "download"
OTHER_FAMILY = "other-family"  # a task asked for below another family's path
OTHER_CREATE = "other-create"  # another account's create with an external id that is ours
WRONG_KEY = "wrong-key"  # a task of ours asked for with credentials that are not ours
PROBE = "probe"  # a request that clients send and that no provider may choke on
# A task asked for by what is nearly its external id: a part, another case, a wildcard.
NEARLY = "nearly"
NEARLY_ID = "nearly-id"  # the same of its task id
KEYS = "keys"  # the public keys with which callbacks are signed
# Purpose of a probe: a body that is larger than what gateways let through by default.
LARGE = "large"
OPERATED = "operated"  # a create of a task that is stopped or watched, and not followed
OPERATION = "operation"  # what an API offers beside: cancel, delete, events, several at once; and looks at it
# Purpose: an ended task or a result is asked for again at the end of the run.
AGAIN = "again"
USED_UP = "used-up"  # a create refused for an external id that only a refused create had named

# Purpose of a probe: what a client's library sends by itself.
CLIENT = "client"
# Purpose of a list: which tasks the account had before the run.
OLDER = "older"

# The purpose of the first requests of a run, which find out whether anybody is there.
LOCATE = "locate"

# Milliseconds by which a machine may be late and nobody asks; and from which other programs are starved, too.
STALL_MS, STARVED_MS = 50.0, 250.0

# Queries for one task, by whomever and by whatever name.
QUERIES = frozenset({POLL, BY_EXTERNAL_ID, UNKNOWN, OTHER_QUERY, OTHER_FAMILY, WRONG_KEY, NEARLY, NEARLY_ID})
FILES = (DOWNLOAD, PRIVATE)  # answered with files, not with JSON
CREATES = frozenset({CREATE, DOUBTFUL, DATED, REFUSE, REPEAT, USED_UP})
# Requests that may cost money, and are not sent again where their answer is lost.
BUYING = CREATES | {OPERATED}
# An integer that orjson may round, because it is more than 64 bits hold. Ids are as long, but stand in quotes
# or in addresses: a number begins the text, or follows one of these characters.
LONG_NUMBER = re.compile(rb"[0-9]{18}(?<![^\s\[,:+eE-][0-9]{18})")


def header(headers: Headers, name: str) -> str:
    """The first header of that name, in any case; "" when it is absent."""
    return next((v for n, v in headers if n.lower() == name.lower()), "")


def parse(body: bytes | None) -> Any:
    """The JSON value of `body`; raises ValueError when it is none (NaN included).

    Half a character (a lone surrogate) is let through as an escape, as RFC 8259, 8.2 has it, and integers are
    exact however long they are: Python's own parser does that. What needs neither is read by a faster one.
    """
    if not body:  # as of most requests
        raise json.JSONDecodeError("Expecting value", "", 0)
    if not LONG_NUMBER.search(body):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass  # and now with the reason

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `size`: how many bytes the body had, where it was not kept whole; `packed`: the content
    codings that it is still packed as, because they cannot be unpacked here. `meant`: the JSON that was
    written as the form in `body`.
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes | None = None
    size: int | None = None
    packed: str = ""
    meant: bytes | None = None

    @property
    def place(self) -> str:
        """What is asked for: the URL, and the body where one is sent."""
        return f"{self.url} {self.body.decode('utf-8', 'replace')}" if self.body else self.url

    def json(self) -> Any:
        """The body's JSON value, that of a form included, or None when it is none."""
        try:
            return parse(self.body if self.meant is None else self.meant)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; `size` and `packed` as of a request."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    size: int | None = None
    packed: str = ""

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
    # Where it was sent, as the create that asked for it had named it.
    url: str = ""
    method: str = "POST"
    # The query string with which it came.
    query: str = ""
    # The HTTP status that our receiver answered with.
    answered: int = 200

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
    `stalls`: when our own machine was found to be late, and by how much, both in milliseconds.
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
    skipped: dict[tuple[str, str], Skip] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stalls: list[tuple[float, float]] = field(default_factory=list)
    # (family, task) whose callback's address was asked to prove itself; None where nobody wrote it down.
    challenged: set[tuple[str, str]] | None = None

    def note_stall(self, at: float, late: float) -> None:
        """Write down by how many milliseconds our machine was late at a moment, unless that is usual."""
        if late >= STALL_MS:
            self.stalls.append((at, round(late, 1)))

    def stalled(self, since: float, until: float, starved: float = 1.0) -> float:
        """Milliseconds by which our machine was late, in all, between two moments (Unix milliseconds).

        `starved`: how many times those moments count that kept other programs from running, too.
        """
        seen = [late for at, late in self.stalls if at >= since and at - late <= until]
        return sum(late * (starved if late >= STARVED_MS else 1.0) for late in seen)

    @property
    def not_located(self) -> bool:
        """Whether the run ended before it began: nobody there, another API, a refused key."""
        return bool(self.stopped) and all(e.case.get("purpose") == LOCATE for e in self.exchanges)
