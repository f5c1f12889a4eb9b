"""Finding and changing places in an OpenAPI document: an operation, one of its bodies, one field of a body.

A body is named "request" or by an HTTP status ("200"); a field by its FieldPath, with "[]" for each item.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from understudy.specs.tree import Object, copied, pointed, references, resolved, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.model import FieldPath

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
REQUEST = "request"
ITEM = "[]"
# How people see the place () of a body as a whole.
BODY = "(body)"


def operation_key(method: str, path: str) -> str:
    """`POST /v1/images/multi-image2image`: how operations are keyed everywhere in this package."""
    return f"{method.upper()} {path}"


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Object]]:
    """Every operation of an OpenAPI document with its key, in the document's order."""
    for path, item in (document.get("paths") or {}).items():
        for method, operation in item.items():
            if method in METHODS:
                yield operation_key(method, path), operation


def bodies(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[tuple[str, Object]]:
    """The JSON bodies of an operation as (name, media type object), the request first."""
    request = resolved(document, operation.get("requestBody") or {})
    for name, holder in [
        (REQUEST, request),
        *(
            (str(status), resolved(document, response))
            for status, response in operation.get("responses", {}).items()
        ),
    ]:
        media = json_media(holder)
        if media is not None:
            yield name, media


def json_media(holder: Mapping[str, Any]) -> Object | None:
    """The `application/json` media type object of a request body or response; None when it has none."""
    for media_type, media in (holder.get("content") or {}).items():
        if media_type.split(";")[0].strip().lower() == "application/json" and "schema" in media:
            found: Object = media
            return found
    return None


def fields(
    document: Mapping[str, Any], schema: Any, path: FieldPath = ()
) -> Iterator[tuple[FieldPath, Object, bool]]:
    """Every field below a schema as (place, its schema with references resolved, required), parents first.

    A schema that contains itself is entered once. Alternatives (oneOf, anyOf, allOf) are not entered.
    """
    yield from _fields(document, schema, path, ())


def _fields(
    document: Mapping[str, Any], schema: Any, path: FieldPath, entered: tuple[int, ...]
) -> Iterator[tuple[FieldPath, Object, bool]]:
    node = resolved(document, schema)
    if not isinstance(node, dict) or id(node) in entered:
        return
    entered = (*entered, id(node))
    required = node.get("required") or []
    for name, inner in (node.get("properties") or {}).items():
        place = (*path, name)
        yield place, resolved(document, inner), name in required
        yield from _fields(document, inner, place, entered)
    if "items" in node:
        place = (*path, ITEM)
        yield place, resolved(document, node["items"]), False
        yield from _fields(document, node["items"], place, entered)


class Editor:
    """An OpenAPI document being changed place by place.

    `document` is the changed copy. What a place reaches through a `$ref` that others use too is copied into
    the place before it is handed out, so a change is never seen elsewhere; `finished` takes back the copies
    that were not changed after all.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: Object = copied(document)
        self._uses = Counter(references(self.document))
        self._copies: list[tuple[Any, str | int, str]] = []

    def finished(self) -> Object:
        """The changed document."""
        # Inner copies were made after the outer ones.
        for holder, key, reference in reversed(self._copies):
            if same(holder[key], pointed(self.document, reference)):
                holder[key] = {"$ref": reference}
        self._copies.clear()
        return self.document

    def operation(self, key: str) -> Object | None:
        method, path = key.split(" ", 1)
        item = self.document.get("paths", {}).get(path, {})
        found: Object | None = item.get(method.lower())
        return found

    def body(self, key: str, name: str) -> Object | None:
        """The schema of a body, this operation's own; None when there is no such operation or JSON body."""
        media = self.media(key, name)
        return None if media is None else self.own(media, "schema")

    def media(self, key: str, name: str) -> Object | None:
        """The JSON media type object of a body, this operation's own; its schema may be a reference."""
        operation = self.operation(key)
        if operation is None:
            return None
        if name == REQUEST:
            holder, slot = operation, "requestBody"
        else:
            holder, slot = operation.get("responses", {}), name
        if slot not in holder:
            return None
        return json_media(self.own(holder, slot))

    def field(self, schema: Object, path: FieldPath) -> tuple[Object, str] | None:
        """Where the schema of the field at `path` below `schema` stands: (its holder, the holder's key)."""
        holder: Object = {"": schema}
        key = ""
        for name in path:
            node = self.own(holder, key)
            holder, key = (node, "items") if name == ITEM else (node.get("properties") or {}, name)
            if key not in holder:
                return None
        return holder, key

    def own(self, holder: Any, key: str | int) -> Object:
        """The node at holder[key] of an object or array, its references followed, changeable without
        being seen elsewhere."""
        node = holder[key]
        shared = False
        first = node.get("$ref") if isinstance(node, dict) else None
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            shared = shared or self._uses[node["$ref"]] > 1
            node = pointed(self.document, node["$ref"])
        if shared:
            node = holder[key] = copied(node)
            self._copies.append((holder, key, first or ""))
            # Counted on, not anew: a document of many operations is copied from at thousands of places.
            self._uses[first or ""] -= 1
            self._uses.update(references(node))
        found: Object = node
        return found


def path_text(path: FieldPath) -> str:
    """A field's place as people write it: ("image_list", "[]", "image") -> "image_list[].image"."""
    return ".".join(path).replace(f".{ITEM}", ITEM) or BODY


def path_parts(text: str) -> FieldPath:
    """The reverse of `path_text`."""
    if text == BODY:
        return ()
    return tuple(part for part in text.replace(ITEM, f".{ITEM}").split(".") if part)
