"""`$defs` that are written when they are asked for: of a large document most never are.

A schema with such definitions serves whoever follows references one by one: the generator of values, and the
judge, which looks only at what a value reaches. Who needs all of them at once asks for `complete`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from understudy.specs.algebra import Schema
    from understudy.specs.algebra.narrowed import Narrower

POINTER = "#/$defs/"
# Keywords whose values are no schemas.
VALUES = ("enum", "const")


class Definitions(Mapping[str, Any]):
    """Schemas by name, each made once, at its first use; iterating goes over those that were made."""

    def __init__(self, make: Callable[[str], Schema | None]) -> None:
        self._make = make
        self._made: dict[str, Schema | None] = {}
        # What judges narrow for single values; theirs.
        self.narrower: Narrower | None = None

    def __getitem__(self, name: str) -> Schema:
        if name not in self._made:
            self._made[name] = self._make(name)
        found = self._made[name]
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (name for name, made in self._made.items() if made is not None)

    def __bool__(self) -> bool:
        return True  # there may be more than were made

    def __len__(self) -> int:
        return sum(1 for _ in self)


def definitions(schema: Schema) -> Mapping[str, Schema]:
    """The definitions of a schema."""
    return schema.get("$defs", {}) if isinstance(schema, dict) else {}


def body(schema: Schema) -> Schema:
    """A schema without its definitions."""
    return {k: v for k, v in schema.items() if k != "$defs"} if isinstance(schema, dict) else schema


def prefixed(schema: Any, prefix: str) -> Any:
    """`schema` with a prefix before the names it refers to. Values of `enum` and `const` stay as they are."""
    if isinstance(schema, list):
        return [prefixed(item, prefix) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            out[key] = f"{POINTER}{prefix}{value.removeprefix(POINTER)}"
        elif key in VALUES and not isinstance(value, dict):
            out[key] = value  # values, not schemas (a property may be called so, then it is a mapping)
        else:
            out[key] = prefixed(value, prefix)
    return out


def joined(several: Mapping[str, Schema]) -> tuple[dict[str, Schema], Definitions]:
    """Schemas of several documents, each with its own definitions, by prefix: their bodies, and definitions
    in which the names of each begin with its prefix, one letter."""

    def make(name: str) -> Schema | None:
        prefix, inner = name[:1], name[1:]
        found = definitions(several[prefix]).get(inner) if prefix in several else None
        return None if found is None else prefixed(found, prefix)

    return {prefix: prefixed(body(schema), prefix) for prefix, schema in several.items()}, Definitions(make)


def references(schema: Any) -> Iterator[str]:
    """The names that a schema refers to."""
    stack = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "$ref" and isinstance(value, str):
                    yield value.removeprefix(POINTER)
                elif isinstance(value, dict) or (isinstance(value, list) and key not in VALUES):
                    stack.append(value)
        elif isinstance(node, list):
            stack += node


def complete(schema: Schema, most: int) -> Schema | None:
    """A schema with all definitions that it reaches, in a plain mapping; None where they are too many."""
    defs = definitions(schema)
    root = body(schema)
    found: dict[str, Schema] = {}
    queue = list(references(root))
    while queue:
        name = queue.pop()
        if name in found or name not in defs:
            continue
        found[name] = defs[name]
        if len(found) > most:
            return None
        queue += references(found[name])
    if isinstance(root, bool) or not found:
        return root
    return {**root, "$defs": dict(sorted(found.items()))}
