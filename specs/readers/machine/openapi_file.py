"""An OpenAPI document as a file, JSON or YAML."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError
from understudy.specs.model import Reading
from understudy.specs.readers.machine.families import written_out
from understudy.specs.readers.machine.mend import read_yaml
from understudy.specs.readers.machine.openapi import looks_like_openapi, read_tree
from understudy.specs.readers.machine.relevel import has_lost_indentation, relevel
from understudy.specs.readers.trees.json_nodes import parse_json
from understudy.specs.readers.trees.nodes import BrokenError, TooLargeError
from understudy.specs.readers.trees.several_files import told_by_file

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.trees.nodes import Node

FORMAT = "OpenAPI file"

_ROOT = re.compile(
    r"^(?P<lead>[ \t]{0,40})(?P<key>[\"']?(?:openapi|swagger)[\"']?[ \t]{0,9}:|\{\s{0,80}\"(?:openapi|swagger)\"\s{0,9}:)",
    re.MULTILINE,
)
_PATHS = re.compile(r"^[ \t]{0,80}[\"']?(?:paths|webhooks)[\"']?[ \t]{0,9}:", re.MULTILINE)
_FENCE_OR_TABLE = re.compile(r"^[ \t>]{0,40}(?:```|~~~|\|)", re.MULTILINE)
_ROOT_KEY = re.compile(r"[\"']?[A-Za-z][\w-]{0,40}[\"']?[ \t]{0,9}:(?:\s|\Z)")
# A further document of the stream: its mark, and its root key on the line after it.
_NEXT = re.compile(
    r"^---[ \t]{0,20}\n(?=[\"']?(?:openapi|swagger)[\"']?[ \t]{0,9}:)(?<!\A---\n)", re.MULTILINE
)
_END_MARK = re.compile(r"^---[ \t]{0,20}\n\Z", re.MULTILINE)
MAX_DOCUMENTS = 50
# What may stand before the root key of any YAML file.
_AROUND = re.compile(r"\s*(?:#|---|%YAML)")


def recognises(document: Document) -> bool:
    """Whether the text is an OpenAPI document, perhaps with lines of a page around it: its root key stands
    before any Markdown of a block."""
    head = document.text[:100_000].lstrip("\ufeff \t\n")
    if head.startswith("{"):
        return looks_like_openapi(head) or '"openapi"' in head or '"swagger"' in head
    return _root_line(document) is not None


def _root_line(document: Document) -> re.Match[str] | None:
    """The line of the root key; None where there is none, or a fenced block stands before it."""
    found = _ROOT.search(document.text[:100_000])
    if found is None or _FENCE_OR_TABLE.search(document.text, 0, found.start()):
        return None
    is_first = not found["lead"] and all(
        not line.strip() or _AROUND.match(line) for line in document.text[: found.start()].split("\n")
    )
    return found if is_first or _PATHS.search(document.text, found.end()) else None


def read(document: Document, log: FactLog) -> Reading:
    """The operations of the file. Raises UnderstudyError when it cannot be read at all."""
    readings = [_one(text, document, log) for text in _documents(_alone(document, log))]
    operations = tuple(one for reading in readings for one in reading.operations)
    return replace(readings[0], operations=operations, notes=readings[-1].notes)


def _one(text: str, document: Document, log: FactLog) -> Reading:
    root, lines = parse_tree(text, log)
    found = read_tree(written_out(root, document.name), lines, log)
    reading = Reading(document.name, FORMAT, found.operations, log.sorted_notes(), found.document)
    return told_by_file(reading, found.files)


def _documents(text: str) -> list[str]:
    """The OpenAPI documents of a YAML stream, set apart by `---`, each on the lines where it stands."""
    starts = [found.end() for found in _NEXT.finditer(text)][:MAX_DOCUMENTS]
    if not starts:
        return [text]
    ends = [*starts, len(text)]
    found = [text[: ends[0]]]
    found += ["\n" * text.count("\n", 0, start) + text[start:end] for start, end in pairwise(ends)]
    # The mark itself ends a document: what stands before it is all that a parser may see.
    return [_END_MARK.sub("", one) if one is not found[-1] else one for one in found]


def _alone(document: Document, log: FactLog) -> str:
    """The OpenAPI text without the lines of a page around it, each on the line where it stands."""
    text = document.text
    if text[:100_000].lstrip("\ufeff \t\n").startswith("{"):
        return text
    found = _root_line(document)
    if found is None:
        return text
    lead = len(found["lead"])
    first = text.count("\n", 0, found.start("key"))
    lines = document.lines
    before = next(
        (n for n, line in enumerate(lines[:first], 1) if line.strip() and not _AROUND.match(line)), 0
    )
    if not before and not lead:
        return text
    if found["key"].startswith("{"):
        return "\n" * first + "\n".join(lines[first:])
    end = next((n for n in range(first + 1, len(lines)) if _ends(lines[n], lead)), len(lines))
    if end < len(lines) and has_lost_indentation("\n".join(lines[first:])):
        # A line of a text is no key, either: the document ends behind the last line that is one.
        end = max(n for n in range(first, len(lines)) if _ROOT_KEY.match(lines[n])) + 1
    if before:
        log.note("mend", "lines of a page before the OpenAPI document, passed over", before)
    if any(line.strip() for line in lines[end:]):
        log.note("mend", "lines of a page behind the OpenAPI document, passed over", end + 1)
    body = [line[lead:] if not line[:lead].strip() else line.lstrip() for line in lines[first:end]]
    return "\n" * first + "\n".join(body)


def _ends(line: str, lead: int) -> bool:
    """Whether a line as far out as the root key belongs to the page again: it is no key and no entry."""
    inner = line[lead:]
    if not line.strip() or (not line[:lead].strip() and inner[:1] in (" ", "\t", "-", "#")):
        return False
    return not _ROOT_KEY.match(inner)


def parse_tree(text: str, log: FactLog) -> tuple[Node, list[str]]:
    """The tree of `text`, JSON or YAML, and the lines it was parsed from; mends are noted.

    Raises UnderstudyError when there is none.
    """
    name = log.document.name
    try:
        if text.lstrip("\ufeff \t\n").startswith("{"):
            found = parse_json(text)
            root: Node | None = found.root
            remarks = found.remarks
        else:
            before = []
            if has_lost_indentation(text):
                relevelled = relevel(text)
                text, before = "\n".join(relevelled.lines), relevelled.remarks
            mended = read_yaml(text)
            root, remarks = mended.root, [*before, *mended.remarks]
    except TooLargeError as error:
        # A part of an OpenAPI file would be a guess: what its references lead to mostly stands at its end.
        raise UnderstudyError(
            error.what,
            where=f"{name}:{error.line}:{error.column}",
            advice="give the part of the file that matters: its paths, and the components that they use",
        ) from error
    except BrokenError as error:
        raise UnderstudyError(error.what, where=f"{name}:{error.line}:{error.column}") from error
    for kind, what, line, column in remarks:
        log.note("mend" if kind == "mend" else "problem", what, line, column=column)
    if root is None:
        _, what, line, column = ([("", "it is empty", 1, 1), *(r for r in remarks if r[0] == "problem")])[-1]
        raise UnderstudyError(f"nothing could be read: {what}", where=f"{name}:{line}:{column}")
    return root, text.split("\n")
