"""Two APIs side by side: walks once and states every difference as a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.specs.diff.facts import Surface, changed
from understudy.specs.diff.http import BODYLESS, DEFAULT, is_success, media_pairs, status_pairs
from understudy.specs.diff.metadata import compare_metadata
from understudy.specs.diff.plain import is_scalar
from understudy.specs.diff.reached import compare_servers, moved
from understudy.specs.diff.security import compare_schemes, compare_security
from understudy.specs.diff.stating import MessageFacts
from understudy.specs.diff.task import compare_tasks
from understudy.specs.diff.walk import Walk

if TYPE_CHECKING:
    from understudy.specs.diff.facts import Fact
    from understudy.specs.diff.http import StatusPair
    from understudy.specs.diff.records import Api, ApiOperation, ApiParameter, ApiResponse, Body


Sides = tuple["ApiOperation", "ApiOperation"]


class Status(NamedTuple):
    """A class of statuses: as a document writes it, and one of them; both "" for a request."""

    key: str
    number: str


class Comparison:
    """The facts of two APIs.

    facts     those that are not about schemas; the facts about schemas are in `walk.pairs`
    surfaces  (surface, pair) of every surface whose schemas differ
    """

    def __init__(self, base: Api, revision: Api) -> None:
        self.base, self.revision = base, revision
        self.walk = Walk(base.document, revision.document)
        self.stated = MessageFacts(base, revision)
        self.fact = self.stated.fact
        self.surfaces: dict[Surface, Any] = {}
        self._compare()
        # What is compared once is not looked at again, and the proofs need the room.
        self.walk.base_views.forget()
        self.walk.revision_views.forget()

    @property
    def facts(self) -> list[Fact]:
        return self.stated.stated

    def _compare(self) -> None:
        names = [
            *self.base.operations,
            *(k for k in self.revision.operations if k not in self.base.operations),
        ]
        same_address = moved(self.base, self.revision)
        for key in names:
            old, new = self.base.operations.get(key), self.revision.operations.get(key)
            if not (self.base.reads(key) and self.revision.reads(key)):
                continue  # said as a problem of the document
            if key in same_address and old is not None:
                self._operation(old, same_address[key])
            elif new is not None and any(new is found for found in same_address.values()):
                continue
            elif old is None or new is None:
                self._presence(key, old, new)
            else:
                self._operation(old, new)
        compare_schemes(self.stated)
        self.stated.fields("document", self.base.document.root, self.revision.document.root, {})

    def _presence(self, key: str, old: ApiOperation | None, new: ApiOperation | None) -> None:
        operation = old or new
        kind = "webhook" if operation and operation.inverted else "operation"
        action = f"{kind}-{'removed' if old else 'added'}"
        self.fact(
            kind,
            action,
            "response" if kind == "webhook" else "request",
            (old.item, old.method.lower()) if old else (self.base.document.root, "paths"),
            (new.item, new.method.lower()) if new else (self.revision.document.root, "paths"),
            operation=key,
            data={"old": old, "new": new},
        )

    # --- one operation

    def _operation(self, old: ApiOperation, new: ApiOperation) -> None:
        compare_metadata(self.stated, old, new)
        left_out = old.left_out | new.left_out
        if "parameters" not in left_out:
            self._parameters(old, new)
        if "requestBody" not in left_out:
            self._bodies(old, new)
        self._responses(old, new, left_out)
        compare_security(self.stated, old, new)
        compare_servers(self.stated, old, new)
        if "callbacks" not in left_out:
            self._callbacks(old, new)
        compare_tasks(self.stated, old, new)

    # --- parameters

    def _parameters(self, old: ApiOperation, new: ApiOperation) -> None:
        for key in [*old.parameters, *(k for k in new.parameters if k not in old.parameters)]:
            before, after = old.parameters.get(key), new.parameters.get(key)
            parameter = after or before
            if parameter is None:
                continue
            data = {"old": old, "new": new, "key": key}
            rest = {"operation": new.key, "subject": f"{parameter.location} {parameter.name}", "data": data}
            spots = (
                (before.raw, None) if before else (old.raw, "parameters"),
                (after.raw, None) if after else (new.raw, "parameters"),
            )
            if before is None or after is None:
                needed = "required-" if parameter.required else ""
                action = f"{needed}parameter-{'added' if before is None else 'removed'}"
                self.fact("parameter", action, self._sent(old, "request"), *spots, **rest)
                continue
            self._parameter(old, new, before, after, rest, "parameter")
            name = f"{key[0]} {key[1]}"
            self._schemas(old, Surface(new.key, self._sent(old, "request"), "parameter", name), before, after)

    def _parameter(
        self,
        old: ApiOperation,
        new: ApiOperation,
        before: ApiParameter,
        after: ApiParameter,
        rest: dict[str, Any],
        word: str,
        direction: str = "request",
    ) -> None:
        sent = self._sent(old, direction)
        if before.required != after.required:
            action = f"{word}-became-{'required' if after.required else 'optional'}"
            spots = (before.raw, "required"), (after.raw, "required")
            self.fact(word, action, sent, *spots, **rest)
        one = (before.style, before.explode, before.media)
        other = (after.style, after.explode, after.media)
        if one != other and not self._alike(before, after):
            spots = (before.raw, "style"), (after.raw, "style")
            shown = {"old": _style(one), "new": _style(other)}
            self.fact(word, f"{word}-serialisation-changed", sent, *spots, **shown, **rest)
        self.stated.silence(word, sent, before.raw, after.raw, rest)
        self.stated.fields(word, before.raw, after.raw, {k: v for k, v in rest.items() if k != "subject"})
        if word == "parameter":
            self._flags(before, after, rest, sent)
        flags = (before.raw.get("deprecated") is True, after.raw.get("deprecated") is True)
        if flags[0] != flags[1]:
            action = f"{word}-deprecated-{'added' if flags[1] else 'removed'}"
            self.fact(word, action, "none", (before.raw, "deprecated"), (after.raw, "deprecated"), **rest)

    def _alike(self, before: ApiParameter, after: ApiParameter) -> bool:
        """Whether only `explode` differs, and one side has a single value, which it means nothing to."""
        single = is_scalar(before.schema, self.base.document) or is_scalar(
            after.schema, self.revision.document
        )
        return single and (before.style, before.media) == (after.style, after.media)

    def _flags(self, before: ApiParameter, after: ApiParameter, rest: dict[str, Any], sent: Any) -> None:
        """`allowEmptyValue` (3.x, Parameter Object: "?p=" is taken), and `allowReserved` (how a value is
        encoded)."""
        empty = [p.location == "query" and p.raw.get("allowEmptyValue") is True for p in (before, after)]
        if empty[0] != empty[1]:
            action = f"parameter-empty-value-{'allowed' if empty[1] else 'refused'}"
            spots = (before.raw, "allowEmptyValue"), (after.raw, "allowEmptyValue")
            self.fact("parameter", action, sent, *spots, **rest)
        reserved = [p.raw.get("allowReserved") is True for p in (before, after)]
        if reserved[0] != reserved[1]:
            spots = (before.raw, "allowReserved"), (after.raw, "allowReserved")
            shown = {"old": reserved[0], "new": reserved[1]}
            self.fact("parameter", "parameter-reserved-changed", sent, *spots, **shown, **rest)

    def _sent(self, operation: ApiOperation, direction: str) -> Any:
        """Who sends: in a callback the provider sends the request, and the client answers."""
        if not operation.inverted:
            return direction
        return "response" if direction == "request" else "request"

    def _schemas(self, operation: ApiOperation, surface: Surface, before: Any, after: Any) -> None:
        pair = self.walk.surface(before.schema, after.schema, surface)
        if pair is not None:
            self.surfaces[surface] = (pair, before, after)

    # --- bodies

    def _bodies(self, old: ApiOperation, new: ApiOperation) -> None:
        before, after = old.body, new.body
        data = {"old": old, "new": new}
        rest = {"operation": new.key, "data": data}
        sent = self._sent(old, "request")
        if before is None or after is None:
            body = before or after
            if body is not None:
                needed = "required-" if body.required else ""
                action = f"{needed}body-{'added' if before is None else 'removed'}"
                spots = (old.raw, "requestBody"), (new.raw, "requestBody")
                self.fact("body", action, sent, *spots, **rest)
            return
        if before.required != after.required:
            action = f"body-became-{'required' if after.required else 'optional'}"
            spots = (before.raw, "required"), (after.raw, "required")
            self.fact("body", action, sent, *spots, **rest)
        self.stated.silence("body", sent, before.raw, after.raw, rest)
        self.stated.fields("body", before.raw, after.raw, rest)
        self._content((old, new), before, after, sent, Status("", ""))

    def _content(
        self, sides: Sides, before: Body | ApiResponse, after: Body | ApiResponse, sent: Any, status: Status
    ) -> None:
        """The bodies in each class of media types; `status` is of the answer, "" of a request."""
        old, new = sides
        for pair in media_pairs(before.content, after.content):
            one, other = pair.old, pair.new
            data = {"old": old, "new": new, "media": pair.key, "type": pair.type, "status": status.number}
            named = f"{status.key} {pair.key}".strip()
            rest = {"operation": new.key, "subject": named, "data": data}
            spots = (
                (one.raw if one else before.raw, None if one else "content"),
                (other.raw if other else after.raw, None if other else "content"),
            )
            if one is None or other is None:
                action = f"media-type-{'added' if one is None else 'removed'}"
                self.fact("media", action, sent, *spots, **rest)
                continue
            if one.encoding != other.encoding:
                spots = (one.raw, "encoding"), (other.raw, "encoding")
                self.fact("media", "encoding-changed", sent, *spots, **rest)
            if one.type == other.type and one.details != other.details:
                shown = {"old": one.details or "none", "new": other.details or "none"}
                self.fact("media", "media-type-details-changed", sent, *spots, **shown, **rest)
            self.stated.fields("media type", one.raw, other.raw, {"operation": new.key, "data": data})
            self._schemas(old, Surface(new.key, sent, "body", pair.key, status.key), one, other)

    # --- responses

    def _responses(self, old: ApiOperation, new: ApiOperation, left_out: frozenset[str]) -> None:
        sent = self._sent(old, "response")
        for pair in status_pairs(old.responses, new.responses):
            before, after = pair.old, pair.new
            keys = {pair.key, *(response.status for response in (before, after) if response)}
            if any(f"responses {key}" in left_out for key in keys):
                continue
            data = {"old": old, "new": new, "status": pair.number}
            rest = {"operation": new.key, "subject": pair.key, "data": data}
            self._documented(pair, old, new, rest)
            if before is None or after is None:
                continue
            self.stated.silence("status", sent, before.raw, after.raw, rest)
            self.stated.fields("response", before.raw, after.raw, {"operation": new.key, "data": data})
            status = Status(pair.key, pair.number)
            if _comparable(pair, before, after):
                self._content((old, new), before, after, sent, status)
            self._headers((old, new), before, after, sent, status)
            self._links(before, after, rest)

    def _documented(
        self, pair: StatusPair, old: ApiOperation, new: ApiOperation, rest: dict[str, Any]
    ) -> None:
        """Whether a status is described on one side only; what a range describes is described."""
        keys = [r.status if r is not None else "" for r in (pair.old, pair.new)]
        described = [key == pair.key or (key not in ("", DEFAULT)) for key in keys]
        if described[0] == described[1]:
            return
        kind = "success" if is_success(pair.key) else "default" if pair.key == DEFAULT else "failure"
        action = f"{kind}-status-{'added' if described[1] else 'removed'}"
        spots = (
            (pair.old.raw, None) if described[0] and pair.old else (old.raw, "responses"),
            (pair.new.raw, None) if described[1] and pair.new else (new.raw, "responses"),
        )
        self.fact("status", action, self._sent(old, "response"), *spots, **rest)

    def _headers(
        self, sides: Sides, before: ApiResponse, after: ApiResponse, sent: Any, status: Status
    ) -> None:
        old, new = sides
        for name in [*before.headers, *(n for n in after.headers if n not in before.headers)]:
            one, other = before.headers.get(name), after.headers.get(name)
            data = {"old": old, "new": new, "status": status.number, "header": name}
            rest = {"operation": new.key, "subject": f"{status.key} {name}", "data": data}
            header = one or other
            if header is None:
                continue
            if one is None or other is None:
                needed = "required-" if header.required else ""
                action = f"{needed}header-{'added' if one is None else 'removed'}"
                spots = (
                    (one.raw, None) if one else (before.raw, "headers"),
                    (other.raw, None) if other else (after.raw, "headers"),
                )
                self.fact("header", action, sent, *spots, **rest)
                continue
            self._parameter(old, new, one, other, rest, "header", "response")
            self._schemas(old, Surface(new.key, sent, "header", name, status.key), one, other)

    def _links(self, before: ApiResponse, after: ApiResponse, rest: dict[str, Any]) -> None:
        for name in sorted({*before.links, *after.links}):
            one, other = before.links.get(name), after.links.get(name)
            if one != other:
                spots = (
                    (one or before.raw, None if one else "links"),
                    (
                        other or after.raw,
                        None if other else "links",
                    ),
                )
                named = {**rest, "subject": f"{rest['subject']} {name}"}
                self.fact("link", changed("link", one, other), "none", *spots, **named)

    # --- around the messages

    def _callbacks(self, old: ApiOperation, new: ApiOperation) -> None:
        for name in sorted({*old.callbacks, *new.callbacks}):
            one, other = old.callbacks.get(name), new.callbacks.get(name)
            if one is not None and other is not None:
                self._operation(one, other)
                continue
            action = "callback-added" if one is None else "callback-removed"
            spots = (
                (one.raw if one else old.raw, None if one else "callbacks"),
                (
                    other.raw if other else new.raw,
                    None if other else "callbacks",
                ),
            )
            data = {"old": one, "new": other}
            self.fact("callback", action, "response", *spots, subject=name, operation=new.key, data=data)


def _comparable(pair: StatusPair, before: ApiResponse, after: ApiResponse) -> bool:
    """Whether two answers speak about the same bodies.

    Those to some statuses have none by HTTP, whatever a range says; and a refusal that is named without a
    body beside a `default` with one is named for its status.
    """
    if before.status == after.status:
        return True
    named, default = (before, after) if after.status == DEFAULT else (after, before)
    if default.status == DEFAULT and default.content and not named.content:
        return False
    return pair.number not in BODYLESS


def _style(style: tuple[str, bool, str]) -> str:
    return style[2] or f"{style[0]}{', exploded' if style[1] else ''}"
