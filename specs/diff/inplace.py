"""Which schemas speak about the same value: what is reached through allOf, anyOf, oneOf, if and `$ref`.

A schema may lead back to itself on that way: a parent lists its children in `oneOf`, and each child takes the
parent in with `allOf`. By the letter such a schema has no end. Read as it is meant, the parent's choice does
not bind a child, and what is demanded already is not demanded again; `Above` knows where to stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from understudy.specs.diff.schema import upgrade

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument, Raw

IN_PLACE = ("allOf", "anyOf", "oneOf")
CIRCLE = "a schema includes itself; that part of it is left out"


class Above(NamedTuple):
    """The schemas that lead to one and speak about the same value, by id.

    whole    something that has to hold stands between: its choices do not bind this one
    chosen   this one was reached by choosing alternatives only
    """

    whole: frozenset[int] = frozenset()
    chosen: frozenset[int] = frozenset()

    def within(self, raw: Raw) -> Above:
        """Above a part of `raw` that has to hold."""
        return Above(self.whole | self.chosen | {id(raw)})

    def choosing(self, raw: Raw) -> Above:
        """Above an alternative of `raw`."""
        return Above(self.whole, self.chosen | {id(raw)})

    def among(self, ids: frozenset[int]) -> Above:
        """Of them those that are in `ids`."""
        return Above(self.whole & ids, self.chosen & ids)

    def __contains__(self, raw: object) -> bool:
        return id(raw) in self.whole or id(raw) in self.chosen


NOTHING_ABOVE = Above()


class InPlace:
    """The schemas of one document that apply to the same value as a given one."""

    def __init__(self, document: ApiDocument) -> None:
        self.document = document
        self._reached: dict[int, tuple[Raw, dict[int, Raw], frozenset[int]]] = {}

    def parts(self, raw: Raw) -> list[Raw]:
        """The parts of `raw`, one step."""
        schema = upgrade(raw, self.document)
        parts = [part for key in IN_PLACE for part in schema.get(key, ())]
        parts += [schema[key] for key in ("then", "else", "if") if key in schema]
        parts += schema.get("dependentSchemas", {}).values()
        if "$ref" in schema:
            parts.append(self.document.target(raw))
        return parts

    def reached(self, raw: Raw) -> list[Raw]:
        """`raw` and all that is reached from it, each once."""
        return list(self._entry(raw)[1].values())

    def below(self, raw: Raw, top: Raw) -> list[Raw]:
        """The same of an alternative of `top`, without its other alternatives: where the one takes `top` in,
        as a child does its parent, the choice does not bind it."""
        found: dict[int, Raw] = {}
        stack = [raw]
        while stack:
            node = stack.pop()
            if isinstance(node, dict) and id(node) not in found:
                found[id(node)] = node
                members = upgrade(node, self.document).get("oneOf", ()) if node is top else ()
                stack += [p for p in reversed(self.parts(node)) if not any(p is m for m in members)]
        return list(found.values())

    def ids(self, raw: Raw) -> frozenset[int]:
        """The ids of all that is reached from `raw`."""
        return self._entry(raw)[2]

    def bound(self, choice: list[Raw], above: Above) -> bool:
        """Whether a choice leads back to a schema that takes it in."""
        return bool(above.whole) and any(self.ids(member) & above.whole for member in choice)

    def tell(self, raw: Raw) -> None:
        """Note, once for each ring of schemas, that `raw` is part of one: where the first of them stands. A
        ring that children make which their parent does not list is no fault of the document."""
        ring = [node for node in self.reached(raw) if id(raw) in self.ids(node)]
        if any(id(node) in self.document.implied for node in ring):
            return
        if not any(id(node) in self.document.told for node in ring):
            self.document.told |= {id(node) for node in ring}
            self.document.problem(CIRCLE, min(ring, key=self.document.place))

    def _entry(self, raw: Raw) -> tuple[Raw, dict[int, Raw], frozenset[int]]:
        if id(raw) not in self._reached:
            if isinstance(raw, dict) and not self.parts(raw):
                return raw, {id(raw): raw}, frozenset((id(raw),))  # most are; there is nothing to keep
            found: dict[int, Raw] = {}
            stack = [raw]
            while stack:
                node = stack.pop()
                if id(node) in self._reached:
                    found |= self._reached[id(node)][1]  # all that is reached from there
                elif isinstance(node, dict) and id(node) not in found:
                    found[id(node)] = node
                    stack += reversed(self.parts(node))
            self._reached[id(raw)] = (raw, found, frozenset(found))
        return self._reached[id(raw)]
