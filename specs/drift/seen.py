"""Answers as they were seen: whether they refuse, which fields they have, and what a schema says to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Judge
from understudy.specs.diff.view import Views

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.algebra import SchemaRefusal
    from understudy.specs.diff.bundle import Bundler
    from understudy.specs.diff.document import ApiDocument, Raw
    from understudy.specs.diff.view import SchemaView
    from understudy.specs.drift.exchanges import RecordedExchange

# Values of recorded bodies that are looked at, in all.
MAX_VALUES = 200_000
# The statuses by which a provider says that the request is at fault, not the account or the hour.
AT_FAULT = ("400", "422")
CHOICES = ("anyOf", "oneOf")
VALUES = ("enum", "const")
Key = tuple[str, str]


class RefusalTable:
    """Which answers are refusals: by status, and by the codes of `x-errors` where a document has them.

    Some providers refuse under HTTP 200; their document says so in `x-conventions`.
    """

    def __init__(self, root: Mapping[str, Any]) -> None:
        table = _mapping(root, "x-errors")
        self.status = {
            str(row["code"]): str(row.get("status", "")) for row in table.values() if "code" in row
        }
        words = _mapping(_mapping(root, "x-conventions"), "error").get("words", {})
        for situation, word in words.items() if isinstance(words, dict) else ():
            self.status.setdefault(str(word), str(_mapping(table, situation).get("status", "")))

    def takes(self, exchange: RecordedExchange) -> bool:
        """Whether the answer says that the request was taken."""
        return exchange.status.startswith("2") and self._code(exchange) not in self.status

    def of_the_request(self, exchange: RecordedExchange) -> bool:
        """Whether the answer says that the request itself is at fault."""
        if exchange.status.startswith("2"):
            return self.status.get(self._code(exchange)) in AT_FAULT
        return exchange.status in AT_FAULT

    def said(self, exchange: RecordedExchange) -> str:
        """How it was refused, in a few words: "answered 400, code 1201"."""
        code = self._code(exchange)
        return f"answered {exchange.status}" + (f", code {code}" if code else "")

    def _code(self, exchange: RecordedExchange) -> str:
        answer = exchange.answer
        code = answer.get("code") if isinstance(answer, dict) else None
        return str(code) if isinstance(code, int | str) else ""


class Fields:
    """The fields of a document's answers: which were seen, and which were seen that it does not name."""

    def __init__(self, document: ApiDocument, bundler: Bundler) -> None:
        self.bundler = bundler
        self.views = Views(document)
        self.judges: dict[int, Judge] = {}
        # (operation, status) -> documented places, and those that were seen
        self.documented: dict[Key, set[str]] = {}
        self.seen: dict[Key, set[str]] = {}
        self.left = MAX_VALUES

    def never_seen(self) -> Iterator[tuple[Key, str]]:
        """What the document names for answers of which some were seen, but never this."""
        for key, places in sorted(self.documented.items()):
            for place in sorted(places - self.seen.get(key, set())):
                yield key, place

    def see(self, raw: Raw, answer: Any, key: Key) -> Iterator[tuple[str, Raw]]:
        """Note the fields of an answer; gives those that are not documented, with the schema they lack in."""
        yield from self._see([raw], answer, "", key)

    def refused(self, raw: Raw, answer: Any, limit: int) -> list[SchemaRefusal]:
        """The first reasons why the document refuses an answer; [] when it takes it.

        Where no alternative of a choice takes a value, the reasons of the nearest are given.
        """
        found: list[SchemaRefusal] = []
        reasons = self._judge(raw).refusals(answer, limit)
        mistyped = {reason.path for reason in reasons if reason.keyword == "type"}
        for refusal in reasons:
            # A value of another type is no other value as well.
            if refusal.keyword in VALUES and refusal.path in mistyped:
                continue
            tries = []
            if refusal.keyword in CHOICES and not refusal.path:
                branches = [b for word in CHOICES for b in self.views.view(raw).branches.get(word, [])]
                tries = [self.refused(branch, answer, limit) for branch in branches]
            nearest: list[SchemaRefusal] = min(filter(None, tries), key=len, default=[])
            found += nearest or [refusal]
        return found[:limit]

    def _see(self, raws: list[Raw], value: Any, where: str, key: Key) -> Iterator[tuple[str, Raw]]:
        self.left -= 1
        if self.left < 0:
            return
        views = [view for raw in raws for view in self._fitting(raw, value)]
        if isinstance(value, list):
            items = [view.children["items"] for view in views if "items" in view.children]
            for item in value if items else ():
                yield from self._see(items, item, f"{where}[]", key)
        named = [view for view in views if view.properties]
        if not isinstance(value, dict) or not named:
            return
        for view in named:
            places = {f"{where}.{name}".lstrip(".") for name in view.properties}
            self.documented.setdefault(key, set()).update(places)
        for name, child in value.items():
            place = f"{where}.{name}".lstrip(".")
            self.seen.setdefault(key, set()).add(place)
            schemas = [view.properties[name] for view in named if name in view.properties]
            if schemas:
                yield from self._see(schemas, child, place, key)
            elif not any(_open(view) for view in views):
                yield place, named[0].raw

    def _fitting(self, raw: Raw, value: Any) -> Iterator[SchemaView]:
        """The view of a schema, and of each alternative in it that takes the value (all, when none does)."""
        view = self.views.view(raw)
        yield view
        for part in view.rest:
            yield from self._fitting(part, value)
        for word in CHOICES:
            branches = view.branches.get(word, [])
            for branch in [b for b in branches if self._judge(b).takes(value)] or branches:
                yield from self._fitting(branch, value)

    def _judge(self, raw: Raw) -> Judge:
        if id(raw) not in self.judges:
            self.judges[id(raw)] = Judge(self.bundler.lazy(raw, "taker"))
        return self.judges[id(raw)]


def _open(view: SchemaView) -> bool:
    """Whether a schema says what further properties may be."""
    return bool(view.patterns) or isinstance(view.children.get("additionalProperties"), dict)


def gist(refusal: SchemaRefusal) -> tuple[str, ...]:
    """What a refusal is about, without the values that differ from answer to answer."""
    value = refusal.value
    detail = refusal.missing
    if refusal.keyword == "type":
        detail = type(value).__name__
    elif refusal.keyword in VALUES and not isinstance(value, dict | list):
        detail = repr(value)
    return spelled(refusal.path), refusal.keyword, detail


def spelled(path: tuple[str | int, ...]) -> str:
    """A place in a body: ("data", 0, "id") -> "data[].id"."""
    return "".join("[]" if isinstance(token, int) else f".{token}" for token in path).lstrip(".")


def _mapping(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
