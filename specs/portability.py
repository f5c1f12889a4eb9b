"""What holds for every provider at once.

A request that *every* provider takes must name every field that somebody requires and keep to every limit
(intersection); a client must survive whatever *any* of them answers (union). Where no value satisfies all,
that is said, with who wants what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from understudy.specs.described import ALIAS_OF
from understudy.specs.effective import UNDOCUMENTED
from understudy.specs.places import ITEM, REQUEST, bodies, fields, operations
from understudy.specs.tree import resolved, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from understudy.specs.model import FieldPath
    from understudy.specs.tree import Object

    # A document, and one operation of it.
    Described = tuple[Mapping[str, Any], Mapping[str, Any]]

# How two limits combine into the one that satisfies both.
STRICTER: dict[str, Callable[[Any, Any], Any]] = {
    "minimum": max, "minLength": max, "minItems": max, "exclusiveMinimum": max,
    "maximum": min, "maxLength": min, "maxItems": min, "exclusiveMaximum": min,
}  # fmt: skip
PAIRS = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))
UNSENT = ("avoid", "impossible")
CONVENTIONS = "x-conventions"


@dataclass(frozen=True, slots=True)
class Place:
    """A field in one provider's effective spec: its schema, whether it is required, and its name there."""

    schema: Object
    required: bool
    name: str
    documented: bool


@dataclass(frozen=True, slots=True)
class RequestField:
    """One field of the portable request.

    `send` is "required" (somebody requires it), "may" (all document it), "avoid" (`undocumented` names who
    does not promise to take it) or "impossible" (`conflicts` says why no value satisfies all).
    """

    path: FieldPath
    send: str
    schema: Object
    required_by: tuple[str, ...]
    undocumented: tuple[str, ...]
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerField:
    """One field that a client must cope with: every type and value, and who may leave it out."""

    path: FieldPath
    types: tuple[str, ...]
    values: tuple[Any, ...]
    absent_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperationPortability:
    """`providers`: those whose documents describe the operation. `matrix`: field -> provider -> place."""

    key: str
    providers: tuple[str, ...]
    request: tuple[RequestField, ...]
    answer: tuple[AnswerField, ...]
    matrix: Mapping[FieldPath, Mapping[str, Place]]


@dataclass(frozen=True, slots=True)
class Portability:
    """`conventions`: provider -> how it wraps records and refusals on the wire."""

    operations: tuple[OperationPortability, ...]
    conventions: Mapping[str, Mapping[str, Any]]


def portability(documents: Mapping[str, Mapping[str, Any]]) -> Portability:
    """What holds for all of `documents`: provider name -> its effective OpenAPI document."""
    names = sorted(documents)
    keys = list(dict.fromkeys(key for name in names for key, _ in operations(documents[name])))
    found = []
    for key in keys:
        everyone = {
            name: (documents[name], operation)
            for name in names
            for one, operation in operations(documents[name])
            if one == key
        }
        if any(UNDOCUMENTED not in operation for _, operation in everyone.values()):
            found.append(_operation(key, everyone))
    return Portability(
        tuple(found),
        {name: documents[name][CONVENTIONS] for name in names if documents[name].get(CONVENTIONS)},
    )


def _operation(key: str, everyone: Mapping[str, Described]) -> OperationPortability:
    described = {name: pair for name, pair in everyone.items() if UNDOCUMENTED not in pair[1]}
    # A provider with conventions of its own wraps every answer, whether its documents mention it or not.
    usual = [document.get(CONVENTIONS) for document, _ in described.values()]
    wrapping = {name: pair for name, pair in everyone.items() if pair[0].get(CONVENTIONS) not in usual}
    matrix = _matrix(described, REQUEST)
    answering = {name: everyone[name] for name in sorted(described.keys() | wrapping.keys())}
    answers = _matrix(answering, "200")
    return OperationPortability(
        key,
        tuple(described),
        tuple(
            _as_sent([_request_field(path, row, tuple(described), matrix) for path, row in matrix.items()])
        ),
        tuple(_answer_field(path, row, tuple(answering)) for path, row in answers.items()),
        matrix,
    )


def _matrix(described: Mapping[str, Described], body: str) -> dict[FieldPath, dict[str, Place]]:
    """Field (under the vendor's name) -> provider -> place, in the order of the provider with most fields."""
    columns: dict[str, dict[FieldPath, Place]] = {}
    for name, (document, operation) in described.items():
        schema = next((media["schema"] for one, media in bodies(document, operation) if one == body), None)
        columns[name] = _column(document, schema) if schema is not None else {}
    longest = max(columns.values(), key=len, default={})
    paths = list(dict.fromkeys([*longest, *(path for column in columns.values() for path in column)]))
    return {
        path: {name: column[path] for name, column in columns.items() if path in column} for path in paths
    }


def _column(document: Mapping[str, Any], schema: Object) -> dict[FieldPath, Place]:
    """Every field of one body; of alternatives (a success or an error), the fields of all."""
    whole = resolved(document, schema)
    columns = [_fields_of(document, one) for one in whole.get("anyOf", [whole])]
    column: dict[FieldPath, Place] = {}
    for path in dict.fromkeys(path for one in columns for path in one):
        places = [one[path] for one in columns if path in one]
        inside = places[0].schema if len(places) == 1 else {"anyOf": [place.schema for place in places]}
        required = all(path in one and one[path].required for one in columns)
        column[path] = Place(inside, required, places[0].name, places[0].documented)
    return column


def _fields_of(document: Mapping[str, Any], schema: Object) -> dict[FieldPath, Place]:
    column: dict[FieldPath, Place] = {}
    moved: dict[FieldPath, FieldPath] = {}
    for path, node, required in fields(document, schema):
        place = (*moved.get(path[:-1], path[:-1]), node.get(ALIAS_OF, path[-1]))
        moved[path] = place
        outer = column.get(place[:-1])
        documented = UNDOCUMENTED not in node and (outer is None or outer.documented)
        column[place] = Place(node, required, path[-1], documented)
    return column


def _request_field(
    path: FieldPath,
    row: Mapping[str, Place],
    names: tuple[str, ...],
    matrix: Mapping[FieldPath, Mapping[str, Place]],
) -> RequestField:
    documented = {name: place for name, place in row.items() if place.documented}
    silent = tuple(name for name in names if name not in documented and _describes(name, path, matrix))
    required_by = tuple(name for name, place in documented.items() if place.required)
    schema, conflicts = _intersection(documented)
    if conflicts:
        send = "impossible" if required_by or path[-1] == ITEM else "avoid"
    elif required_by:
        send = "required"
    else:
        send = "avoid" if silent else "may"
    return RequestField(path, send, schema, required_by, silent, conflicts)


def _as_sent(fields: Iterable[RequestField]) -> Iterator[RequestField]:
    """What stands in a field that is better left out, or cannot be right, shares its fate."""
    fate: dict[FieldPath, str] = {}
    for field in fields:
        outer = fate.get(field.path[:-1], "may")
        shared = outer if outer in UNSENT and field.send not in UNSENT else field.send
        fate[field.path] = shared
        yield replace(field, send=shared)


def _describes(name: str, path: FieldPath, matrix: Mapping[FieldPath, Mapping[str, Place]]) -> bool:
    """Whether the provider describes what the field stands in; inside the rest, silence says nothing."""
    return len(path) == 1 or (name in matrix.get(path[:-1], {}) and matrix[path[:-1]][name].documented)


def _intersection(row: Mapping[str, Place]) -> tuple[Object, tuple[str, ...]]:
    """(a schema that satisfies every provider, why there is none)."""
    conflicts = [
        _wants("name", row, lambda place: place.name),
        _wants("type", row, lambda place: place.schema.get("type")),
    ]
    schema: Object = {}
    for place in row.values():
        for word, value in place.schema.items():
            if word == "enum":
                schema[word] = [one for one in schema.get(word) or value if one in value]
            elif word in STRICTER:
                schema[word] = STRICTER[word](schema.get(word, value), value)
            elif word in {"type", "pattern", "format", "const"}:
                schema.setdefault(word, value)
        if schema.get("enum") == []:
            conflicts.append(_wants("value", row, lambda place: place.schema.get("enum")))
            break
    for low, high in PAIRS:
        if low in schema and high in schema and schema[low] > schema[high]:
            conflicts.append(f"no value is at least {schema[low]} and at most {schema[high]}")
    return schema, tuple(dict.fromkeys(c for c in conflicts if c))


def _wants(what: str, row: Mapping[str, Place], of: Callable[[Place], Any]) -> str:
    """ "name: scene_image (cometapi, kling), scence_image (yutoai)" when they differ, else ""."""
    wanted: dict[str, list[str]] = {}
    for name, place in row.items():
        value = of(place)
        if value is not None:
            wanted.setdefault(
                " or ".join(map(str, value)) if isinstance(value, list) else str(value), []
            ).append(name)
    if len(wanted) < 2:
        return ""
    return f"{what}: " + ", ".join(f"{value} ({', '.join(who)})" for value, who in wanted.items())


def _answer_field(path: FieldPath, row: Mapping[str, Place], names: tuple[str, ...]) -> AnswerField:
    types: dict[str, None] = {}
    values: list[Any] = []
    for place in row.values():
        for schema in place.schema.get("anyOf", [place.schema]):
            types.update(dict.fromkeys(_types(schema)))
            said = schema.get("enum", [schema["const"]] if "const" in schema else [])
            values.extend(value for value in said if not any(same(value, v) for v in values))
    absent = tuple(n for n in names if n not in row or not row[n].required or not row[n].documented)
    return AnswerField(path, tuple(types), tuple(values), () if path[-1] == ITEM else absent)


def _types(schema: Mapping[str, Any]) -> Iterable[str]:
    kinds: str | list[str] = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else kinds
