"""Fields that a rendered page gives a label a line, rewritten as a list: name, type, what is said of it.

• Name                  - **`mode`** (string, required, default standard)
  mode                    What it does
  Type
  string          →
  Required
  Default value standard
  Description
  What it does
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import parse_type
from understudy.specs.readers.text.part_headings import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "labelled entries"
MAX_LINES = 30_000
# Lines between a label and its value, and words between the type and the description.
MAX_GAP = 2
MAX_WORDS = 6
MIN_ENTRIES = 2

_BULLET = re.compile(r"\s{0,12}(?:[-*•·]\s{1,4})?")
_NAME = re.compile(r"(?:name|名称|参数名|字段名?)\s?[:：]?\Z", re.IGNORECASE)
_TYPE = re.compile(r"(?:type|类型)\s?[:：]?\Z", re.IGNORECASE)
_ABOUT = re.compile(r"(?:description|描述|说明)\s?[:：]?\Z", re.IGNORECASE)
_FIELD = re.compile(r"[A-Za-z_$][\w$.\[\]-]{0,79}\Z")
# A heading of the page's, a method, code: of no field.
_OUTSIDE = re.compile(
    r"#|`{3}|(?:POST|GET|PUT|DELETE)\b|curl\b|[{}]|(?:returns|requests?|responses?|properties)\Z"
    r"|(?:required|optional)\s[a-z]+\Z|(?:必选|必填|可选|选填)(?:参数|字段|属性|项)\Z",
    re.IGNORECASE,
)
_WORD = re.compile(
    r"(?P<required>required|必选|必填|必需)|(?P<optional>optional|可选|选填)"
    r"|(?:default(?:\svalue)?|默认值?)\s?[:：]?\s{0,2}(?P<default>[\w.+:-]{1,60})\Z",
    re.IGNORECASE,
)


def recognises(document: Document) -> bool:
    """Whether two fields or more stand there with a label a line."""
    lines = [_bare(line) for line in document.lines[:MAX_LINES]]
    found = 0
    for index, line in enumerate(lines):
        found += _NAME.match(line) is not None and _entry(lines, index) is not None
        if found == MIN_ENTRIES:
            return True
    return False


def rewritten(document: Document, _log: FactLog) -> Derived:
    """The page with an entry of a list for each such field; what describes it is below."""
    lines = document.lines
    bare = [_bare(line) for line in lines[:MAX_LINES]]
    out: list[tuple[int, str]] = []
    index, is_inside = 0, False
    while index < len(lines):
        entry = _entry(bare, index) if index < len(bare) and _NAME.match(bare[index]) else None
        if entry is not None:
            text, index_after = entry
            out.append((index, text))
            index, is_inside = index_after, True
            continue
        text = lines[index].strip()
        is_inside = is_inside and not _ends(text)
        out.append((index, f"  {text}" if is_inside and text else lines[index]))
        index += 1
    return Derived(replace(document, text="\n".join(text for _, text in out)), [at + 1 for at, _ in out])


def _bare(line: str) -> str:
    return _BULLET.sub("", line[:200], count=1).strip()


def _ends(line: str) -> bool:
    """Whether a line is of no field: a heading of the page's, a method, code."""
    return _OUTSIDE.match(line.strip()) is not None or part_of(line.strip()) != ""


def _entry(lines: Sequence[str], index: int) -> tuple[str, int] | None:
    """The field whose first label stands at `index`: its entry, and the index behind its last label."""
    at = _next(lines, index)
    label = _next(lines, at) if at and _FIELD.match(lines[at]) else 0
    kind = _next(lines, label) if label and _TYPE.match(lines[label]) else 0
    if not kind:
        return None
    type_ = lines[kind]
    said = [type_ if parse_type(type_) else ""]
    place = type_.lower() if type_.lower() in ("path", "query", "header") else ""
    index = kind + 1
    for _ in range(MAX_WORDS):
        here = index if index < len(lines) and lines[index] else _next(lines, index - 1)
        if not here:
            break
        if _ABOUT.match(lines[here]):
            index = here + 1
            break
        word = _WORD.match(lines[here])
        if word is None:
            break
        default = f"default {word['default']}" if word["default"] else ""
        said.append("required" if word["required"] else "optional" if word["optional"] else default)
        index = here + 1
    inner = ", ".join([*filter(None, said), *([f"in {place}"] if place else [])])
    return f"- **`{lines[at]}`** ({inner or 'Any'})", index


def _next(lines: Sequence[str], index: int) -> int:
    """The next line that says something; 0 where it is far off."""
    following = range(index + 1, min(index + 1 + MAX_GAP + 1, len(lines)))
    return next((n for n in following if lines[n]), 0)
