"""Text copied from a browser whose lines were glued or torn: rewritten so that other readers find its parts.

POST            a path over several lines       Authorization: Bearer ***{      JSON glued to other text
/
v1              → POST                          }curl --location '…'            → a line each
/                 /v1/images
images
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "copied text"
MAX_PIECES = 60
_MAX_LINE = 20_000

_METHOD = re.compile(rf"(?:{'|'.join(METHODS)})\Z", re.IGNORECASE)
_PIECE = re.compile(r"/?[\w.~{}:-]{1,80}/?\Z")
# A `curl` or a heading glued behind the end of an example, and JSON glued behind a header's value.
_GLUED = re.compile(r"(?<=[}\]])(?=curl[ \t])|(?<=[}'\"])(?=\{[}\s]?\Z)")
_OPENS = re.compile(
    r"(?P<before>[A-Za-z][\w-]{1,40}:\s[^{}\[\]\"']{0,300}?(?<![=\s:(),])(?<!=>))(?P<open>\{)\s*\Z"
)
_KEY = re.compile(r"\s*[\"'][\w.-]{1,80}[\"']\s{0,5}(?::|\Z)")


def recognises(document: Document) -> bool:
    """Whether something in the text is torn or glued in one of these ways."""
    lines = document.lines
    for index, line in enumerate(lines):
        if _METHOD.match(line.strip()[:10]) and _end_of_path(lines, index) > _first(lines, index) + 1:
            return True
        if ("curl" in line and _GLUED.search(line[:_MAX_LINE])) or _opens_json(lines, index):
            return True
    return False


def _first(lines: Sequence[str], method: int) -> int:
    """The line behind a method that says something."""
    return next((n for n in range(method + 1, min(method + 4, len(lines))) if lines[n].strip()), method)


def _end_of_path(lines: Sequence[str], method: int) -> int:
    """Behind the last line of the path that stands in pieces below a method; `method` where there is none."""
    index = _first(lines, method)
    if not lines[index].strip().startswith("/"):
        return method
    end, slash, pieces = method, False, 0
    while index < len(lines) and pieces < MAX_PIECES:
        text = lines[index].strip()
        if not text:
            index += 1
            continue
        if text == "/":
            slash = True
        elif _PIECE.match(text) and (slash or text.startswith("/")):
            slash = text.endswith("/")
        else:
            break
        index, end, pieces = index + 1, index + 1, pieces + 1
    return end if pieces > 1 else method


def _opens_json(lines: Sequence[str], index: int) -> re.Match[str] | None:
    """A line of text at whose end JSON begins, which goes on below."""
    line = lines[index]
    if not line.rstrip().endswith("{") or index + 1 >= len(lines) or not _KEY.match(lines[index + 1][:200]):
        return None
    return _OPENS.match(line.strip()[:400])


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The text with a path on one line, and examples on lines of their own."""
    lines = document.lines
    out: list[tuple[int, str]] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        end = _end_of_path(lines, index) if _METHOD.match(line.strip()[:10]) else index
        if end > _first(lines, index) + 1 > 0 and end != index:
            path = "".join(lines[n].strip() for n in range(index + 1, end))
            out += [(index + 1, line.strip()), (index + 2, re.sub(r"/{2,}", "/", path))]
            index = end
            continue
        glued = _opens_json(lines, index)
        if glued is not None:
            out += [(index + 1, glued["before"]), (index + 1, "{")]
        elif len(line) <= _MAX_LINE and ("curl" in line or line.rstrip().endswith("}")):
            out += [(index + 1, part) for part in _GLUED.split(line)]
        else:
            out.append((index + 1, line))
        index += 1
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])
