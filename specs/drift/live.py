"""What a provider does, seen in recorded answers, against what its document says."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from specs.algebra import Judge
from specs.diff.api import media_type, read
from specs.diff.bundle import Bundler
from specs.diff.view import Views
from specs.drift.finding import Finding, fingerprint, order
from specs.errors import UnderstudyError
from specs.rules import RULES, Levels
from specs.witness.message import find_media, find_status
from specs.witness.proof import Witness

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from specs.diff.api import Operation
    from specs.diff.document import Document

MISSING: Any = object()
# How deep and how many values of a recorded body are looked at.
MAX_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its answer; a body that is not JSON, or not there, is MISSING."""

    method: str
    path: str
    status: str
    media: str
    answer: Any
    asked: Any = MISSING


def read_har(path: Path) -> list[Exchange]:
    """The exchanges of a HAR 1.2 file. Raises UnderstudyError when it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return [_exchange(entry) for entry in data["log"]["entries"]]
    except OSError as error:
        raise UnderstudyError(f"cannot read: {error.strerror}", where=str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnderstudyError(
            f"is not a HAR file: {type(error).__name__} {error}", where=str(path), advice="HAR 1.2"
        ) from error


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    content = response.get("content") or {}
    text = content.get("text")
    if text is not None and content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            text = None
    return Exchange(
        str(request["method"]).upper(),
        urlsplit(request["url"]).path,
        str(response["status"]),
        media_type(content.get("mimeType") or ""),
        _json(text),
        _json((request.get("postData") or {}).get("text")),
    )


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) and text else MISSING
    except (ValueError, RecursionError):
        return MISSING


def live(document: Document, exchanges: Iterable[Exchange], levels: Levels | None = None) -> list[Finding]:
    """What the exchanges show that `document` does not say, and what it says that they never show."""
    watcher = _Watcher(document, levels or Levels())
    for exchange in exchanges:
        watcher.see(exchange)
    return watcher.findings()


class _Watcher:
    def __init__(self, document: Document, levels: Levels) -> None:
        self.document = document
        self.levels = levels
        self.api = read(document)
        self.bundlers = {d: Bundler(document, d) for d in ("request", "response")}
        self.views = Views(document)
        self.routes = [
            (re.compile(f"(?:.*){_pattern(operation.path)}/?"), operation)
            for operation in self.api.operations.values()
            if not operation.inverted
        ]
        self.found: dict[tuple[str, ...], Finding] = {}
        # (operation, status) -> documented places, and those that were seen
        self.documented: dict[tuple[str, str], set[str]] = {}
        self.seen: dict[tuple[str, str], set[str]] = {}
        self.left = MAX_VALUES

    def add(self, rule: str, title: str, exchange: Exchange, payload: Any, raw: Any, said: str) -> None:
        """A finding, once for each rule and title of an operation."""
        surface = f"{exchange.method} {exchange.path}"
        operation = self.operation(exchange)
        if operation is not None:
            surface = f"{operation.key} {exchange.status}"
        if (rule, surface, title) in self.found:
            return
        witness = Witness("payload", payload, surface, "revision", "base", said) if said else None
        self.found[rule, surface, title] = Finding(
            rule=rule,
            verdict=self.levels.level(RULES[rule]),
            title=title,
            surface=surface,
            direction="response",
            area="live",
            base=self.document.place(raw) if raw is not None else None,
            reach=(surface,),
            witness=witness,
            reason=RULES[rule].sentence,
            fingerprint=fingerprint(rule, surface, title),
        )

    def operation(self, exchange: Exchange) -> Operation | None:
        fits = [op for r, op in self.routes if op.method == exchange.method and r.fullmatch(exchange.path)]
        # The longest template is the most special one; a literal is longer than a placeholder here.
        return max(fits, key=lambda op: (op.path.count("/"), -op.path.count("{"), op.path), default=None)

    def see(self, exchange: Exchange) -> None:
        operation = self.operation(exchange)
        if operation is None:
            title = f"{exchange.method} {exchange.path} answers {exchange.status}"
            self.add("live-operation-undocumented", title, exchange, None, None, "")
            return
        self._asked(operation, exchange)
        response = find_status(operation, exchange.status)
        if response is None:
            title = f"status {exchange.status}"
            self.add("live-status-undocumented", title, exchange, None, operation.raw, "")
            return
        media = find_media(response.content, exchange.media)
        if media is None or exchange.answer is MISSING:
            if response.content:
                title = f"answers with {exchange.media or 'no media type'}, not with JSON as documented"
                self.add("live-answer-refused", title, exchange, None, response.raw, "")
            return
        judge = Judge(self.bundlers["response"].bundle(media.schema, "taker"))
        for refusal in judge.refusals(exchange.answer, 20):
            where = _where(refusal.path)
            title = f"{where or 'the answer'}: {refusal.sentence}"
            self.add("live-answer-refused", title, exchange, exchange.answer, media.raw, refusal.sentence)
        key = (operation.key, response.status)
        self._fields(media.schema, exchange.answer, "", exchange, key)

    def _asked(self, operation: Operation, exchange: Exchange) -> None:
        """A request that the document refuses and the provider takes, or the other way round."""
        if operation.body is None or exchange.asked is MISSING:
            return
        media = find_media(operation.body.content, "application/json")
        if media is None:
            return
        refusals = Judge(self.bundlers["request"].bundle(media.schema, "taker")).refusals(exchange.asked, 1)
        if refusals and exchange.status.startswith("2"):
            title = f"takes a request that its document refuses: {refusals[0].sentence}"
            self.add("live-request-taken", title, exchange, exchange.asked, media.raw, refusals[0].sentence)
        if not refusals and exchange.status in ("400", "422"):
            title = "refuses a request that its document takes"
            said = f"answered {exchange.status}"
            self.add("live-request-refused", title, exchange, exchange.asked, media.raw, said)

    def _fields(self, raw: Any, value: Any, where: str, exchange: Exchange, key: tuple[str, str]) -> None:
        """Fields that the document does not name; and which of the named ones are seen."""
        self.left -= 1
        if self.left < 0:
            return
        view = self.views.view(raw)
        if isinstance(value, list) and "items" in view.children:
            for item in value:
                self._fields(view.children["items"], item, f"{where}[]", exchange, key)
        if not isinstance(value, dict) or not view.properties:
            return
        self.documented.setdefault(key, set()).update(_join(where, name) for name in view.properties)
        for name, child in value.items():
            place = _join(where, name)
            self.seen.setdefault(key, set()).add(place)
            if name in view.properties:
                self._fields(view.properties[name], child, place, exchange, key)
            elif not view.patterns and not isinstance(view.children.get("additionalProperties"), dict):
                title = f"{place} is never documented"
                payload = exchange.answer
                self.add("live-field-undocumented", title, exchange, payload, raw, "no property of that name")

    def findings(self) -> list[Finding]:
        found = list(self.found.values())
        rule = RULES["live-field-never-seen"]
        for key, places in sorted(self.documented.items()):
            for place in sorted(places - self.seen.get(key, set())):
                surface = " ".join(key)
                found.append(
                    Finding(
                        rule=rule.id,
                        verdict=self.levels.level(rule),
                        title=f"{place} was never seen",
                        surface=surface,
                        direction="response",
                        area="live",
                        reach=(surface,),
                        reason=rule.sentence,
                        fingerprint=fingerprint(rule.id, surface, place),
                    )
                )
        return sorted(found, key=order)


def _pattern(path: str) -> str:
    """A template as a regular expression: "/v1/{id}" -> "/v1/[^/]+"."""
    parts = re.split(r"\{[^{}]*\}", path.rstrip("/"))
    return "[^/]+".join(re.escape(part) for part in parts)


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _where(path: tuple[str | int, ...]) -> str:
    text = ""
    for token in path:
        text += "[]" if isinstance(token, int) else _join("", token) if not text else f".{token}"
    return text
