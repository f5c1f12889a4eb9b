"""A ProviderSpec as an OpenAPI 3.1 document with its evidence, and back.

Only facts are written: names, types, limits, places; no description, summary or example of a document.
`x-evidence` on a schema says for each of its keywords where it stands; `x-notes` at the root lists what a
person should know about the documents.
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.described import ALIAS_OF, CONFIDENCE, EVIDENCE, LIFTED_RULES, operation_object
from understudy.specs.model import (
    CUT,
    UNTOLD_NAME,
    Evidence,
    Field,
    Keyword,
    Note,
    Operation,
    Parameter,
    ProviderSpec,
)
from understudy.specs.places import ITEM, REQUEST, bodies, operations, path_parts, path_text
from understudy.specs.tree import Object, copied, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.model import FieldPath

NOTES = "x-notes"

KEYWORDS = (
    "type", "format", "enum", "const", "default", "minLength", "maxLength", "pattern", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems",
    "additionalProperties",
)  # fmt: skip
# The wording of these notes is ours; a sentence that was not understood is the document's.
OUR_WORDS = {"mend", "contradiction", "alias", "unnamed", "problem"}

WRITTEN = re.compile(r"(?P<document>.*):(?P<line>\d+) (?P<kind>declared|prose|example|vendor)\Z")
PLACE = re.compile(r"(?P<document>.*):(?P<line>\d+):(?P<column>\d+)\Z")


def provider_document(spec: ProviderSpec, documents: Sequence[str]) -> Object:
    """The provider's OpenAPI document. `documents` names what it was read from."""
    paths: Object = {}
    for key in sorted(spec.operations, key=_path_first):
        operation = spec.operations[key]
        paths.setdefault(operation.path, {})[operation.method.lower()] = operation_object(
            operation, spec.aliases.get(key, {})
        )
    document: Object = {"openapi": "3.1.0", "info": {"title": spec.title, "version": "1"}}
    if spec.servers:
        document["servers"] = [{"url": url} for url in spec.servers]
    document["paths"] = paths
    shared = _shared(paths)
    if shared:
        document["components"] = {"schemas": shared}
    document["x-documents"] = list(documents)
    if spec.conventions:
        document["x-conventions"] = copied(spec.conventions)
    if spec.notes:
        document[NOTES] = [_note(note) for note in spec.notes]
    return document


def provider_from(document: Mapping[str, Any], name: str) -> ProviderSpec:
    """The spec that `provider_document` wrote: what it was made of, apart from words of the documents."""
    found: dict[str, Operation] = {}
    aliases: dict[str, Mapping[FieldPath, str]] = {}
    for key, operation in operations(document):
        method, path = key.split(" ", 1)
        request: tuple[Field, ...] = ()
        responses: dict[str, tuple[Field, ...]] = dict.fromkeys(map(str, operation.get("responses", {})), ())
        renamed: dict[FieldPath, str] = {}
        for body, media in bodies(document, operation):
            fields = tuple(_read(resolved(document, media["schema"]), (), renamed if body == REQUEST else {}))
            if body == REQUEST:
                request = fields
            else:
                responses[body] = fields
        found[key] = Operation(
            method, path, request, MappingProxyType(responses),
            parameters=tuple(_parameters_from(operation)), lifted=tuple(operation.get(LIFTED_RULES, ())),
        )  # fmt: skip
        if renamed:
            aliases[key] = MappingProxyType(renamed)
    return ProviderSpec(
        name,
        document["info"]["title"],
        MappingProxyType(found),
        servers=tuple(server["url"] for server in document.get("servers", [])),
        notes=tuple(_note_from(note) for note in document.get(NOTES, [])),
        aliases=MappingProxyType(aliases),
        conventions=document.get("x-conventions", {}),
    )


def _path_first(key: str) -> tuple[str, str]:
    method, path = key.split(" ", 1)
    return path, method


def _shared(paths: Object) -> Object:
    """Move answers that stand in several places to components; returns those."""
    places: dict[str, list[Object]] = {}
    for item in paths.values():
        for operation in item.values():
            for response in operation.get("responses", {}).values():
                for media in response.get("content", {}).values():
                    places.setdefault(json.dumps(media["schema"]), []).append(media)
    repeated = [several for several in places.values() if len(several) > 1]
    shared: Object = {}
    for number, several in enumerate(repeated, 1):
        shared[f"Answer{number}"] = several[0]["schema"]
        for media in several:
            media["schema"] = {"$ref": f"#/components/schemas/Answer{number}"}
    return shared


def _parameters_from(operation: Mapping[str, Any]) -> Iterator[Parameter]:
    for written in operation.get("parameters", []):
        name, schema = written["name"], written["schema"]
        required = [name] if written.get("required") else []
        field = Field((name,), tuple(_words(schema, name, required)), schema.get(CONFIDENCE, 1.0))
        if field.keywords or written["in"] != "path":
            yield Parameter(written["in"], field)


def _read(schema: Object, path: FieldPath, renamed: dict[FieldPath, str]) -> Iterator[Field]:
    required = schema.get("required", [])
    if not path and EVIDENCE in schema:
        yield Field((), tuple(_words(schema, "", ())))
    inner = list(schema.get("properties", {}).items())
    if "items" in schema:
        inner.append((ITEM, schema["items"]))
    for written, node in inner:
        place = (*path, node.get(ALIAS_OF, written))
        if ALIAS_OF in node:
            renamed[place] = written
        yield Field(place, tuple(_words(node, written, required)), node.get(CONFIDENCE, 1.0))
        yield from _read(node, place, renamed)


def _words(node: Object, written: str, required: Sequence[str]) -> Iterator[Keyword]:
    for name, text in node.get(EVIDENCE, {}).items():
        value = written in required if name == "required" else node[name]
        yield Keyword(name, value, _evidence(text))


def _evidence(text: str) -> Evidence:
    match = WRITTEN.match(text)
    if match is None:
        return Evidence(text, 0, "declared")
    kind: Any = match["kind"]
    return Evidence(match["document"], int(match["line"]), kind)


def _note(note: Note) -> Object:
    written: Object = {"kind": note.kind, "at": f"{note.document}:{note.line}:{note.column}"}
    if note.field:
        written["field"] = path_text(note.field)
    if note.code:
        written["code"] = note.code
    if note.kind in OUR_WORDS or note.code == UNTOLD_NAME or note.text.startswith(CUT):
        written["text"] = note.text
    return written


def _note_from(written: Mapping[str, Any]) -> Note:
    match = PLACE.match(written["at"])
    document, line, column = (
        (match["document"], int(match["line"]), int(match["column"])) if match else ("", 0, 0)
    )
    field = path_parts(written.get("field", ""))
    return Note(
        written["kind"], written.get("text", ""), document, line, column, field, written.get("code", "")
    )
