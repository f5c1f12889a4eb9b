"""JSON values: exact equality, local references, copies. Nothing here knows what the values mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError
from understudy.specs.pointers import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Object = dict[str, Any]

LOCAL = "#/"


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are written the same: True is not 1, 1 is not 1.0; order of keys aside."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def copied(value: Any) -> Any:
    """A copy of a JSON value that shares nothing with it (YAML anchors become separate copies)."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def pointed(document: Mapping[str, Any], reference: str) -> Any:
    """What a local reference (`#/components/schemas/Task`) points at.

    Raises UnderstudyError when it is not local or points at nothing.
    """
    node: Any = document
    for key in path_of(reference[1:]) if reference.startswith(LOCAL) else (reference,):
        if not isinstance(node, dict) or key not in node:
            raise UnderstudyError(
                f"the reference {reference!r} points at nothing",
                advice="references into the same document, such as '#/components/schemas/Task', are followed",
            )
        node = node[key]
    return node


def resolved(document: Mapping[str, Any], node: Any) -> Any:
    """The node itself, or what it refers to, however many references lead there.

    Raises UnderstudyError when the references lead nowhere or in a circle.
    """
    seen: set[str] = set()
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        reference = node["$ref"]
        if reference in seen:
            raise UnderstudyError(f"the reference {reference!r} leads back to itself")
        seen.add(reference)
        node = pointed(document, reference)
    return node


def references(node: Any) -> Iterator[str]:
    """Every `$ref` inside a JSON value, as often as it stands there."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for item in node.values():
            yield from references(item)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)
