"""OpenAPI inside a Markdown page: fenced blocks of any length, as Apifox, Apidog, Mintlify and VitePress write them."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError
from understudy.specs.model import Operation, Reading
from understudy.specs.readers.machine.joined import with_more
from understudy.specs.readers.machine.openapi import looks_like_openapi, read_tree
from understudy.specs.readers.machine.openapi_file import parse_tree
from understudy.specs.readers.pages import markdown_tables
from understudy.specs.readers.pages.page_prose import with_prose
from understudy.specs.readers.text.page_text import METHODS, Line
from understudy.specs.readers.trees.several_files import told_by_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "OpenAPI in Markdown"
MAX_BLOCKS = 50

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
        elif _closes(line, opening["fence"], len(opening["lead"])):
            yield Block(first, "\n".join(body), opening["info"].strip(), True)
            opening = None
        else:
            body.append(_without_lead(line, opening["lead"]))
    if opening is not None:
        yield Block(first, "\n".join(body), opening["info"].strip(), False)


def _closes(line: str, fence: str, lead: int) -> bool:
    """Whether the line ends a block; a fence that stands more than three blanks deeper is a line of it."""
    if len(line) - len(line.lstrip(" \t>")) > lead + 3:
        return False
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
    # Most pages have neither word, and need not be taken apart.
    is_likely = "openapi" in document.text or "swagger" in document.text
    return is_likely and any(_is_openapi(block) for block in blocks(document))


def read(document: Document, log: FactLog) -> Reading:
    """The operations of all OpenAPI blocks of the page; a block that cannot be read is a note if another can.

    Raises UnderstudyError when none can be read.
    """
    operations: list[Operation] = []
    whole: dict[str, Any] | None = None
    errors: list[UnderstudyError] = []
    outside = set(range(1, len(document.lines) + 1))
    for count, block in enumerate(block for block in blocks(document) if _is_openapi(block)):
        if count == MAX_BLOCKS:
            log.cut(f"{MAX_BLOCKS} OpenAPI blocks of a page are read", block.line)
            break
        try:
            # Blank lines in front keep the document's line numbers.
            text = "\n" * (block.line - 1) + block.text
            found = read_tree(*parse_tree(text, log), log)
        except UnderstudyError as error:
            errors.append(error)
            log.note("problem", f"a block that cannot be read: {error.what}", block.line)
            continue
        if not block.closed:
            log.note("problem", "the fence of this block is never closed", block.line - 1)
        read_ = told_by_file(Reading(document.name, FORMAT, found.operations), found.files)
        _check_fence_line(block, read_.operations, log)
        operations += read_.operations
        outside -= set(range(block.line - 1, block.line + block.text.count("\n") + 2))
        whole = dict(found.document) if whole is None else _joined(whole, found.document)
    if whole is None:
        raise errors[0]
    prose_lines = [line for line in sorted(outside) if document.lines[line - 1].strip()]
    return Reading(
        document.name,
        FORMAT,
        _with_page(operations, document, prose_lines, log),
        log.sorted_notes(),
        whole,
        refusals=tuple(log.refusals),
    )


def _with_page(
    operations: Sequence[Operation], document: Document, lines: list[int], log: FactLog
) -> tuple[Operation, ...]:
    """The operations with what the page says beside the blocks: in tables and lists, which may say more than
    the blocks, and in lines about one field by its name: "up to 4 in `images`"."""
    shown = set(lines)
    beside = replace(
        document, text="\n".join(line if n in shown else "" for n, line in enumerate(document.lines, 1))
    )
    if markdown_tables.recognises(beside):
        # What stands before any other call is of the one that the page holds.
        only = operations[0] if len(operations) == 1 else None
        about = (only.method, only.path) if only and not only.path.startswith("{") else None
        found = markdown_tables.read(beside, log, is_page=False, about=about)
        if found.format != markdown_tables.EXAMPLES:
            return with_more(operations, found.operations, log, stated=True)
    said = [(Line(line, document.lines[line - 1]), "") for line in lines]
    return tuple(
        replace(one, request=tuple(with_prose(one.request, said, log, "the OpenAPI blocks")))
        for one in operations
    )


def _check_fence_line(block: Block, operations: tuple[Operation, ...], log: FactLog) -> None:
    said = _ON_THE_LINE.search(block.info)
    if said is None:
        return
    method, path = said["method"].lower(), said["path"]
    if not any(o.method == method and o.path == path for o in operations):
        log.note("contradiction", f"the fence line says {method.upper()} {path}, which the block does not hold",
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
