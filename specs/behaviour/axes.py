"""What differs between APIs of tasks beside states and records, as typed records: one for each axis.

`axes_reading` reads them from a description (`specs.behaviour.description`). An API that an OpenAPI document
describes by its `x-task` has the usual of each: POST and GET with JSON, a Bearer key, the record inside an
envelope. All times are milliseconds unless a name says seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.templates import MISSING, names
from understudy.specs.pointers import Path, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"
# Answers with these statuses have no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5).
NO_BODY = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True)
class AccountRule:
    """Where a request carries its key: `Authorization: Bearer KEY`, `x-key: KEY` (no scheme), `?key=KEY`.

    `also` are other places where one is taken; a key that is of the form `refused` (a pattern) is none.
    """

    place: str = "header"
    name: str = "Authorization"
    scheme: str = "Bearer"
    also: tuple[AccountRule, ...] = ()
    refused: str = ""

    def written(self, key: str) -> str:
        """The value that carries a key."""
        return f"{self.scheme} {key}" if self.scheme else key

    def key_in(self, value: str) -> str:
        """The key that a value carries, "" when it is none."""
        text = value.strip()
        scheme, _, key = text.partition(" ") if self.scheme else ("", "", text)
        key = key.strip()
        if scheme.lower() != self.scheme.lower() or " " in key:
            return ""
        return "" if self.refused and re.fullmatch(self.refused, key) else key


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `status` 0 is the usual one; `body` MISSING is an empty one, None (in data: nothing said)
    is the usual one. `situation`: it is that refusal. `bytes`: it is the result itself."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    situation: str = ""
    bytes: bool = False
    redirect: bool = False

    @property
    def is_file(self) -> bool:
        """Whether it is the result itself, or leads to it."""
        return self.bytes or self.redirect


@dataclass(frozen=True, slots=True)
class Replies:
    """The answers of one operation: the usual one, and those of states in which it differs."""

    usual: Reply
    states: Mapping[str, Reply] = field(default_factory=dict)

    def of(self, state: str) -> Reply:
        return self.states.get(state, self.usual)

    @property
    def all(self) -> tuple[Reply, ...]:
        return (self.usual, *self.states.values())

    def with_json(self, status: int) -> set[bool]:
        """Whether answers with this HTTP status are JSON, neither files nor empty; both, when some are."""
        told = (reply for reply in self.all if reply.status == status)
        return {not (reply.is_file or reply.body is MISSING) for reply in told}


@dataclass(frozen=True, slots=True)
class CallRule:
    """How an operation on one task is called. `id_place` is path, query or body; of a body `id_path` says
    where. `paths` may have variables: {id}, {model*}."""

    method: str
    path: str
    id_place: str
    id_name: str
    replies: Replies

    @property
    def id_path(self) -> Path:
        return path_of(self.id_name)


@dataclass(frozen=True, slots=True)
class WaitRule:
    """`Prefer: wait=N`: an answer that waits until the task has ended, at most `most_ms`.

    `status` is that of a task that has ended, `open_status` of one that has not when the time is over."""

    header: str
    most_ms: int
    status: int
    open_status: int


@dataclass(frozen=True, slots=True)
class CreateRule:
    """How a task is created: path -> JSON Schema of its body. `headers`: name -> value (None: any)."""

    method: str
    schemas: Mapping[str, Any]
    media: tuple[str, ...]
    headers: Mapping[str, str | None]
    reply: Reply
    wait: WaitRule | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.schemas)


@dataclass(frozen=True, slots=True)
class BatchRule:
    """Asking for several tasks at once: `ids` is where the body lists them, `body` has $records.

    With `place` "query" they stand in the parameter of that name, with commas between; that of `external`
    has the client's own ids. More than `most` are refused; 0 for no limit.
    """

    method: str
    path: str
    ids: Path
    body: Any
    place: str = "body"
    external: str = ""
    most: int = 0


@dataclass(frozen=True, slots=True)
class ResultsRule:
    """The request that fetches results: a second one, or the query itself. `variants` maps a variant -> media
    type, the usual first."""

    call: CallRule
    variant: str = ""
    variants: Mapping[str, str] = field(default_factory=dict)

    @property
    def gives_bytes(self) -> bool:
        """Whether it answers with the result itself, or leads to it; else JSON tells where it is."""
        return any(reply.is_file for reply in self.call.replies.all)


@dataclass(frozen=True, slots=True)
class EndingRule:
    """Cancelling or deleting: in which states, what it does, what is answered in any other state."""

    call: CallRule
    states: tuple[str, ...]
    becomes: str
    removes: bool
    otherwise: Reply | None


@dataclass(frozen=True, slots=True)
class ChoicesRule:
    """A list of objects at `path` of a body, each with a name at `key` and the wanted values at `values`;
    `names` maps a name -> status, id or model. Other names choose nothing."""

    path: Path
    key: str
    values: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ListingRule:
    """Listing. `by` is page, offset, cursor or none; `position` and `size` are query parameters, or pointers
    into the request's body, where it asks `in_body`.

    `filters` maps such a parameter -> status, id, model, since or until (created then, in milliseconds);
    `choices` is where a body lists further ones.
    """

    method: str
    path: str
    by: str
    position: str
    size: str
    usual: int
    most: int
    filters: Mapping[str, str]
    reply: Reply
    in_body: bool = False
    choices: ChoicesRule | None = None


@dataclass(frozen=True, slots=True)
class SignatureRule:
    """How callbacks are signed. `over` and `value` are texts with places: ${id} ${timestamp} ${body}…"""

    scheme: str = "none"
    over: str = ""
    encoding: str = "hex"
    header: str = ""
    value: str = "${signature}"
    headers: Mapping[str, str] = field(default_factory=dict)
    # whose: the account's, or the one that the create names
    secret: str = "account"  # noqa: S105
    keys: str = ""
    # where the account's secret is told, and in which TEMPLATE
    secret_path: str = ""
    secret_body: Any = None


@dataclass(frozen=True, slots=True)
class ChallengeRule:
    """At create, a request to the callback's address that must be answered so; else `situation`."""

    body: Any
    answer: Any
    situation: str


@dataclass(frozen=True, slots=True)
class FilterRule:
    """A list in the create that chooses what is called back: word -> states; `usual` without the list."""

    path: Path
    words: Mapping[str, tuple[str, ...]]
    usual: tuple[str, ...]

    def states(self, value: Any) -> frozenset[str]:
        """The states that a request's list chooses; `value` is what stands at `path`."""
        chosen = value if isinstance(value, list) else self.usual
        return frozenset(state for word in chosen for state in self.words.get(word, ()))


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """Callbacks. `place` is body, query or header; `name` the pointer or name there.

    `body` None: the record. `retry_ms` are the waits between attempts."""

    place: str
    name: str
    on: tuple[str, ...]
    filter: FilterRule | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_ms: tuple[int, ...] | None = None
    timeout_ms: int = 0
    challenge: ChallengeRule | None = None
    signature: SignatureRule = field(default_factory=SignatureRule)


@dataclass(frozen=True, slots=True)
class StreamRule:
    """Server-sent events of a task's states; `body` is the TEMPLATE of each event's data."""

    call: CallRule
    event: str
    body: Any


@dataclass(frozen=True, slots=True)
class LimitRule:
    """Limits of an account; 0 for none. `throttled`: one task too many is accepted, and waits.

    `headers` maps a header -> limit, remaining, reset_seconds or retry_after."""

    active: int = 0
    throttled: bool = False
    per_second: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IdempotencyRule:
    """What a repeated key does: `same` is replay, reject or ignore."""

    header: str
    path: Path
    same: str


@dataclass(frozen=True, slots=True)
class FailureRule:
    """Why a task fails: what its record says, and the state it ends in ("": the first failed one)."""

    reason: str
    code: Any = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """What holds for all families of an API."""

    account: AccountRule = field(default_factory=AccountRule)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    limits: LimitRule = field(default_factory=LimitRule)
    idempotency: IdempotencyRule | None = None


@dataclass(frozen=True, slots=True)
class Axes:
    """All that a description says of one family beyond states, result and cost. `record` is its TEMPLATE."""

    record: Any
    service: ServiceRule
    create: CreateRule
    query: CallRule
    batch: BatchRule | None = None
    results: ResultsRule | None = None
    cancel: EndingRule | None = None
    delete: EndingRule | None = None
    listing: ListingRule | None = None
    stream: StreamRule | None = None
    callback: CallbackRule | None = None
    failures: Mapping[str, FailureRule] = field(default_factory=dict)
    retention_ms: int = 0
    unknown: str = "unknown_task"
    unknown_reply: Reply | None = None
    needs_key: bool = False

    @property
    def tells_state(self) -> bool:
        """Whether a body that answers a query tells the task's state; else the HTTP status alone does."""
        told = (reply.body for reply in self.query.replies.all if not reply.is_file)
        return any(body is None or {"record", "status"} & {*names(body)} for body in told)
