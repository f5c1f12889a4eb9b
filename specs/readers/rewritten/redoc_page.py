"""The text of a page that Redoc rendered, rewritten in Mintlify's labels.

    REQUEST BODY SCHEMA: application/json      → Body
    prompt                                     → prompt
    required                                   → string
    string <= 2500 characters                  → required
    Enum: "a" "b"                              → Maximum string length: 2500 …

Redoc says whether a field is required before its type, and its limits behind it.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import parse_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "Redoc page text"
MAX_LINE = 400

_SECTIONS = tuple(
    (re.compile(rf"(?:{pattern})\Z", re.IGNORECASE), label)
    for pattern, label in (
        (r"request body schema:\s?\S{0,80}", "Body"),
        (r"response schema:\s?\S{0,80}", ""),
        (r"query parameters", "Query Parameters"),
        (r"path parameters", "Path Parameters"),
        (r"header parameters", "Headers"),
        (r"authorizations:?", "Authorizations"),
        (r"responses", "Response"),
        (r"request samples", "Request samples"),
        (r"response samples", "Response samples"),
    )
)
_TELLS = re.compile(r"(?:request body|response) schema:\s?\S{1,80}\Z", re.IGNORECASE)
_STATUS = re.compile(r"(?P<status>[1-5]\d\d)(?:\s[A-Z][\w' -]{0,60})?\Z")
_NAME = re.compile(r"[A-Za-z_][\w$.-]{0,79}\Z")
_TYPE = re.compile(
    r"(?P<many>Array of )?(?P<type>strings?|integers?|numbers?|booleans?|objects?|arrays?|any)(?:\s?[(][^()]{1,60}[)])?(?:\s?<[\w-]{1,30}>)?(?P<rest>(?:\s.*)?)\Z",
    re.IGNORECASE,
)
_N = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"[\[(]\s?(?P<low>{_N})\s?\.\.\s?(?P<high>{_N})\s?[\])]\s?(?P<unit>characters|items)?")
_SIDE = re.compile(rf"(?P<op><=|>=)\s?(?P<value>{_N})\s?(?P<unit>characters|items)?")
_VALUES = re.compile(r"(?:Enum|Value):\s?(?P<values>\".*)\Z")


def recognises(document: Document) -> bool:
    """Whether a line heads a schema as Redoc does."""
    return any(_TELLS.match(line.strip()[:120]) for line in document.lines)


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The text in Mintlify's labels, each line on its own."""
    lines = [(number, line.strip()) for number, line in enumerate(document.lines, 1) if line.strip()]
    out = [(lines[index][0], text) for index, text in _read([text for _, text in lines])]
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _read(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    index = 0
    while index < len(lines):
        text = lines[index]
        label = next((label for pattern, label in _SECTIONS if pattern.match(text[:120])), None)
        field = _field(lines, index)
        if label is not None:
            yield index, label
            index += 1 + (lines[index + 1 : index + 2] == ["required"])
        elif field is not None:
            at, found = field
            yield index, text
            yield at, f"{_bare(found)}{'[]' if found['many'] else ''}"
            if at > index + 1:
                yield index + 1, "required"
            for limit in _limits(found):
                yield at, limit
            index = at + 1
        elif status := _STATUS.match(text):
            yield index, status["status"]
            index += 1
        elif values := _VALUES.match(text[:MAX_LINE]):
            yield index, "Available options: " + ", ".join(re.findall(r"\"[^\"]{1,80}\"", values["values"]))
            index += 1
        else:
            yield index, text
            index += 1


def _field(lines: Sequence[str], index: int) -> tuple[int, re.Match[str]] | None:
    """Where the type of the field stands that begins here, and what it says; None where none begins."""
    if not _NAME.match(lines[index][:90]) or parse_type(lines[index]) or index + 1 >= len(lines):
        return None
    at = index + 2 if lines[index + 1] == "required" else index + 1
    found = _TYPE.match(lines[at][:MAX_LINE]) if at < len(lines) else None
    if found is None or (
        found["rest"].strip() and not (_RANGE.search(found["rest"]) or _SIDE.search(found["rest"]))
    ):
        return None
    return at, found


def _bare(found: re.Match[str]) -> str:
    return found["type"].lower().removesuffix("s")


def _limits(found: re.Match[str]) -> Iterator[str]:
    """What stands behind a type, as Mintlify says it: "[ 1 .. 9 ]", "<= 2500 characters"."""
    if both := _RANGE.search(found["rest"]):
        of = _of(both["unit"])
        yield (
            f"Required {of} length: {both['low']} - {both['high']}"
            if of
            else f"Required range: {both['low']} <= x <= {both['high']}"
        )
    elif side := _SIDE.search(found["rest"]):
        of = _of(side["unit"])
        which = "Maximum" if side["op"] == "<=" else "Minimum"
        yield (
            f"{which} {of} length: {side['value']}"
            if of
            else f"Required range: x {side['op']} {side['value']}"
        )


def _of(unit: str | None) -> str:
    return {"characters": "string", "items": "array"}.get(unit or "", "")
