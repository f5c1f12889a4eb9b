"""Where a document says what a field of a request must be: `chainhub.md:42`, `specs/…/openapi.yaml:108`."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from understudy.specs import library
from understudy.specs.errors import UnderstudyError
from understudy.specs.pointers import at, escape
from understudy.specs.stated import named, parsed, spec_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STEP = re.compile(r"\[\d+\]|[^.\[\]]+")


@functools.lru_cache(maxsize=1024)
def line_of(profile: str, path: str, field: str) -> str:
    """The document and line that state a field of the create request at `path`; "" when nothing does.

    `field` is as refusals name it: "image_list[0].image". A provider's own documents come first, by the
    evidence that its spec keeps; else it is the line of the spec file. The nearest parent counts.
    """
    try:
        return _stated(profile, path, field) or _line(profile, path, field)
    except (UnderstudyError, OSError):
        return ""


def _stated(profile: str, path: str, field: str) -> str:
    """From `x-evidence` of the provider's own spec: keyword -> "document:line kind"."""
    document = None if profile == library.CANONICAL else library.documented(profile)
    if document is None:
        return ""
    pointers = [pointer for pointer, found in _walk(document, path, field) if found]
    node = at(document, pointers[-1], {}) if pointers else {}
    said = node.get("x-evidence", {}) if isinstance(node, dict) else {}
    return str(said.get("type") or next(iter(said.values()), "")).partition(" ")[0]


def _line(profile: str, path: str, field: str) -> str:
    for file in spec_files(profile):
        source = parsed(file)
        if not isinstance(source.root, dict) or path not in source.root.get("paths", {}):
            continue
        *_, (pointer, _) = ((p, found) for p, found in _walk(source.root, path, field) if found)
        return f"{named(file)}:{source.line(pointer)}"
    return ""


def _walk(document: Mapping[str, Any], path: str, field: str) -> Iterator[tuple[str, bool]]:
    """(pointer, whether it is there) of the request's schema, and of each step on the way to the field."""
    pointer = _followed(document, f"/paths/{escape(path)}/post/requestBody/content/application~1json/schema")
    yield pointer, at(document, pointer) is not None
    for step in STEP.findall(field):
        inner = "items" if step.startswith("[") else f"properties/{escape(step)}"
        pointer = _followed(document, f"{pointer}/{inner}")
        there = at(document, pointer) is not None
        yield pointer, there
        if not there:
            return


def _followed(document: Mapping[str, Any], pointer: str) -> str:
    for _ in range(20):  # a reference may lead to itself
        node = at(document, pointer)
        if not (isinstance(node, dict) and str(node.get("$ref", "")).startswith("#/")):
            break
        pointer = node["$ref"][1:]
    return pointer
