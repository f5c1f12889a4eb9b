"""Values that fit a JSON Schema, smallest first: our own small generator, made for difference schemas.

It guesses and is not complete: whoever takes a value asks the validators. Output depends on the schema alone.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from understudy.specs.witness.budget import StepBudget
from understudy.specs.witness.flat import flatten
from understudy.specs.witness.values import numbers, text_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.algebra import Schema

DEPTH = 12
# How many values of a child are tried one by one where a single one does.
WIDTH = 6
# Items of an array or properties of an object that are made at most, and beyond which one example is enough.
MAX_SIZE = 200_000
MANY = 2_000
PLAIN: tuple[Any, ...] = (None, False, 0, "", [], {}, 1.5)


def values(
    schema: Schema,
    *,
    formats: bool = False,
    limit: int = 400,
    depth: int = DEPTH,
    budget: StepBudget | None = None,
) -> Iterator[Any]:
    """Up to `limit` values for `schema` (references into its own `$defs`), nested no deeper than `depth`.

    They end, too, when `budget` is spent.

    {"type": "object", "required": ["n"], "properties": {"n": {"minimum": 3}}} -> {"n": 3}, …
    """
    defs = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    return islice(_Generator(defs, formats, depth, budget or StepBudget()).values(schema, 0), limit)


class _Generator:
    def __init__(self, defs: Mapping[str, Schema], formats: bool, depth: int, budget: StepBudget) -> None:
        self.budget = budget
        self.depth = depth
        self.defs = defs
        self.formats = formats

    def values(self, schema: Schema, depth: int) -> Iterator[Any]:
        if depth > self.depth or not self.budget.spend():
            return
        # Every case gives its smallest value before any gives its second.
        waiting: list[Iterator[Any]] = []
        for flat in flatten(schema, self.defs, self.budget):
            case = self.case(flat, depth)
            for value in islice(case, 1):
                yield value
                waiting.append(case)
        while waiting and not self.budget.spent:
            still = []
            for case in waiting:
                for value in islice(case, 1):
                    yield value
                    still.append(case)
            waiting = still

    def case(self, flat: dict[str, Any], depth: int) -> Iterator[Any]:
        if "enum" in flat:
            yield from flat["enum"]
            return
        types = flat.get("type")
        if types is None and not any(key in flat for key in SHAPED):
            yield from PLAIN
            return
        # The type that the schema speaks about comes first.
        spoken = [t for t, keys in SPEAKS.items() if any(key in flat for key in keys)]
        order = [t for t in spoken if types is None or t in types]
        order += [t for t in ORDER if (types is None or t in types) and t not in order]
        makers = [self.typed(t, flat, depth) for t in order]
        yield from chain.from_iterable(islice(maker, 1) for maker in makers)
        yield from chain.from_iterable(makers)

    def typed(self, name: str, flat: dict[str, Any], depth: int) -> Iterator[Any]:
        if name == "object":
            return self.objects(flat, depth)
        if name == "array":
            return self.arrays(flat, depth)
        if name == "string":
            return text_values(flat, formats=self.formats)
        if name in ("integer", "number"):
            return numbers(flat, whole=name == "integer")
        return iter((None,) if name == "null" else (False, True))

    # --- objects

    def objects(self, flat: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        base: dict[str, Any] = {}
        names = self.needed(flat)
        if names is None:
            return
        firsts: dict[int, Any] = {}  # of many invented names each has the same
        for name in names:
            kind = id(self.child(flat, name))
            if kind not in firsts:
                firsts[kind] = next(self.property(flat, name, depth), MISSING)
            if firsts[kind] is MISSING:
                return
            base[name] = firsts[kind]
        yield base
        known = [*names, *(n for n in sorted(flat.get("properties", {})) if n not in base)]
        room = flat.get("maxProperties", MAX_SIZE) > len(base)
        for name in known:
            if name in base or room:
                for value in islice(self.property(flat, name, depth), WIDTH):
                    yield {**base, name: value}
        if room:
            yield from self.invented(flat, base, depth)
        yield {**base, **self.everything(flat, known, base, depth)}

    def needed(self, flat: dict[str, Any]) -> list[str] | None:
        """Names that a smallest object has, or None when there cannot be enough."""
        names = sorted(flat.get("required", ()))
        for _ in range(len(flat.get("dependents", {})) + 1):
            for name, others in sorted(flat.get("dependents", {}).items()):
                if name in names:
                    names += [other for other in others if other not in names]
        missing = int(flat.get("minProperties", 0)) - len(names)
        if missing > MAX_SIZE:
            return None
        if missing <= 0:
            return names
        optional = [n for n, child in sorted(flat.get("properties", {}).items()) if child is not False]
        there = {*names}
        extra = [*islice((n for n in optional if n not in there), missing)]
        extra += islice(self.names(flat), missing - len(extra))
        return names + extra

    def names(self, flat: dict[str, Any]) -> Iterator[str]:
        """Names that are not declared, in the order in which they are invented."""
        declared = flat.get("properties", {})
        shape = {"allOf": [{"type": "string"}, *flat.get("names", ())]}
        from_patterns = (
            text
            for p in flat.get("patternProperties", {})
            for text in text_values({"patterns": [p]}, formats=False)
        )
        refused = [
            s["propertyNames"] for s in flat.get("nots", ()) if isinstance(s, dict) and "propertyNames" in s
        ]
        odd = chain.from_iterable(
            islice(self.values({"allOf": [shape, {"not": schema}]}, 0), WIDTH) for schema in refused
        )
        invented = self.values(shape, 0) if flat.get("names") else (f"x{n}" for n in range(1, MAX_SIZE))
        return (n for n in chain(odd, islice(from_patterns, WIDTH), invented) if n not in declared)

    def invented(self, flat: dict[str, Any], base: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        for name in islice(self.names(flat), WIDTH):
            for value in islice(self.property(flat, name, depth), WIDTH):
                yield {**base, name: value}

    def property(self, flat: dict[str, Any], name: str, depth: int) -> Iterator[Any]:
        return self.values(self.child(flat, name), depth + 1)

    def child(self, flat: dict[str, Any], name: str) -> Schema:
        """What is demanded of a property."""
        found: Schema | None = flat.get("properties", {}).get(name)
        return flat.get("additionalProperties", True) if found is None else found

    def everything(
        self, flat: dict[str, Any], known: list[str], base: dict[str, Any], depth: int
    ) -> dict[str, Any]:
        """All declared properties at once, as far as there is room and a value."""
        found: dict[str, Any] = {}
        room = flat.get("maxProperties", MAX_SIZE) - len(base)
        for name in known:
            value = next(self.property(flat, name, depth), MISSING)
            if value is not MISSING and room > 0:
                found[name] = value
                room -= name not in base
        return found

    # --- arrays

    def arrays(self, flat: dict[str, Any], depth: int) -> Iterator[list[Any]]:
        least, most = int(flat.get("minItems", 0)), flat.get("maxItems", MAX_SIZE)
        if least > MAX_SIZE or least > most:
            return
        if least > MANY:
            yield from self.long(flat, least, depth)
            return
        wanted = flat.get("contains", [])
        for length in dict.fromkeys((least, least + 1, least + 2, int(min(most, least + 9)))):
            if length > most:
                continue
            first = self.items(flat, length, depth, 0)
            if first is None:
                continue
            if not wanted:
                yield first
            yield from self.holding(flat, first, wanted, most, depth)
            yield from self.varied(flat, first, depth)
            for turn in range(1, WIDTH):
                other = self.items(flat, length, depth, turn)
                if other is not None:
                    yield other

    def long(self, flat: dict[str, Any], length: int, depth: int) -> Iterator[list[Any]]:
        """A long array: one value again and again, or numbers or texts that differ."""
        item = flat.get("items", True)
        prefix = flat.get("prefixItems", [])
        made = [next(self.values(schema, depth + 1), MISSING) for schema in prefix]
        if any(value is MISSING for value in made):
            return
        if not flat.get("uniqueItems"):
            for value in islice(self.values(item, depth + 1), 1):
                if length * weight(value) > MAX_SIZE:
                    return
                yield [*made, *[value] * (length - len(made))]
            return
        yield list(range(length))
        yield [f"a{n}" for n in range(length)]

    def items(self, flat: dict[str, Any], length: int, depth: int, turn: int) -> list[Any] | None:
        """An array of `length`: the `turn`-th value everywhere, or different ones where they must differ."""
        made: list[Any] = []
        pools: dict[int, list[Any]] = {}
        for n in range(length):
            prefix = flat.get("prefixItems", [])
            schema = prefix[n] if n < len(prefix) else flat.get("items", True)
            if id(schema) not in pools:
                amount = length + WIDTH if flat.get("uniqueItems") else turn + 1
                pools[id(schema)] = list(islice(self.values(schema, depth + 1), amount))
            pool = pools[id(schema)]
            if flat.get("uniqueItems"):
                pool = [value for value in pool if value not in made]
            if not pool:
                return None
            made.append(pool[0 if flat.get("uniqueItems") else min(turn, len(pool) - 1)])
        return made

    def holding(
        self, flat: dict[str, Any], first: list[Any], wanted: list[dict[str, Any]], most: float, depth: int
    ) -> Iterator[list[Any]]:
        """Arrays with what `contains` asks for."""
        for want in wanted:
            both = {"allOf": [flat.get("items", True), want["schema"]]}
            for value in islice(self.values(both, depth + 1), WIDTH):
                for times in dict.fromkeys((int(want["least"]), int(want["least"]) + 1)):
                    if len(first) + times <= most:
                        yield [value] * times + first

    def varied(self, flat: dict[str, Any], first: list[Any], depth: int) -> Iterator[list[Any]]:
        """`first` with one item changed, item by item."""
        for n in range(min(len(first), WIDTH)):
            prefix = flat.get("prefixItems", [])
            schema = prefix[n] if n < len(prefix) else flat.get("items", True)
            for value in islice(self.values(schema, depth + 1), WIDTH):
                yield [*first[:n], value, *first[n + 1 :]]


def weight(value: Any) -> int:
    """About how many parts a value has."""
    if isinstance(value, dict | list):
        return 1 + sum(weight(part) for part in (value.values() if isinstance(value, dict) else value))
    return 1


class _Missing:
    """No value at all, which None is not."""


MISSING: Any = _Missing()
ORDER = ("null", "boolean", "integer", "number", "string", "array", "object")
SPEAKS = {
    "object": ("required", "properties", "patternProperties", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "string": ("minLength", "maxLength", "patterns", "formats"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multiples"),
}
SHAPED = (*(key for keys in SPEAKS.values() for key in keys), "maxProperties", "maxItems", "names")
