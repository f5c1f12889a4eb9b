"""How a provider refuses: the situations, and how a refusal looks on the wire and is recognised.

`x-errors` is the table: situation -> HTTP status, code, message. `error` of `x-conventions` says how refusals
are worded (TEMPLATE: `specs.behaviour.templates`):

    http_status: own            # or one number for every refusal: 200
    code: integer               # or `string` ("1201"), or `word` (see words)
    words: {unknown_task: task_not_exist, '*': invalid_request}
    body: TEMPLATE              # default {code: $code, message: $message, request_id: $request_id}
    situations: {unknown_task: {status: 404, code: 4004, message: No such task}}   # of `x-errors`, otherwise

A situation S may have a twin: `S_documented`, as documents word it where recorded calls showed otherwise, or
`S_textbook`, with the status that HTTP itself has for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.template_reading import place_of
from understudy.specs.behaviour.templates import check_template
from understudy.specs.errors import UnderstudyError, known_names
from understudy.specs.pointers import Path, at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.tree import Object


class SituationKind(StrEnum):
    """Whose fault a refusal is: what must change before the same request is taken."""

    # the request itself; who asks (key, money, permission); how fast or how much at once
    REQUEST = "request"
    ACCOUNT = "account"
    # what the provider lets nobody make: other words or another picture may pass
    POLICY = "policy"
    PACE = "pace"
    # the provider; the way to it
    SERVER = "server"
    TRANSPORT = "transport"


class Twin(StrEnum):
    """How a situation differs from the one that it stands beside."""

    DOCUMENTED = "documented"
    TEXTBOOK = "textbook"


CODES: dict[str, Object] = {
    "integer": {"type": "integer", "minimum": 1},
    "string": {"type": "string", "pattern": "^[1-9][0-9]*$"},
    "word": {"type": "string", "minLength": 1},
}
BODY: Mapping[str, Any] = {"code": "$code", "message": "$message", "request_id": "$request_id"}


@dataclass(frozen=True, slots=True)
class Situation:
    """One row of `x-errors`. `message` has places in braces: "{field}: {reason}".

    `permanent`: asking again never helps. `by_keyword`: other messages where one keyword of the request's
    schema is broken. `twin_of` is the situation that this one is another form of, "" for none.
    """

    name: str
    status: int
    code: Any
    message: str
    kind: SituationKind
    permanent: bool = False
    by_keyword: Mapping[str, str] = field(default_factory=dict)
    twin_of: str = ""
    twin: Twin | None = None


@dataclass(frozen=True)
class RefusalForm:
    """How every refusal of a provider looks. `http_status` None: each situation has its own."""

    situations: Mapping[str, Situation]
    http_status: int | None = None
    code: str = "integer"
    words: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default_factory=lambda: dict(BODY))
    success_code: Any = 0

    def status_of(self, situation: Situation) -> int:
        """The HTTP status under which it is sent."""
        return situation.status if self.http_status is None else self.http_status

    def code_of(self, situation: Situation) -> Any:
        """The code in its body: 1201, "1201" or "invalid_request"."""
        if self.code == "integer":
            return situation.code
        if self.code == "string":
            return str(situation.code)
        return self.words.get(situation.name, self.words.get("*", situation.name))

    @cached_property
    def code_place(self) -> Path | None:
        """Where a refusal's code stands in its body, None when it has none."""
        return place_of(self.body, "code")

    def code_in(self, body: Any) -> Any:
        """The code of an answer's body, None when there is none."""
        place = self.code_place
        return None if place is None else at(body, place)

    def message_in(self, body: Any) -> str:
        """The message of a refusal's body, "" when there is none."""
        place = place_of(self.body, "message")
        return "" if place is None else str(at(body, place, "") or "")

    def with_code(self, code: Any) -> tuple[Situation, ...]:
        """The situations that a code may mean; codes are compared as text, for some send numbers as text."""
        return self._by_code.get(str(code), ())

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Situation, ...]]:
        by_code: dict[str, tuple[Situation, ...]] = {}
        for one in self.situations.values():
            code = str(self.code_of(one))
            by_code[code] = (*by_code.get(code, ()), one)
        return by_code

    def recognised(self, status: int, body: Any) -> tuple[Situation, ...]:
        """The situations that an answer's HTTP status and code may mean, () for none."""
        if self.code_place is None:
            return tuple(one for one in self.situations.values() if self.status_of(one) == status)
        code = self.code_in(body)
        return tuple(one for one in self.with_code(code) if self.status_of(one) == status)

    def is_error(self, body: Any) -> bool:
        """Whether a body's code says refused, whatever the HTTP status."""
        code = self.code_in(body)
        return code is not None and str(code) != str(self.success_code) and bool(self.with_code(code))

    def played(self, *, textbook: bool) -> Mapping[str, Situation]:
        """Each situation as it is played; with `textbook` in the form of its twin where it has one."""
        chosen = dict(self.situations)
        for twin in Twin if textbook else ():
            chosen |= {one.twin_of: one for one in self.situations.values() if one.twin is twin}
        return chosen


def read_refusals(
    errors: Mapping[str, Any], conventions: Mapping[str, Any], where: str = "x-conventions.error"
) -> RefusalForm:
    """The refusals of a document's `x-errors` and `x-conventions`; raises UnderstudyError for bad ones."""
    rules: Mapping[str, Any] = conventions.get("error", {})
    code = rules.get("code", "integer")
    if code not in CODES:
        raise UnderstudyError(
            f"unknown kind of code {code!r}", where=where, advice=f"known: {', '.join(CODES)}"
        )
    status = rules.get("http_status", "own")
    if status != "own" and (not isinstance(status, int) or isinstance(status, bool)):
        raise UnderstudyError(f"unknown http_status {status!r}", where=where, advice="own, or a number")
    body = rules.get("body", BODY)
    check_template(body, where)
    return RefusalForm(
        situations={name: _situation(name, row, errors) for name, row in errors.items()},
        http_status=None if status == "own" else status,
        code=code,
        words=dict(rules.get("words", {})),
        body=body,
        success_code=conventions.get("success", {}).get("code", 0),
    )


def _situation(name: str, row: Mapping[str, Any], errors: Mapping[str, Any]) -> Situation:
    twin = next((one for one in Twin if name.endswith(f"_{one}")), None)
    twin_of = name.removesuffix(f"_{twin}") if twin is not None else ""
    if twin_of not in errors:
        twin, twin_of = None, ""
    status = int(row["status"])
    return Situation(
        name=name,
        status=status,
        code=row.get("code"),
        message=str(row.get("message", "")),
        kind=_kind(name, row, status),
        permanent=row.get("permanent") is True,
        by_keyword=dict(row.get("by_keyword", {})),
        twin_of=twin_of,
        twin=twin,
    )


def _kind(name: str, row: Mapping[str, Any], status: int) -> SituationKind:
    """What the row says; without a word, what HTTP means by its status."""
    stated = row.get("kind")
    if stated is not None:
        try:
            return SituationKind(stated)
        except ValueError:
            raise UnderstudyError(
                f"unknown kind {stated!r} of situation {name!r}",
                where="x-errors",
                advice=known_names(str(stated), [str(one) for one in SituationKind]),
            ) from None
    if status >= 500:
        return SituationKind.SERVER
    if status in (401, 402, 403):
        return SituationKind.ACCOUNT
    return SituationKind.PACE if status == 429 else SituationKind.REQUEST
