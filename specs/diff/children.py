"""Children that a parent does not list: each takes it in with `allOf`; its discriminator tells them apart.

A schema with a `discriminator` and no choice of its own means that a value is also valid under the child that
the property names (OpenAPI 3.x, Discriminator Object; "Models with Polymorphism Support"). By the letter of
JSON Schema nothing of a child would count where the parent is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.source import DocumentError

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument, Raw

SCHEMAS = "#/components/schemas/"
CHOICES = ("oneOf", "anyOf")
# Keywords without which a component that takes in another is that one, under another name.
DEMANDS = frozenset(
    (
        *("properties", "required", "patternProperties", "additionalProperties", "unevaluatedProperties"),
        *("minProperties", "maxProperties", "dependentRequired", "not", "if", *CHOICES),
    )
)


def with_children(kept: dict[str, Any], raw: Raw, document: ApiDocument) -> None:
    """Write the children of a parent as its alternatives, and whatever else it takes as the last of them.

    {discriminator: {propertyName: kind}}
        -> {anyOf: [{allOf: [{$ref: Cat}, {kind: Cat}]}, {kind: not Cat}]}
    """
    note = kept.get("discriminator")
    if not isinstance(note, dict) or any(key in kept for key in CHOICES):
        return
    name = note.get("propertyName")
    children = children_of(raw, document)
    if not isinstance(name, str) or not children:
        return
    values = _values(note.get("mapping"), children, name, document)

    def kind(limit: dict[str, Any]) -> dict[str, Any]:
        made = document.made(limit, raw)
        document.kinds.add(id(made))
        return document.made({"properties": {name: made}}, raw)

    members = []
    for child, known in values.items():
        called = document.made({**kind({"enum": known}), "required": [name]}, raw)
        parts = [document.made({"$ref": f"{SCHEMAS}{child}"}, raw), called]
        members.append(document.made({"title": child, "allOf": parts}, raw))
    every = [value for known in values.values() for value in known]
    others = document.made({"title": "another", **kind({"not": document.made({"enum": every}, raw)})}, raw)
    kept["anyOf"] = [*members, others]
    document.implied.add(id(raw))
    # A sender may still send what the parent itself is called, and what it lists for no child.
    own = [n for n, schema in _components(document).items() if schema is raw]
    own += [value for value in _listed(raw, name, document) if value not in every]
    document.unnamed[id(others)] = kind({"enum": own}) if own else False


def children_of(raw: Raw, document: ApiDocument) -> dict[str, Raw]:
    """The components that take a schema in with `allOf`, or another that does, by name, sorted."""
    if document.parents is None:
        document.parents = _parents(document)
    found: dict[str, Raw] = {}
    queue = [raw]
    while queue:
        for name, schema in document.parents.get(id(queue.pop()), ()):
            if name not in found:
                found[name] = schema
                queue.append(schema)
    return {name: schema for name, schema in sorted(found.items()) if _demands(schema)}


def _demands(schema: dict[str, Any]) -> bool:
    return len(schema["allOf"]) > 1 or bool(DEMANDS.intersection(schema))


def says_kind(raw: Raw, document: ApiDocument) -> bool:
    """Whether a schema, or a part of it, was written here about the property that tells children apart."""
    parts = raw.get("allOf") if isinstance(raw, dict) else None
    return any(id(part) in document.kinds for part in (raw, *(parts if isinstance(parts, list) else ())))


def _components(document: ApiDocument) -> dict[str, Raw]:
    components = document.root.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    return schemas if isinstance(schemas, dict) else {}


def _parents(document: ApiDocument) -> dict[int, list[tuple[str, Raw]]]:
    """By the id of a schema the components that have a reference to it in their `allOf`, with their names."""
    found: dict[int, list[tuple[str, Raw]]] = {}
    for name, schema in _components(document).items():
        parts = schema.get("allOf") if isinstance(schema, dict) else None
        for part in parts if isinstance(parts, list) and "/" not in name and "~" not in name else ():
            parent = _target(part, document)
            if parent is not None and parent is not schema:
                found.setdefault(id(parent), []).append((name, schema))
    return found


def _target(part: Raw, document: ApiDocument) -> Raw:
    """What a part refers to; None where it does not, or where that is nothing: told where it is read."""
    if not isinstance(part, dict) or not isinstance(part.get("$ref"), str):
        return None
    try:
        return document.step(part)
    except DocumentError:
        return None


def _values(mapping: Any, children: dict[str, Raw], name: str, document: ApiDocument) -> dict[str, list[str]]:
    """The values of the discriminator by child: those of the mapping, else those that the child lists, else
    its own name."""
    found: dict[str, list[str]] = {}
    for value, target in mapping.items() if isinstance(mapping, dict) else ():
        found.setdefault(str(target).rpartition("/")[2], []).append(str(value))
    return {
        child: found.get(child) or _listed(schema, name, document) or [child]
        for child, schema in children.items()
    }


def _listed(schema: Raw, name: str, document: ApiDocument) -> list[str]:
    """The values that a schema, or a part of it that is written in place, lists for a property."""
    parts = schema.get("allOf")
    for part in (schema, *(parts if isinstance(parts, list) else ())):
        properties = part.get("properties") if isinstance(part, dict) else None
        own = properties.get(name) if isinstance(properties, dict) else None
        own = own if _target(own, document) is None else _target(own, document)
        if isinstance(own, dict):
            values = [own["const"]] if "const" in own else own.get("enum")
            return [v for v in values if isinstance(v, str)] if isinstance(values, list) else []
    return []
