"""An operation as a document states it, as an OpenAPI object: facts, and for each its evidence.

`x-evidence` on a schema says for each of its keywords where it stands; `x-confidence` how sure it is that a
nameless field is this one; `x-alias-of` what the vendor calls it; `x-lifted-rules` on an operation which of
the vendor's rules across fields do not hold.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from understudy.specs.places import ITEM
from understudy.specs.tree import Object, copied

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from understudy.specs.model import Field, FieldPath, Operation

ALIAS_OF = "x-alias-of"
CONFIDENCE = "x-confidence"
EVIDENCE = "x-evidence"
LIFTED_RULES = "x-lifted-rules"

# In the order in which they are written; others follow by name.
KEYWORDS = (
    "type", "format", "enum", "const", "default", "minLength", "maxLength", "pattern", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems",
    "additionalProperties",
)  # fmt: skip
PLACES = ("path", "query")
PARAMETER = re.compile(r"\{([^/{}]+)\}")


def operation_object(operation: Operation, aliases: Mapping[FieldPath, str]) -> Object:
    """The operation's OpenAPI object: parameters, request and answers, without anybody's words."""
    made: Object = {}
    parameters = list(parameter_objects(operation))
    if parameters:
        made["parameters"] = parameters
    if operation.request:
        schema = schema_of_fields(operation.request, aliases)
        made["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    responses: Object = {}
    for status, fields in sorted(operation.responses.items()):
        # The specification wants a description; the document's own is its author's text.
        responses[status] = {"description": ""}
        if fields:
            responses[status]["content"] = {"application/json": {"schema": schema_of_fields(fields, {})}}
    if responses:
        made["responses"] = responses
    if operation.lifted:
        made[LIFTED_RULES] = list(operation.lifted)
    return made


def parameter_objects(operation: Operation) -> Iterator[Object]:
    """The parameters in path and query; headers are transport, the same for all."""
    stated = {(one.place, one.field.name): one for one in operation.parameters if one.place in PLACES}
    for name in PARAMETER.findall(operation.path):
        if ("path", name) not in stated:
            yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for (_, name), one in stated.items():
        required = one.place == "path" or one.field.get("required") is True
        made = {"name": name, "in": one.place, **({"required": True} if required else {})}
        yield {**made, "schema": _stated(one.field)}


def schema_of_fields(fields: Iterable[Field], aliases: Mapping[FieldPath, str]) -> Object:
    """The schema of a body that has these fields; those in `aliases` stand under the provider's names."""
    several = sorted(fields, key=lambda f: len(f.path))
    root: Object = {"type": "array" if any(one.path[:1] == (ITEM,) for one in several) else "object"}
    for one in several:
        _put(root, one, aliases)
    return root


def _put(root: Object, one: Field, aliases: Mapping[FieldPath, str]) -> None:
    node, outer = root, root
    for depth, name in enumerate(one.path, 1):
        outer = node
        if name == ITEM:
            node = node.setdefault("items", {})
        else:
            written = aliases.get(one.path[:depth], name)
            node = node.setdefault("properties", {}).setdefault(written, {})
    if one.get("required") is True:
        outer.setdefault("required", []).append(aliases.get(one.path, one.name))
    node.update(_stated(one))
    if one.path in aliases:
        node[ALIAS_OF] = one.name


def _stated(one: Field) -> Object:
    """The field's own keywords as a schema, with their evidence."""
    said = {word.name: word for word in one.keywords}
    order = sorted(said, key=lambda n: (KEYWORDS.index(n) if n in KEYWORDS else len(KEYWORDS), n))
    node = {name: copied(said[name].value) for name in order if name != "required"}
    if one.confidence < 1:
        node[CONFIDENCE] = one.confidence
    if said:
        node[EVIDENCE] = {name: str(said[name].evidence) for name in sorted(said)}
    return node


def without_evidence(node: Object) -> Object:
    """The object without what is said about its sources: only what holds."""
    bare: Object = _bare(node)
    return bare


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key not in (EVIDENCE, CONFIDENCE)}
    if isinstance(node, list):
        return [_bare(item) for item in node]
    return node
