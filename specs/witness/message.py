"""Whole messages, and a judge that says what a document refuses about one.

A refusal has a tag, which says what part of the message it is about, so that a witness for one difference
is not mistaken for one of another.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from specs.algebra import Judge
from specs.diff.security import signature
from specs.witness.generate import MISSING, values
from specs.witness.wire import Wire, readings, shapes, write

if TYPE_CHECKING:
    from specs.diff.api import Api, Media, Operation, Parameter
    from specs.diff.bundle import Bundler, Role

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
        out |= {"credentials": sorted(self.credentials)} if self.credentials else {}
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
            self._judges[key] = Judge(self.bundlers[direction].bundle(schema, role), formats=formats)
        return self._judges[key]

    def takes_wire(self, parameter: Parameter, wire: Wire, direction: str) -> bool:
        """Whether some reading of `wire` is valid for `parameter`."""
        judge = self.judge(parameter.schema, direction)
        return any(judge.takes(v) for shape in shapes(parameter, wire) for v in readings(shape))

    def reads(self, parameter: Parameter, wire: Wire, direction: str) -> Any:
        """The first valid reading of `wire`, or MISSING."""
        judge = self.judge(parameter.schema, direction)
        return next((v for s in shapes(parameter, wire) for v in readings(s) if judge.takes(v)), MISSING)

    # --- judging

    def refusals(self, operation: Operation | None, message: Message, direction: str) -> list[Refusal]:
        """Everything that this side refuses about `message`, in order; [] when it takes it."""
        if operation is None:
            return [(("operation",), f"has no {message.method} {message.path}")]
        if message.status:
            return self._answer(operation, message, direction)
        found = self._parameters(operation, message, direction)
        found += self._request_body(operation, message, direction)
        if operation.security and not self._authenticated(operation, message):
            found.append((("security",), "asks for other credentials"))
        if message.accept and not _offers(operation, message.accept):
            found.append((("accept",), f"does not answer with {message.accept}"))
        return found

    def _parameters(self, operation: Operation, message: Message, direction: str) -> list[Refusal]:
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

    def _request_body(self, operation: Operation, message: Message, direction: str) -> list[Refusal]:
        body = operation.body
        if message.body is MISSING:
            return [(("body",), "a body is required")] if body and body.required else []
        if body is None:
            return []  # a body that nobody asked for is ignored
        return self._content(body.content, message, direction)

    def _content(self, content: dict[str, Media], message: Message, direction: str) -> list[Refusal]:
        media = find_media(content, message.media)
        if media is None:
            return [(("media",), f"{message.media or 'a body'} is not documented")] if content else []
        refused = self.judge(media.schema, direction).refusals(message.body, 1)
        return [(("body",), refusal.sentence) for refusal in refused]

    def _authenticated(self, operation: Operation, message: Message) -> bool:
        return any(
            all(
                set(scopes) <= set(message.credentials.get(signature(self.api.schemes.get(n), n), ()))
                and signature(self.api.schemes.get(n), n) in message.credentials
                for n, scopes in alternative.items()
            )
            for alternative in operation.security
        )

    def _answer(self, operation: Operation, message: Message, direction: str) -> list[Refusal]:
        response = find_status(operation, message.status)
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
        bundle = self.bundlers[direction].bundle(schema, "sender")
        judge = self.judge(schema, direction, "sender")
        return next((v for v in values(bundle) if judge.takes(v)), MISSING)

    def wires(self, parameter: Parameter, direction: str, limit: int = 40) -> list[Wire]:
        """Smallest values of `parameter` on the wire; path parameters are never empty."""
        bundle = self.bundlers[direction].bundle(parameter.schema, "sender")
        judge = self.judge(parameter.schema, direction, "sender")
        made = [write(parameter, v) for v in islice(values(bundle), limit) if judge.takes(v)]
        return [w for w in made if w and (parameter.location != "path" or w[0][1])]

    def request(self, operation: Operation, direction: str, *, media: str = "") -> Message | None:
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
        chosen = body.content.get(media) or next(iter(body.content.values()), None)
        if chosen is None:
            return replace(message, body=None)
        value = self.smallest(chosen.schema, direction)
        return None if value is MISSING else replace(message, media=concrete(chosen.type), body=value)

    def answer(self, operation: Operation, status: str, direction: str, *, media: str = "") -> Message | None:
        """A smallest answer with `status` (as documented: "200", "2XX", "default")."""
        response = operation.responses[status]
        number = {"default": "599"}.get(status, status.replace("XX", "99"))
        message = Message(operation.method, operation.path, status=number)
        for name, header in response.headers.items():
            if header.required:
                wires = self.wires(header, direction)
                if not wires:
                    return None
                message.parameters["header", name] = wires[0]
        chosen = response.content.get(media) or next(iter(response.content.values()), None)
        if chosen is None:
            return message
        value = self.smallest(chosen.schema, direction)
        return None if value is MISSING else replace(message, media=concrete(chosen.type), body=value)

    def credentials(self, operation: Operation, n: int) -> dict[str, tuple[str, ...]]:
        """What the `n`-th way to authenticate shows."""
        if not operation.security:
            return {}
        chosen = operation.security[n]
        return {signature(self.api.schemes.get(name), name): scopes for name, scopes in chosen.items()}


def find_media(content: dict[str, Media], media: str) -> Media | None:
    """The entry for a media type: the exact one, then `type/*`, then `*/*`."""
    kind = media.split("/", maxsplit=1)[0]
    return next((content[n] for n in (media, f"{kind}/*", "*/*") if n in content), None)


def find_status(operation: Operation, status: str) -> Any:
    """The response for a status: the exact one, then its range, then `default`."""
    names = (status, f"{status[0]}XX", "default")
    return next((operation.responses[n] for n in names if n in operation.responses), None)


def concrete(media: str) -> str:
    """A media type for a range: "*/*" -> "application/json"."""
    if media == "*/*":
        return "application/json"
    return media.replace("/*", "/x-any")


def _offers(operation: Operation, media: str) -> bool:
    good = [r for s, r in operation.responses.items() if s[0] == "2" or s == "default"]
    return any(find_media(r.content, media) for r in good)
