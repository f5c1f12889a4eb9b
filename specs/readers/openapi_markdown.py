"""OpenAPI inside a Markdown page: fenced blocks of any length, as Apifox, Apidog, Mintlify and VitePress write them."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from specs.errors import UnderstudyError
from specs.model import Operation, Reading
from specs.readers.openapi import looks_like_openapi, read_tree
from specs.readers.openapi_file import parse_tree
from specs.readers.page_text import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specs.documents import Document
    from specs.model import Keyword
    from specs.readers.facts import Scribe

FORMAT = "OpenAPI in Markdown"
MAX_BLOCKS = 50
MAX_PROSE_LINES = 2_000
MAX_PROSE_LINE = 2_000

_IN_BACKTICKS = re.compile(r"`([A-Za-z_][\w.-]{0,79})`")

_FENCE = re.compile(r"^(?P<lead>[ \t>]{0,40})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_ON_THE_LINE = re.compile(
    rf"\b(?P<method>{'|'.join(METHODS)})\s+(?P<path>/[^\s`\"'{{}}]*(?:\{{[^\s}}]*\}}[^\s`\"'{{}}]*)*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the line its content begins on (from 1), its content, and what stands behind the fence."""

    line: int
    text: str
    info: str
    closed: bool


def blocks(document: Document) -> Iterator[Block]:
    """The fenced blocks of a Markdown text (CommonMark, section 4.5), an unclosed one up to the end of the text."""
    opening: re.Match[str] | None = None
    body: list[str] = []
    first = 0
    for number, line in enumerate(document.lines, 1):
        if opening is None:
            opening = _FENCE.match(line) if "```" in line[:44] or "~~~" in line[:44] else None
            body, first = [], number + 1
        elif _closes(line, opening["fence"]):
            yield Block(first, "\n".join(body), opening["info"].strip(), True)
            opening = None
        else:
            body.append(_without_lead(line, opening["lead"]))
    if opening is not None:
        yield Block(first, "\n".join(body), opening["info"].strip(), False)


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip(" \t>")
    return len(stripped) >= len(fence) and set(stripped) == {fence[0]}


def _without_lead(line: str, lead: str) -> str:
    """The line without the indentation (or quote marks) that its fence has."""
    if line.startswith(lead):
        return line[len(lead) :]
    return line.lstrip(" \t") if not line[: len(lead)].strip() else line


def _is_openapi(block: Block) -> bool:
    return looks_like_openapi(block.text) and ("paths" in block.text or "webhooks" in block.text)


def recognises(document: Document) -> bool:
    """Whether some fenced block holds an OpenAPI document."""
    return any(_is_openapi(block) for block in blocks(document))


def read(document: Document, scribe: Scribe) -> Reading:
    """The operations of all OpenAPI blocks of the page; a block that cannot be read is a note if another can.

    Raises UnderstudyError when none can be read.
    """
    operations: list[Operation] = []
    whole: dict[str, Any] | None = None
    errors: list[UnderstudyError] = []
    outside = set(range(1, len(document.lines) + 1))
    for count, block in enumerate(block for block in blocks(document) if _is_openapi(block)):
        if count == MAX_BLOCKS:
            scribe.cut(f"{MAX_BLOCKS} OpenAPI blocks of a page are read", block.line)
            break
        try:
            # Blank lines in front keep the document's line numbers.
            text = "\n" * (block.line - 1) + block.text
            found = read_tree(*parse_tree(text, scribe), scribe)
        except UnderstudyError as error:
            errors.append(error)
            scribe.note("problem", f"a block that cannot be read: {error.what}", block.line)
            continue
        if not block.closed:
            scribe.note("problem", "the fence of this block is never closed", block.line - 1)
        _check_fence_line(block, found.operations, scribe)
        operations += found.operations
        outside -= set(range(block.line - 1, block.line + block.text.count("\n") + 2))
        whole = dict(found.document) if whole is None else _joined(whole, found.document)
    if whole is None:
        raise errors[0]
    prose_lines = [line for line in sorted(outside) if document.lines[line - 1].strip()]
    if len(prose_lines) > MAX_PROSE_LINES:
        what = f"{MAX_PROSE_LINES:,} lines beside the OpenAPI blocks are read"
        scribe.cut(what, prose_lines[MAX_PROSE_LINES])
    operations = [_with_page_prose(o, document, prose_lines, scribe) for o in operations]
    return Reading(document.name, FORMAT, tuple(operations), scribe.sorted_notes(), whole)


def _with_page_prose(operation: Operation, document: Document, lines: list[int], scribe: Scribe) -> Operation:
    """The operation with what the page says beside the block about one field by its name: "up to 4 in `images`"."""
    fields = {f.name: f for f in operation.request if "[]" not in f.path}
    added: dict[str, list[Keyword]] = {}
    for line in lines[:MAX_PROSE_LINES]:
        text = document.lines[line - 1]
        if len(text) > MAX_PROSE_LINE:
            scribe.cut(f"a line beside the OpenAPI blocks is read up to {MAX_PROSE_LINE:,} characters", line)
            text = text[:MAX_PROSE_LINE]
        names = {name for name in _IN_BACKTICKS.findall(text) if name in fields}
        if len(names) == 1:
            name = names.pop()
            type_ = fields[name].get("type")
            one_type = type_ if isinstance(type_, str) else None
            told = scribe.told(text, one_type, functools.partial(_same_line, line), fields[name].path)
            added.setdefault(name, []).extend(k for k in told if k.name not in ("x-source", "x-image"))
    request = [
        replace(f, keywords=scribe.combined(f.path, [*f.keywords, *added[f.name]]))
        if f.name in added and f is fields.get(f.name)
        else f
        for f in operation.request
    ]
    return replace(operation, request=tuple(request))


def _same_line(line: int, _: int) -> int:
    return line


def _check_fence_line(block: Block, operations: tuple[Operation, ...], scribe: Scribe) -> None:
    said = _ON_THE_LINE.search(block.info)
    if said is None:
        return
    method, path = said["method"].lower(), said["path"]
    if not any(o.method == method and o.path == path for o in operations):
        scribe.note("contradiction", f"the fence line says {method.upper()} {path}, which the block does not hold",
                    block.line - 1)  # fmt: skip


def _joined(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two OpenAPI documents of one page as one: what the first says stays."""
    out = dict(one)
    for key, value in other.items():
        known = out.get(key)
        if isinstance(known, dict) and isinstance(value, dict) and key in ("paths", "components"):
            out[key] = {**value, **known, **{k: {**value[k], **known[k]} for k in value.keys() & known.keys()
                                             if isinstance(value[k], dict) and isinstance(known[k], dict)}}  # fmt: skip
        else:
            out.setdefault(key, value)
    return out
