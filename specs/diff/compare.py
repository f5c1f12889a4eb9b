"""Two APIs side by side: walks once and states every difference as a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specs.diff.bundle import UNDOCUMENTED
from specs.diff.facts import Fact, Surface, changed
from specs.diff.security import compare_schemes, compare_security
from specs.diff.task import compare_tasks
from specs.diff.walk import Walk

if TYPE_CHECKING:
    from specs.diff.api import Api, Body, Operation, Parameter, Response


class Comparison:
    """The facts of two APIs.

    facts     those that are not about schemas; the facts about schemas are in `walk.pairs`
    surfaces  (surface, pair) of every surface whose schemas differ
    """

    def __init__(self, base: Api, revision: Api) -> None:
        self.base, self.revision = base, revision
        self.walk = Walk(base.document, revision.document)
        self.facts: list[Fact] = []
        self.surfaces: dict[Surface, Any] = {}
        self._compare()

    def _compare(self) -> None:
        names = [
            *self.base.operations,
            *(k for k in self.revision.operations if k not in self.base.operations),
        ]
        moved = self._moved()
        for key in names:
            old, new = self.base.operations.get(key), self.revision.operations.get(key)
            if key in moved and old is not None:
                self._operation(old, moved[key])
            elif new is not None and any(new is found for found in moved.values()):
                continue
            elif old is None or new is None:
                self._presence(key, old, new)
            else:
                self._operation(old, new)
        compare_schemes(self)

    def _moved(self) -> dict[str, Operation]:
        """Operations that stay at their address while a part of it moves between server and path."""
        found: dict[str, Operation] = {}
        gone = [op for key, op in self.base.operations.items() if key not in self.revision.operations]
        come = [op for key, op in self.revision.operations.items() if key not in self.base.operations]
        by_address = {address: op for op in come for address in _addresses(op)}
        for old in gone:
            same = [by_address[address] for address in _addresses(old) if address in by_address]
            if same and all(op is same[0] for op in same):
                found[old.key] = same[0]
        return found

    def fact(self, area: str, action: str, direction: Any, left: Any, right: Any, /, **rest: Any) -> Fact:
        """State a fact; `old` and `new` are (container, key) on each side, or None."""
        found = Fact(
            area,
            action,
            direction,
            base=self.base.document.place(*left) if left else None,
            revision=self.revision.document.place(*right) if right else None,
            **rest,
        )
        self.facts.append(found)
        return found

    def _presence(self, key: str, old: Operation | None, new: Operation | None) -> None:
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

    def _operation(self, old: Operation, new: Operation) -> None:
        self._metadata(old, new)
        self._parameters(old, new)
        self._bodies(old, new)
        self._responses(old, new)
        compare_security(self, old, new)
        self._servers(old, new)
        self._callbacks(old, new)
        compare_tasks(self, old, new)

    def _metadata(self, old: Operation, new: Operation) -> None:
        spots = {"operation": new.key, "data": {"old": old, "new": new}}
        before, after = old.raw.get("deprecated") is True, new.raw.get("deprecated") is True
        if before != after:
            action = "deprecated-added" if after else "deprecated-removed"
            self.fact("operation", action, "none", (old.raw, "deprecated"), (new.raw, "deprecated"), **spots)
        for key, word in (("operationId", "operation-id"), ("x-sunset", "sunset"), ("tags", "tags")):
            one, other = old.raw.get(key), new.raw.get(key)
            if key == "tags":
                one, other = _sorted(one), _sorted(other)
            if one != other:
                action = changed(word, one, other)
                self.fact(
                    "operation", action, "none", (old.raw, key), (new.raw, key), old=one, new=other, **spots
                )
        if not old.inverted and old.path != new.path and old.key == new.key:
            self.fact(
                "operation",
                "path-parameter-renamed",
                "none",
                (old.raw, None),
                (new.raw, None),
                old=old.path,
                new=new.path,
                **spots,
            )
        self._silence("operation", "none", old.raw, new.raw, spots)
        told = {"x-task", "x-sunset", UNDOCUMENTED}
        for key in sorted({k for k in (*old.raw, *new.raw) if k.startswith("x-")} - told):
            one, other = old.raw.get(key), new.raw.get(key)
            if one != other:
                self.fact(
                    "operation",
                    "extension-changed",
                    "none",
                    (old.raw, key),
                    (new.raw, key),
                    subject=key,
                    old=one,
                    new=other,
                    **spots,
                )

    def _silence(
        self, word: str, direction: Any, old: dict[str, Any], new: dict[str, Any], rest: dict[str, Any]
    ) -> None:
        """Whether the owner of only one document mentions this part of it."""
        before, after = old.get(UNDOCUMENTED) is True, new.get(UNDOCUMENTED) is True
        if before != after:
            action = f"{word}-{'undocumented' if after else 'documented'}"
            self.fact(word, action, direction, (old, UNDOCUMENTED), (new, UNDOCUMENTED), **rest)

    # --- parameters

    def _parameters(self, old: Operation, new: Operation) -> None:
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
        old: Operation,
        new: Operation,
        before: Parameter,
        after: Parameter,
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
        if one != other:
            spots = (before.raw, "style"), (after.raw, "style")
            shown = {"old": _style(one), "new": _style(other)}
            self.fact(word, f"{word}-serialisation-changed", sent, *spots, **shown, **rest)
        self._silence(word, sent, before.raw, after.raw, rest)
        flags = (before.raw.get("deprecated") is True, after.raw.get("deprecated") is True)
        if flags[0] != flags[1]:
            action = f"{word}-deprecated-{'added' if flags[1] else 'removed'}"
            self.fact(word, action, "none", (before.raw, "deprecated"), (after.raw, "deprecated"), **rest)

    def _sent(self, operation: Operation, direction: str) -> Any:
        """Who sends: in a callback the provider sends the request, and the client answers."""
        if not operation.inverted:
            return direction
        return "response" if direction == "request" else "request"

    def _schemas(self, operation: Operation, surface: Surface, before: Any, after: Any) -> None:
        pair = self.walk.surface(before.schema, after.schema, surface)
        if pair is not None:
            self.surfaces[surface] = (pair, before, after)

    # --- bodies

    def _bodies(self, old: Operation, new: Operation) -> None:
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
        self._silence("body", sent, before.raw, after.raw, rest)
        self._content(old, new, before, after, sent, "")

    def _content(
        self,
        old: Operation,
        new: Operation,
        before: Body | Response,
        after: Body | Response,
        sent: Any,
        status: str,
    ) -> None:
        for name in [*before.content, *(n for n in after.content if n not in before.content)]:
            one, other = before.content.get(name), after.content.get(name)
            data = {"old": old, "new": new, "media": name, "status": status}
            rest = {"operation": new.key, "subject": f"{status} {name}".strip(), "data": data}
            spots = (
                (one.raw if one else before.raw, None if one else "content"),
                (
                    other.raw if other else after.raw,
                    None if other else "content",
                ),
            )
            if one is None or other is None:
                action = f"media-type-{'added' if one is None else 'removed'}"
                self.fact("media", action, sent, *spots, **rest)
                continue
            if one.encoding != other.encoding:
                spots = (one.raw, "encoding"), (other.raw, "encoding")
                self.fact("media", "encoding-changed", sent, *spots, **rest)
            self._schemas(old, Surface(new.key, sent, "body", name, status), one, other)

    # --- responses

    def _responses(self, old: Operation, new: Operation) -> None:
        sent = self._sent(old, "response")
        for status in [*old.responses, *(s for s in new.responses if s not in old.responses)]:
            before, after = old.responses.get(status), new.responses.get(status)
            data = {"old": old, "new": new, "status": status}
            rest = {"operation": new.key, "subject": status, "data": data}
            if before is None or after is None:
                kind = "success" if status[0] == "2" else "default" if status == "default" else "failure"
                action = f"{kind}-status-{'added' if before is None else 'removed'}"
                spots = (
                    (before.raw, None) if before else (old.raw, "responses"),
                    (after.raw, None) if after else (new.raw, "responses"),
                )
                self.fact("status", action, sent, *spots, **rest)
                continue
            self._silence("status", sent, before.raw, after.raw, rest)
            self._content(old, new, before, after, sent, status)
            self._headers(old, new, before, after, sent)
            self._links(before, after, rest)

    def _headers(self, old: Operation, new: Operation, before: Response, after: Response, sent: Any) -> None:
        status = before.status
        for name in [*before.headers, *(n for n in after.headers if n not in before.headers)]:
            one, other = before.headers.get(name), after.headers.get(name)
            data = {"old": old, "new": new, "status": status, "header": name}
            rest = {"operation": new.key, "subject": f"{status} {name}", "data": data}
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
            self._schemas(old, Surface(new.key, sent, "header", name, status), one, other)

    def _links(self, before: Response, after: Response, rest: dict[str, Any]) -> None:
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

    def _servers(self, old: Operation, new: Operation) -> None:
        data = {"old": old, "new": new}
        spots = (_servers_holder(self.base, old), "servers"), (_servers_holder(self.revision, new), "servers")
        for url in old.servers:
            if url not in new.servers:
                self.fact(
                    "server", "server-removed", "request", *spots, subject=url, operation=new.key, data=data
                )
        for url in new.servers:
            if url not in old.servers:
                self.fact(
                    "server", "server-added", "request", *spots, subject=url, operation=new.key, data=data
                )

    def _callbacks(self, old: Operation, new: Operation) -> None:
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


def _sorted(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else value


def _style(style: tuple[str, bool, str]) -> str:
    return style[2] or f"{style[0]}{', exploded' if style[1] else ''}"


def _servers_holder(api: Api, operation: Operation) -> Any:
    return next((h for h in (operation.raw, operation.item) if "servers" in h), api.document.root)


def _addresses(operation: Operation) -> list[str]:
    """ "GET https://a.example/v1/things/{}" for each of its servers that has a host."""
    if operation.inverted:
        return []
    path = operation.key.partition(" ")[2]
    return [f"{operation.method} {url}{path}" for url in operation.servers if "://" in url]
