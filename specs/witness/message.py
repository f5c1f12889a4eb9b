"""Whole messages, and a judge that says what a document refuses about one.

A refusal has a tag, which says what part of the message it is about, so that a witness for one difference
is not mistaken for one of another.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Judge
from understudy.specs.diff.bundle import both
from understudy.specs.diff.http import find_media, find_status, offers
from understudy.specs.diff.parts import CLOSED
from understudy.specs.diff.security import signature, spelled_out
from understudy.specs.witness.generate import MISSING, values
from understudy.specs.witness.texts import body_taken, way_of
from understudy.specs.witness.wire import UNREAD, Wire, reading, shapes, taken, write

if TYPE_CHECKING:
    from understudy.specs.diff.bundle import Bundler
    from understudy.specs.diff.parts import Role
    from understudy.specs.diff.records import Api, ApiMedia, ApiOperation, ApiParameter

# Compiled validators that a side keeps for the next part of a document.
MOST_JUDGES = 50
Tag = tuple[str, ...]
Refusal = tuple[Tag, str]


@dataclass(frozen=True, slots=True)
class Message:
    """A request (`status` "") or an answer.

    parameters   (in, name) -> what stands on the wire; headers of answers as ("header", name)
    credentials  what the sender can show: the signature of a scheme -> scopes
    """

    method: str
    path: str
    parameters: dict[tuple[str, str], Wire] = field(default_factory=dict)
    media: str = ""
    body: Any = MISSING
    accept: str = ""
    credentials: dict[str, tuple[str, ...]] = field(default_factory=dict)
    status: str = ""

    def shown(self) -> dict[str, Any]:
        """As plain data, for reports."""
        out: dict[str, Any] = {"request": f"{self.method} {self.path}"}
        if self.status:
            out["status"] = self.status
        pairs = {f"{k[0]} {n}": t for k, wire in sorted(self.parameters.items()) for n, t in wire}
        out |= {"parameters": pairs} if pairs else {}
        out |= {"accept": self.accept} if self.accept else {}
        shown = [spelled_out(name, scopes) for name, scopes in sorted(self.credentials.items())]
        out |= {"credentials": shown} if shown else {}
        out |= {"media_type": self.media} if self.media else {}
        return out if self.body is MISSING else {**out, "body": self.body}


class Side:
    """One API as judge and as maker of smallest messages, in one role."""

    def __init__(self, api: Api, bundlers: dict[str, Bundler]) -> None:
        self.api = api
        self.bundlers = bundlers
        self._judges: dict[tuple[int, str, str], Judge] = {}

    def judge(self, schema: Any, direction: str, role: Role = "taker", *, formats: bool = False) -> Judge:
        """The validator of a schema of this document."""
        key = (id(schema), direction, f"{role}{formats}")
        if key not in self._judges:
            bundler = self.bundlers[direction]
            lazy = bundler.lazy(schema, role)
            # A closed branch may fit where the open ones clash, so the open form has to hold as well.
            whole = both(lazy, bundler.lazy(schema, "strict")) if role in CLOSED else lazy
            self._judges[key] = Judge(whole, formats=formats)
        return self._judges[key]

    def forget(self) -> None:
        """Keep no more than a few validators."""
        if len(self._judges) > MOST_JUDGES:
            self._judges.clear()
        for bundler in self.bundlers.values():
            bundler.forget()

    def takes_wire(self, parameter: ApiParameter, wire: Wire, direction: str) -> bool:
        """Whether some reading of `wire` is valid for `parameter`."""
        empty = parameter.location == "query" and parameter.raw.get("allowEmptyValue") is True
        if empty and wire == ((parameter.name, ""),):
            return True
        judge = self.judge(parameter.schema, direction)
        return any(taken(judge, shape) for shape in shapes(parameter, wire))

    def reads(self, parameter: ApiParameter, wire: Wire, direction: str) -> Any:
        """The first valid reading of `wire`, or MISSING."""
        judge = self.judge(parameter.schema, direction)
        found = (reading(judge, shape) for shape in shapes(parameter, wire))
        return next((value for value in found if value is not UNREAD), MISSING)

    # --- judging

    def refusals(self, operation: ApiOperation | None, message: Message, direction: str) -> list[Refusal]:
        """Everything that this side refuses about `message`, in order; [] when it takes it."""
        if operation is None:
            return [(("operation",), f"has no {message.method} {message.path}")]
        if message.status:
            return self._answer(operation, message, direction)
        found = self._parameters(operation, message, direction)
        found += self._request_body(operation, message, direction)
        if operation.security and not self._authenticated(operation, message):
            found.append((("security",), f"asks for {self._asked(operation)}"))
        if message.accept and not offers(operation.responses, message.accept):
            found.append((("accept",), f"does not answer with {message.accept}"))
        return found

    def _parameters(self, operation: ApiOperation, message: Message, direction: str) -> list[Refusal]:
        found: list[Refusal] = []
        for key, parameter in operation.parameters.items():
            wire = message.parameters.get(key)
            said = f"{parameter.location} parameter {parameter.name}"
            if not wire:
                if parameter.required:
                    found.append((("parameter", *key), f"{said} is required"))
            elif not self.takes_wire(parameter, wire, direction):
                found.append((("parameter", *key), f"{said} cannot be {wire[0][1]!r}"))
        return found

    def _request_body(self, operation: ApiOperation, message: Message, direction: str) -> list[Refusal]:
        body = operation.body
        if message.body is MISSING:
            return [(("body",), "a body is required")] if body and body.required else []
        if body is None:
            return []  # a body that nobody asked for is ignored
        return self._content(body.content, message, direction)

    def _content(self, content: dict[str, ApiMedia], message: Message, direction: str) -> list[Refusal]:
        media = find_media(content, message.media)
        if media is None:
            return [(("media",), f"{message.media or 'a body'} is not documented")] if content else []
        judge, way = self.judge(media.schema, direction), way_of(media)
        if way and body_taken(way, message.body, judge):
            return []
        refused = judge.refusals(message.body, 1)
        return [(("body",), refusal.sentence) for refusal in refused]

    def _asked(self, operation: ApiOperation) -> str:
        """What an operation asks its callers for: "oauth2 (r w) or apiKey header X-Key"."""
        ways = [self.credentials(operation, n) for n in range(len(operation.security))]
        return " or ".join(
            " and ".join(spelled_out(name, scopes) for name, scopes in way.items()) or "nothing"
            for way in ways
        )

    def _authenticated(self, operation: ApiOperation, message: Message) -> bool:
        return any(
            all(
                set(scopes) <= set(message.credentials.get(signature(self.api.schemes.get(n), n), ()))
                and signature(self.api.schemes.get(n), n) in message.credentials
                for n, scopes in alternative.items()
            )
            for alternative in operation.security
        )

    def _answer(self, operation: ApiOperation, message: Message, direction: str) -> list[Refusal]:
        response = find_status(operation.responses, message.status)
        if response is None:
            return [(("status",), f"status {message.status} is not documented")]
        found: list[Refusal] = []
        for name, header in response.headers.items():
            wire = message.parameters.get(("header", name))
            if wire is None:
                if header.required:
                    found.append((("header", name), f"header {header.name} is missing"))
            elif not self.takes_wire(header, wire, direction):
                found.append((("header", name), f"header {header.name} cannot be {wire[0][1]!r}"))
        if message.body is not MISSING:
            found += self._content(response.content, message, direction)
        return found

    # --- making

    def smallest(self, schema: Any, direction: str) -> Any:
        """A smallest value that a sender of this document sends, or MISSING when we find none."""
        bundle = self.bundlers[direction].lazy(schema, "sender")
        judge = self.judge(schema, direction, "sender")
        return next((v for v in values(bundle) if judge.takes(v)), MISSING)

    def wires(self, parameter: ApiParameter, direction: str, limit: int = 40) -> list[Wire]:
        """Smallest values of `parameter` on the wire; path parameters are never empty."""
        bundle = self.bundlers[direction].lazy(parameter.schema, "sender")
        judge = self.judge(parameter.schema, direction, "sender")
        made = [write(parameter, v) for v in islice(values(bundle), limit) if judge.takes(v)]
        return [w for w in made if w and (parameter.location != "path" or w[0][1])]

    def request(self, operation: ApiOperation, direction: str, *, media: str = "") -> Message | None:
        """A smallest request, with the first credentials; a body where one is required or `media` given."""
        message = Message(operation.method, operation.path, credentials=self.credentials(operation, 0))
        for key, parameter in operation.parameters.items():
            if parameter.required:
                wires = self.wires(parameter, direction)
                if not wires:
                    return None
                message.parameters[key] = wires[0]
        body = operation.body
        if body is None or not (body.required or media):
            return message
        return self._with_body(message, body.content, direction, media)

    def answer(
        self, operation: ApiOperation, status: str, direction: str, *, media: str = ""
    ) -> Message | None:
        """A smallest answer with `status`, a number; None where it is not described, or nothing is found."""
        response = find_status(operation.responses, status)
        if response is None:
            return None
        message = Message(operation.method, operation.path, status=status)
        for name, header in response.headers.items():
            if header.required:
                wires = self.wires(header, direction)
                if not wires:
                    return None
                message.parameters["header", name] = wires[0]
        return self._with_body(message, response.content, direction, media)

    def _with_body(
        self, message: Message, content: dict[str, ApiMedia], direction: str, media: str
    ) -> Message | None:
        """`message` with a smallest body in `media`, or in the first type that there is."""
        chosen = (find_media(content, media) if media else None) or next(iter(content.values()), None)
        if chosen is None:
            return message if message.status else replace(message, body=None)
        value = self.smallest(chosen.schema, direction)
        kind = media if media and find_media(content, media) is chosen else concrete(chosen.type)
        return None if value is MISSING else replace(message, media=kind, body=value)

    def credentials(self, operation: ApiOperation, n: int) -> dict[str, tuple[str, ...]]:
        """What the `n`-th way to authenticate shows."""
        if not operation.security:
            return {}
        chosen = operation.security[n]
        return {signature(self.api.schemes.get(name), name): scopes for name, scopes in chosen.items()}


def concrete(media: str) -> str:
    """A media type for a range: "*/*" -> "application/json"."""
    if media == "*/*":
        return "application/json"
    return media.replace("/*", "/x-any")
