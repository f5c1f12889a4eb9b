"""Operations that several families of one API have in common: one path asks for tasks of every kind.

The first family that has an operation at a place gives it its name in the OpenAPI document; the answers of
the others are beside its own there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.axes import JSON
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.problems import Problem
from understudy.specs.pointers import at, escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.tree import Object

# The operations on tasks, with the methods that they have where nothing else is said.
USUAL_METHODS = {"query": "GET", "results": "GET", "cancel": "POST", "delete": "DELETE", "list": "GET"}
# What is one for all families at a place: only when a task is found is it known of which it is.
ONE_FOR_ALL = {
    "query": ("id", "batch"),
    "results": ("id",),
    "cancel": ("id",),
    "delete": ("id",),
    "list": ("in", "by", "position", "size", "usual", "most", "filters", "choices", "answer"),
}
OF_UNKNOWN = ("unknown", "unknown_answer")


def first_with(families: Mapping[str, Any], kind: str, name: str) -> str:
    """The first family with the operation `kind` where the family `name` has it."""
    wanted = _place(families[name], kind)
    return next(one for one, family in families.items() if kind in family and _place(family, kind) == wanted)


def _place(family: Mapping[str, Any], kind: str) -> tuple[str, str]:
    path = VARIABLE.sub("{}", family[kind]["path"])
    return family[kind].get("method", USUAL_METHODS[kind]), path


def together(first: Object, second: Object) -> Object:
    """An operation whose answers are those of either: what one schema does not take, the other may."""
    responses = dict(first["responses"])
    for status, response in second["responses"].items():
        known = responses.get(status)
        responses[status] = response if known is None else _either(known, response)
    return {**first, "responses": responses}


def _either(first: Object, second: Object) -> Object:
    schemas = [at(one, ("content", JSON, "schema")) for one in (first, second)]
    content = {**second.get("content", {}), **first.get("content", {})}
    if None not in schemas:
        content[JSON] = {"schema": _of_either(schemas[0], schemas[1])}
    return {**first, "content": content} if content else first


def _of_either(one: Object, other: Object) -> Object:
    """The schema of what is of either kind; a list may hold both."""
    if one == other:
        return one
    kinds = one.get("type"), other.get("type")
    if kinds == ("array", "array"):
        return {**one, "items": _of_either(one.get("items", {}), other.get("items", {}))}
    inner = [schema.get("properties", {}) for schema in (one, other)]
    if kinds == ("object", "object") and inner[0].keys() == inner[1].keys():
        required = [name for name in one.get("required", ()) if name in other.get("required", ())]
        properties = {name: _of_either(inner[0][name], inner[1][name]) for name in inner[0]}
        return {**one, "required": required, "properties": properties}
    known = one["anyOf"] if one.keys() == {"anyOf"} else [one]
    return {"anyOf": known if other in known else [*known, other]}


def shared_differently(families: Mapping[str, Any]) -> Iterator[Problem]:
    """Families that have an operation at one place, and say otherwise how it is called or refused there."""
    for name, family in families.items():
        for kind in (one for one in USUAL_METHODS if one in family):
            first = first_with(families, kind, name)
            differ = [k for k in ONE_FOR_ALL[kind] if families[first][kind].get(k) != family[kind].get(k)]
            if kind == "query" and not differ:
                differ = [k for k in OF_UNKNOWN if families[first].get(k) != family.get(k)]
            if differ:
                method, path = _place(family, kind)[0], family[kind]["path"]
                what = f"{method} {path} is an operation of {first!r}, too, and {differ[0]!r} differs there"
                yield Problem(f"/families/{escape(name)}/{kind}", 0, what, "write the same in both")
