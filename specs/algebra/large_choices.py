"""The alternatives of a large choice that a value could be, by what it says of itself ("kind": "circle").

Others refuse it anyway, and to ask thousands of them, for every value again, takes minutes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

POINTER = "#/$defs/"
# Alternatives beyond which a choice is large, and how many say why where a value could be none of them.
LARGE, FEW = 40, 20
REFERENCES = 4  # that are followed to what an alternative says of its properties

Told = dict[str, frozenset[str]]


class LargeChoices:
    """The large choices among schemas with one set of definitions, each looked through once.

    marking  properties that tell the alternatives of a choice apart, of all choices that were asked for
    """

    def __init__(self, defs: Mapping[str, Any]) -> None:
        self.defs = defs
        self.marking: set[str] = set()
        self._known: dict[int, _LargeChoice] = {}

    def standing(self, choice: list[Any], told: Told) -> list[Any]:
        """The alternatives that an object could be whose properties `told` are one of these texts each; some
        others where it could be none, and all of a choice that is not large."""
        if len(choice) <= LARGE:
            return choice
        if id(choice) not in self._known:
            made = self._known[id(choice)] = _LargeChoice(choice, [self._said(one) for one in choice])
            self.marking.update(made.marking)
        return self._known[id(choice)].standing(told)

    def _said(self, schema: Any, depth: int = REFERENCES) -> Told:
        """The properties for which a schema lists values, with those of them that are texts."""
        if not isinstance(schema, dict) or depth == 0:
            return {}
        found: Told = {}
        to = schema.get("$ref")
        referred = self.defs.get(to.removeprefix(POINTER)) if isinstance(to, str) else None
        parts = [referred, *schema.get("allOf", ())]
        for part in parts:
            for name, texts in self._said(part, depth - 1).items():
                found[name] = found.get(name, texts) & texts
        for name, child in schema.get("properties", {}).items():
            if isinstance(child, dict) and ("const" in child or "enum" in child):
                values = [child["const"]] if "const" in child else child["enum"]
                texts = frozenset(value for value in values if isinstance(value, str))
                found[name] = found.get(name, texts) & texts
        return found


class _LargeChoice:
    """The alternatives of one choice by what they say of themselves."""

    def __init__(self, choice: list[Any], said: list[Told]) -> None:
        self.choice = choice
        counted = Counter(name for each in said for name in each)
        # Properties that most alternatives speak of.
        self.marking = [name for name, times in counted.items() if times * 2 > len(choice)]
        self._by_text: dict[str, dict[str, list[int]]] = {name: {} for name in self.marking}
        self._silent = {name: [n for n, its in enumerate(said) if name not in its] for name in self.marking}
        for name in self.marking:
            for n, its in enumerate(said):
                for text in its.get(name, ()):
                    self._by_text[name].setdefault(text, []).append(n)

    def standing(self, told: Told) -> list[Any]:
        numbers: set[int] | None = None
        for name in self.marking:
            if name in told:
                fitting = {n for text in told[name] for n in self._by_text[name].get(text, ())}
                fitting.update(self._silent[name])
                numbers = fitting if numbers is None else numbers & fitting
        if numbers is None:
            return self.choice
        return [self.choice[n] for n in sorted(numbers)] or self.choice[:FEW]
