"""Bytes in OpenAPI's two ways of writing them.

3.0 says `format: binary` or `format: byte`; 3.1 says `contentMediaType`, `contentEncoding`, or nothing at all
(OpenAPI 3.1, 4.8.14.4, Considerations for File Uploads).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument, Raw
    from understudy.specs.diff.view import SchemaView

OCTETS = "application/octet-stream"
# Media types whose bodies are bytes, whatever a schema says.
RAW = (OCTETS, "application/pdf", "application/zip", "application/gzip", "image/", "audio/", "video/")
# What may stand in a schema that says no more than: these are bytes.
UNSAID = frozenset(("contentMediaType", "title", "description", "example", "examples", "deprecated"))
BINARY = {"type": "string", "format": "binary"}


def as_bytes(media: str, schema: Raw, document: ApiDocument) -> Raw:
    """The schema of a body in a media type, where what says nothing but bytes says it as 3.0 does."""
    if document.version == (3, 0) or not isinstance(schema, dict):
        return schema
    if media.startswith(RAW):
        return document.made(dict(BINARY), schema) if schema.keys() <= UNSAID else schema
    properties = schema.get("properties")
    if not media.startswith("multipart/") or not isinstance(properties, dict):
        return schema
    parts = {name: _part(part, document) for name, part in properties.items()}
    if all(parts[name] is properties[name] for name in parts):
        return schema
    return document.made({**schema, "properties": document.made(parts, properties)}, schema)


def _part(part: Raw, document: ApiDocument) -> Raw:
    """A part of a multipart body without a type is bytes (OpenAPI 3.1, Encoding Object, contentType)."""
    if not isinstance(part, dict) or not part.keys() <= UNSAID:
        return part
    return document.made(dict(BINARY), part)


def written(view: SchemaView) -> str:
    """ "base64" or "raw" for a schema of bytes, however it says so; "" for others."""
    if view.plain.get("format") == "byte" or view.notes.get("contentEncoding") == "base64":
        return "base64"
    if "contentEncoding" in view.notes:
        return ""
    return (
        "raw" if view.plain.get("format") == "binary" or view.notes.get("contentMediaType") == OCTETS else ""
    )


SAID: dict[str, tuple[Any, ...]] = {
    "format": (None, "byte", "binary"),
    "contentEncoding": (None, "base64"),
    "contentMediaType": (None, OCTETS),
}


def same_bytes(keyword: str, old: SchemaView, new: SchemaView) -> bool:
    """Whether a keyword differs only because the same bytes are written in the other way."""
    values = [(view.plain if keyword == "format" else view.notes).get(keyword) for view in (old, new)]
    known = all(value in SAID[keyword] for value in values) if keyword in SAID else False
    return known and bool(written(old)) and written(old) == written(new)
