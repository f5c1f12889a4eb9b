"""Schemas of an OpenAPI document made ready to judge values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from understudy.contracts.failures import TargetError
from understudy.specs.behaviour.axes import JSON
from understudy.specs.behaviour.forms import FORMS
from understudy.specs.pointers import at, path_of
from understudy.specs.tree import references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MISSING: Any = object()


def without_empty(value: Any, schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """`value` without optional members that are "": providers send it for "absent"."""
    if not isinstance(value, (dict, list)):
        return value  # as most members are: nothing is looked up for them
    schema = resolve(schema, document)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        required = schema.get("required", ())
        kept = {k: v for k, v in value.items() if v != "" or k in required}
        return {k: without_empty(v, known.get(k, {}), document) for k, v in kept.items()}
    if isinstance(schema.get("items"), dict):
        return [without_empty(v, schema["items"], document) for v in value]
    return value


def resolve(node: Any, document: Mapping[str, Any]) -> Any:
    """`node`, or what its local `$ref` points at."""
    seen = 0
    while isinstance(node, dict) and "$ref" in node:
        seen += 1
        target = at(document, str(node["$ref"]).removeprefix("#"), MISSING)
        if target is MISSING or seen > 50:
            raise TargetError(f"cannot resolve {node['$ref']!r}", where="openapi document")
        node = {**target, **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def expand(schema: Any, document: Mapping[str, Any], depth: int = 0) -> Any:
    """`schema` with every local reference in properties and items followed (twelve levels at most)."""
    schema = resolve(schema, document)
    if not isinstance(schema, dict) or depth > 12:
        return schema
    out = dict(schema)
    if isinstance(out.get("properties"), dict):
        out["properties"] = {k: expand(v, document, depth + 1) for k, v in out["properties"].items()}
    if isinstance(out.get("items"), dict):
        out["items"] = expand(out["items"], document, depth + 1)
    return out


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema ready to judge values. `other`: one that is as good; what fits either is sound."""

    schema: Mapping[str, Any]
    document: Mapping[str, Any] = field(repr=False)
    validator: Any = field(repr=False)
    other: Shape | None = field(default=None, repr=False)

    def errors(self, value: Any) -> Iterator[tuple[str, str, str]]:
        """Each violation as (instance pointer, keyword, sentence); an optional member may be ""."""
        if self.other is not None and not any(self.other.errors(value)):
            return
        value = without_empty(value, self.schema, self.document)
        try:
            found = list(self.validator.iter_errors(value))
        except (ValueError, OverflowError, RecursionError) as error:
            # Half a character, numbers without end: JSON has them, and no schema can say anything of them.
            yield "", "type", f"a value that is no text and no number: {type(error).__name__}"
            return
        for one in found:
            yield "".join(f"/{p}" for p in one.instance_path), one.kind.name, one.message

    def takes(self, value: Any) -> bool:
        try:
            return bool(self.validator.is_valid(value))
        except (ValueError, OverflowError, RecursionError):
            return False

    def members(self) -> set[str]:
        """The names that an object of this shape may have."""
        return _members(self.schema, self.document)


def _members(schema: Any, document: Mapping[str, Any], depth: int = 0) -> set[str]:
    schema = resolve(schema, document)
    if not isinstance(schema, dict) or depth > 8:
        return set()
    parts = [one for word in ("allOf", "anyOf", "oneOf") for one in schema.get(word, ())]
    return set(schema.get("properties", {})).union(*(_members(p, document, depth + 1) for p in parts))


def shape(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Shape:
    """A schema of a document, compiled; raises TargetError for one that cannot be."""
    try:
        validator = jsonschema_rs.Draft202012Validator({**schema, "components": _reached(schema, document)})
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise TargetError(f"a schema cannot be compiled: {error}", where="openapi document") from error
    return Shape(schema, document, validator)


def _reached(schema: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The components that a schema refers to, directly or through others.

    Not all of them: a catalogue's documents have hundreds, and each compilation would go through all.
    """
    found: dict[str, dict[str, Any]] = {}
    waiting: list[Any] = [dict(schema)]
    while waiting:
        for reference in references(waiting.pop()):
            path = path_of(reference.removeprefix("#"))[:3]
            if path[:1] != ("components",) or len(path) < 3 or path[2] in found.get(path[1], {}):
                continue
            component = at(document, path, MISSING)
            if component is not MISSING:
                found.setdefault(path[1], {})[path[2]] = component
                waiting.append(component)
    return found


def json_schema(holder: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a JSON body: of a request body or a response, resolved; {} when it says none."""
    schema = at(holder, "/content/application~1json/schema", {})
    return dict(schema) if "$ref" in schema else dict(resolve(schema, document))


def request_schema(operation: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what is sent to an operation that has a request body."""
    body = resolve(operation["requestBody"], document)
    form = form_of(operation, document)
    schema = at(body, f"/content/{form.replace('/', '~1')}/schema", {}) if form else {}
    return dict(resolve(schema, document)) if form else json_schema(body, document)


def form_of(operation: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """The media type of the form in which an operation takes its body, "" where it takes JSON."""
    taken = resolve(operation.get("requestBody", {}), document).get("content", {JSON: {}})
    return "" if JSON in taken else next((form for form in FORMS if form in taken), "")
