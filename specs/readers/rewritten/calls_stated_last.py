"""Pages that state a call behind its fields, rewritten with it below the heading of its part.

### `loops.create`                          ### `loops.create`
#### Parameters                             POST /v2/loops
##### words: `string`                  →    #### Parameters
#### Endpoint                               ##### words (string)
`/v2/loops` `POST`                          …

So generators set the calls of their clients: what is read in order would give each call's fields to the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "calls stated last"
MAX_LINES = 20_000
MAX_LINE = 400
MAX_BELOW = 3  # lines from the heading of a call's address to it
MIN_CALLS = 2

_ANCHOR = re.compile(r"<a (?:id|name)=\"[^\"<>]{0,200}\">\s?</a>")
_HEADING = re.compile(r"(?P<marks>#{1,6})\s+(?P<text>\S.{0,300})\Z")
_OF_ADDRESS = re.compile(
    r"[^\w]{0,12}(?:(?:api|http|rest)\s)?(?:endpoint|request|route|url)s?[^\w]{0,8}\Z|[^\w]{0,12}(?:接口|请求)(?:地址|路径)?[^\w]{0,8}\Z",
    re.IGNORECASE,
)
_OF_FIELDS = re.compile(r"param|argument|attribute|fields?\b|参数|字段", re.IGNORECASE)
_CALL = re.compile(
    r"\s{0,4}(?:[`*]{0,3}(?P<method>POST|GET|PUT|PATCH|DELETE)[`*]{0,3}\s{1,4}[`*]{0,3}(?P<path>/[^\s`*]{1,300})[`*]{0,3}|[`*]{0,3}(?P<path_>/[^\s`*]{1,300})[`*]{0,3}\s{1,4}[`*]{0,3}(?P<method_>POST|GET|PUT|PATCH|DELETE)[`*]{0,3})\s{0,4}\Z"
)
# A heading that is a field with its type: "words: `string`", "parts: [`Part`](./part.md)[]".
_FIELD = re.compile(
    r"[`*]{0,2}(?P<name>[A-Za-z_]\w{0,60})[`*]{0,2}:\s{1,3}(?P<type>(?:\[?`[^`\n]{1,120}`\]?(?:\([^()\n]{1,200}\))?|[a-z]{3,12})(?:\[\])?)\s{0,4}\Z"
)
_TYPES = frozenset(("string", "number", "integer", "boolean", "object", "array"))


@dataclass(frozen=True, slots=True)
class _Part:
    """Where the heading of a call stands, and the line that states the call."""

    heading: int
    stated: int
    call: str


def recognises(document: Document) -> bool:
    """Whether several calls of a page are stated behind their parameters."""
    text = document.text
    return "#" in text and len(list(_parts(document.lines[:MAX_LINES]))) >= MIN_CALLS


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with each such call right below its heading; headings lose their anchors."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with calls behind their fields are read", MAX_LINES + 1)
    lines = document.lines[:MAX_LINES]
    parts = {one.heading: one for one in _parts(lines)}
    left_out = {one.stated for one in parts.values()}
    out: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        text = _ANCHOR.sub("", line[:MAX_LINE]) if line.startswith("#") else line
        if number not in left_out:
            out.append((number + 1, _typed(text)))
        if number in parts:
            out += [(parts[number].stated + 1, one) for one in ("", parts[number].call, "")]
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _typed(line: str) -> str:
    """A heading with its type in brackets, where it has one behind a colon."""
    heading = _HEADING.match(line)
    field = _FIELD.match(heading["text"]) if heading else None
    if heading is None or field is None:
        return line
    type_ = field["type"].strip("`[]")
    bare = "array" if field["type"].endswith("[]") else type_ if type_.lower() in _TYPES else "object"
    return f"{heading['marks']} `{field['name']}` ({bare})"


def _parts(lines: Sequence[str]) -> Iterator[_Part]:
    """The parts of a page whose call stands below a heading of their last part but fields."""
    above: list[tuple[int, int]] = []  # the headings around a line: how deep, and where
    has_fields: set[int] = set()  # headings with parameters below them
    fenced = False
    for number, line in enumerate(lines):
        if FENCE.match(line[:40]):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(_ANCHOR.sub("", line[:MAX_LINE]).rstrip())
        if heading is None:
            continue
        level = len(heading["marks"])
        while above and above[-1][0] >= level:
            above.pop()
        owner = above[-1][1] if above else -1
        above.append((level, number))
        if _OF_FIELDS.search(heading["text"]):
            has_fields.add(owner)
        if owner < 0 or not _OF_ADDRESS.match(heading["text"]):
            continue
        below = range(number + 1, min(number + 1 + MAX_BELOW, len(lines)))
        stated = next((n for n in below if lines[n].strip()), -1)
        call = _CALL.match(lines[stated][:MAX_LINE]) if stated >= 0 else None
        if call and (call["path_"] or owner in has_fields or number - owner > MAX_BELOW):
            said = f"{call['method'] or call['method_']} {call['path'] or call['path_']}"
            yield _Part(owner, stated, said)
