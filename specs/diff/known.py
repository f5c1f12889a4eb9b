"""The fields of OpenAPI's objects. What else a document says is not understood, and told where it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# OpenAPI 3.0.4, 3.1.1 and 3.2.0, section 4 ("Specification"), by object.
FIELDS = {
    "document": "openapi info jsonSchemaDialect servers paths webhooks components security tags externalDocs",
    "path": (
        "$ref summary description servers parameters get put post delete options head patch trace query "
        "additionalOperations"
    ),
    "operation": (
        "tags summary description externalDocs operationId parameters requestBody responses callbacks "
        "deprecated security servers"
    ),
    "parameter": (
        "name in description required deprecated allowEmptyValue style explode allowReserved schema example "
        "examples content"
    ),
    "header": "description required deprecated style explode schema example examples content",
    "body": "description content required",
    "media type": "schema example examples encoding",
    "response": "description headers content links",
}
SINCE_3_2 = {
    "document": "$self",
    "media type": "description itemSchema prefixEncoding itemEncoding",
    "response": "summary",
}


def changed_fields(
    kind: str, old: dict[str, Any], new: dict[str, Any], versions: tuple[tuple[int, int], tuple[int, int]]
) -> Iterator[tuple[str, Any, Any]]:
    """The fields of two objects of one kind that are not known and differ: (name, old, new)."""
    before, after = (_unknown(kind, raw, version) for raw, version in zip((old, new), versions, strict=True))
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)


def _unknown(kind: str, raw: dict[str, Any], version: tuple[int, int]) -> dict[str, Any]:
    known = set(FIELDS[kind].split())
    if version >= (3, 2):
        known |= set(SINCE_3_2.get(kind, "").split())
    return {k: v for k, v in raw.items() if k not in known and not str(k).startswith("x-")}
