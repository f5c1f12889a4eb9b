"""Text of rendered pages from which an extractor took names, types and labels: the labels are put back.

What is seen. Max 900 characters.         What is seen. Max 900 characters.
900"a boat"                               Maximum string length: 900
Which engine                        →     Which engine
nine, ten Shape of the clip               Available options: nine, ten
0 <= x <= 1Whether it is checked          Shape of the clip
                                          …

So much is left of a field: its description, and glued behind it its length, range or values, and an example.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "page text without labels"
MAX_LINES = 3_000
MAX_LINE = 1_000
MIN_LEFT = 2

_BODY = re.compile(r"(?:request\s)?body\Z|请求体\Z", re.IGNORECASE)
_ENDS = re.compile(r"responses?\Z|响应\Z|返回\Z", re.IGNORECASE)
# What tells that nothing was left out: a label, or a type on a line of its own.
_WHOLE = re.compile(
    r"(?:available options|maximum string length|required range|可用选项)\s?:|(?:string|integer|number|boolean|object|array|enum<\w+>)(?:\[\])?\Z",
    re.IGNORECASE,
)
_VALUE = r"`?[a-z0-9][\w.:/+-]{0,59}`?"
_LEFT = (
    ("Required range", re.compile(r"(?P<value>-?\d{1,9}(?:\.\d{1,4})? <= x <= -?\d{1,9}(?:\.\d{1,4})?)")),
    (
        "Available options",
        re.compile(rf"(?P<value>{_VALUE}(?:,\s{_VALUE}){{1,60}})(?=\s+[A-Z\"]|\s*\Z)", re.ASCII),
    ),
    ("Available options", re.compile(r"(?P<value>[a-z][\w.-]{1,59})(?=\s\"(?P=value)\"\Z)", re.ASCII)),
    (
        "Available options",
        re.compile(
            r"(?P<value>(?=[\w.-]{0,59}\d)[a-z][a-z0-9.]{0,30}(?:-[\w.]{1,20}){1,6})(?=\s[A-Z][a-z])",
            re.ASCII,
        ),
    ),
    ("Maximum string length", re.compile(r"(?P<value>\d{2,5})(?=[A-Za-z\"]|\Z)")),
)
_MEANT = re.compile(r"[a-z][\w-]{1,30}:\s\S")
_EXAMPLE = re.compile(r"\s{0,2}(?:\"[^\"\n]{0,300}\"|\[\"[^\n]{0,300}\"\])\s{0,2}")
_SPEAKS_OF_LENGTH = re.compile(r"char|length|字符|长度", re.IGNORECASE)


def recognises(document: Document) -> bool:
    """Whether a body follows whose fields have no names and no labels, only what stood behind labels."""
    lines = _lines(document)
    if not any(map(_BODY.match, lines)) or any(map(_WHOLE.match, lines)):
        return False
    return sum(label is not None for label, *_ in _parts(lines)) >= MIN_LEFT


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The text with a label before each length, range and list of values of its body."""
    out: list[tuple[int, str]] = []
    for label, text, index in _parts(_lines(document)):
        out += [(index + 1, f"{label}:")] if label else []
        out.append((index + 1, text))
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _lines(document: Document) -> list[str]:
    """The lines; one that begins with a comma goes on behind the one above, and is empty itself."""
    lines = [line.strip() for line in document.lines[:MAX_LINES]]
    for index in range(len(lines) - 1, 0, -1):
        if lines[index].startswith(", ") and lines[index - 1]:
            lines[index - 1] += lines[index]
            lines[index] = ""
    return lines


def _parts(lines: Sequence[str]) -> Iterator[tuple[str | None, str, int]]:
    """The lines in parts, each with the label that stood before it, if one did, and its index."""
    is_body, above = False, ""
    for index, line in enumerate(lines):
        is_body = (is_body or _BODY.match(line) is not None) and not _ENDS.match(line)
        rest = line
        while is_body and len(line) <= MAX_LINE and (found := _left(rest, above)):
            label, value = found
            yield label, value.replace("`", ""), index
            rest = rest[len(value) :]
            above = ""
        if is_body and (example := _EXAMPLE.match(rest)) and len(rest) <= MAX_LINE:
            rest = rest[example.end() :]
        if rest or rest == line:
            meant = is_body and _MEANT.match(rest)  # what a value means is of the field above
            yield None, f"- {rest.strip()}" if meant else rest.strip(), index
            above = rest


def _left(text: str, above: str) -> tuple[str, str] | None:
    for label, pattern in _LEFT:
        found = pattern.match(text)
        if found is None:
            continue
        if label != "Maximum string length" or (_SPEAKS_OF_LENGTH.search(above) or found["value"] in above):
            return label, found["value"]
    return None
