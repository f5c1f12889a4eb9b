"""Pages that describe bodies by links to schemas below, rewritten with the fields of each where its link is.

|Name|In|Type|Required|Description|            <h2 id="tocSedit">Edit</h2>
|---|---|---|---|---|                          <a id="schemaedit"></a>
|body|body|[Edit](#schemaedit)|true|…|         |Name|Type|Required|Restrictions|Description|
                                               |shots|[[Shot](#schemashot)]|true|none|…|

The samples of code above a call's own line say nothing that this line and its example do not, and are left out.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "linked schemas"
MAX_LINES = 30_000
MAX_LINE = 4_000
MAX_ROWS = 600  # of one body
MAX_DEPTH = 8
MAX_VALUES = 100

Lines = list[tuple[int, str]]

_ANCHOR = re.compile(r"\s{0,4}<a (?:id|name)=\"schema(?P<name>[\w.-]{1,120})\"></a>", re.IGNORECASE)
_LINK = re.compile(
    r"\[{1,2}(?P<text>[^\[\]]{1,120})\]\(#schema(?P<name>[\w.-]{1,120})\)(?P<list>\])?", re.IGNORECASE
)
_HEAD = re.compile(r"\s{0,4}(?:#{1,6}\s|<h[1-6][\s>])")
_HTML_HEAD = re.compile(r"\s{0,4}<h(?P<level>[1-6])[^<>]{0,120}>(?P<text>[^<>]{1,200})</h[1-6]>\s{0,4}\Z")
_ROW = re.compile(r"\s{0,4}\|.{1,3990}\|\s{0,4}\Z")
_NAMES = re.compile(r"\|\s{0,4}Name\s{0,4}\|\s{0,4}Type\s{0,4}\|\s{0,4}Required\s{0,4}\|", re.IGNORECASE)
_VALUES = re.compile(r"\|\s{0,4}Property\s{0,4}\|\s{0,4}Value\s{0,4}\|", re.IGNORECASE)
_RULE = re.compile(r"[\s|:-]{3,200}\Z")
_SAMPLES = re.compile(r"\s{0,4}>\s{0,4}Code samples\s{0,4}\Z", re.IGNORECASE)
_CALL = re.compile(r"\s{0,4}`(?:POST|GET|PUT|PATCH|DELETE) /[^`\s]{0,300}`\s{0,4}\Z")
_NAMELESS = "anonymous"  # what such a page calls a schema that is one of several
_GOOD = re.compile(r"2\d\d\Z")


@dataclass(slots=True)
class _Schema:
    """The rows of its tables, each with its line, and the values that a table lists by the names of fields."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)


def recognises(document: Document) -> bool:
    """Whether a page links to schemas, and has them."""
    text = document.text
    return "](#schema" in text and any(_ANCHOR.match(line[:200]) for line in document.lines[:MAX_LINES])


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with the fields of its schemas where the links are, and without the schemas."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with schemas are read", MAX_LINES + 1)
    lines = [line[:MAX_LINE] for line in document.lines[:MAX_LINES]]
    schemas, ranges = _schemas(lines)
    left_out = {number for start, end in (*ranges, *_samples(lines)) for number in range(start, end)}
    out: Lines = []
    linked: list[tuple[int, str]] = []  # the answers of the table at hand, by status
    for number, line in enumerate(lines):
        if number in left_out:
            continue
        cells = _cells(line)
        link = _LINK.search(line) if cells else None
        schema = schemas.get(link["name"].lower()) if link else None
        if linked and not cells:
            out += [one for status, name in linked for one in _answer(str(status), name, number + 1, schemas)]
            linked = []
        if schema is not None and "body" in (cells[0].lower(), cells[1].lower()):
            out += _expanded(schema, "", schemas)
        else:
            heading = _HTML_HEAD.match(line)
            out.append((number + 1, f"{'#' * int(heading['level'])} {heading['text']}" if heading else line))
            if schema is not None and link is not None and _GOOD.match(cells[0]):
                linked.append((int(cells[0]), link["name"].lower()))
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _cells(line: str) -> list[str]:
    """The cells of a row, at least two; [] for any other line."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if _ROW.match(line) else []
    return cells if len(cells) > 1 else []


def _schemas(lines: Sequence[str]) -> tuple[dict[str, _Schema], list[tuple[int, int]]]:
    """The schemas by their names in links, and where each begins and ends."""
    found: dict[str, _Schema] = {}
    ranges: list[tuple[int, int]] = []
    starts = [number for number, line in enumerate(lines) if _ANCHOR.match(line[:200])]
    for start, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        anchor = _ANCHOR.match(lines[start][:200])
        if anchor is None:
            continue
        schema = found.setdefault(anchor["name"].lower(), _Schema())
        _read(lines, start, following, schema)
        first = next(
            (n for n in range(start - 1, max(start - 6, -1), -1) if _HEAD.match(lines[n][:200])), start
        )
        ranges.append((first, following))
    return found, ranges


def _read(lines: Sequence[str], start: int, end: int, schema: _Schema) -> None:
    """Read the tables between two lines into a schema."""
    kind = ""
    for number in range(start, end):
        line = lines[number]
        cells = _cells(line)
        if not cells:
            kind = ""
        elif _NAMES.match(line.strip()):
            kind = "fields"
        elif _VALUES.match(line.strip()):
            kind = "values"
        elif kind == "fields" and not _RULE.match(line):
            schema.rows.append((number + 1, cells))
        elif kind == "values" and not _RULE.match(line):
            schema.values.setdefault(cells[0].lstrip("» "), []).append(cells[1])


def _samples(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the samples of code of a call begin and end, above the line that states it."""
    for number, line in enumerate(lines):
        if not _SAMPLES.match(line[:60]):
            continue
        fenced = False
        for end in range(number + 1, len(lines)):
            fenced = fenced != (FENCE.match(lines[end][:40]) is not None)
            if not fenced and _HEAD.match(lines[end][:200]):
                break
            if not fenced and _CALL.match(lines[end][:400]):
                yield number, end
                break


def _answer(status: str, name: str, line: int, schemas: dict[str, _Schema]) -> Lines:
    head = ("", f"#### Response {status}", "", "|Name|In|Type|Required|Description|", "|---|---|---|---|---|")
    return [*((line, text) for text in head), *_expanded(schemas[name], "", schemas), (line, "")]


def _expanded(
    schema: _Schema, prefix: str, schemas: dict[str, _Schema], depth: int = 0, *, is_one_of: bool = False
) -> Lines:
    """The fields of a schema as rows of a table of parameters, those inside of them behind each. What one of
    several schemas requires is not said to be required."""
    out: Lines = []
    holders = [prefix]
    for index, (line, cells) in enumerate(schema.rows):
        level = cells[0].count("»")
        name = cells[0].lstrip("» ").strip("*` ")
        del holders[level + 1 :]
        link = _LINK.search(cells[1])
        inner = schemas.get(link["name"].lower()) if link else None
        if name == _NAMELESS:
            if inner is not None and depth < MAX_DEPTH:
                out += _expanded(inner, holders[-1], schemas, depth + 1, is_one_of=True)
            continue
        path = f"{holders[-1]}{name}"
        behind = schema.rows[index + 1][1][0] if index + 1 < len(schema.rows) else ""
        type_ = "object" if _NAMELESS in behind else _type(cells[1], link, inner)
        values = schema.values.get(name, [])[:MAX_VALUES]
        text = cells[-1].split("<ul>")[0] if values else cells[-1]
        said = f"{text} Enumerated values: {', '.join(f'`{one}`' for one in values)}." if values else text
        out.append((line, f"|{path}|body|{type_}|{'' if is_one_of else cells[2]}|{said}|"))
        holders.append(f"{path}[]." if type_ == "array" or type_.startswith("[") else f"{path}.")
        if inner is not None and depth < MAX_DEPTH:
            out += _expanded(inner, holders[-1], schemas, depth + 1)
        if len(out) > MAX_ROWS:
            return out[:MAX_ROWS]
    return out


def _type(cell: str, link: re.Match[str] | None, inner: _Schema | None) -> str:
    """The type of a field: what is linked is an object, a list of some, or a text with values of its own."""
    if link is None:
        return cell
    if link["list"]:
        return "array"
    return "string" if inner is not None and not inner.rows and inner.values else "object"
