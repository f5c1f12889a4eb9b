"""A body written as YAML whose comments say what each field is, rewritten as a list of fields.

    # POST /v1/x                                       POST /v1/x
    mode: std   # optional, one of std, pro         →  - `mode` (string, optional): one of std, pro
    images:     # required, up to 4                    - `images` (array of objects, required): up to 4
      - url: "" # string, required                       - `url` (string, required):

The rewritten text keeps its lines. OpenAPI is none of this.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import METHODS, parse_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "YAML with comments"
MAX_LINES = 2_500
MAX_LINE = 1_000
MAX_NESTED = 12

_FENCE = re.compile(r"[ \t]{0,12}`{3,}[ \t]{0,4}ya?ml\b", re.IGNORECASE)
_END = re.compile(r"[ \t]{0,12}`{3,}[ \t]{0,4}\Z")
_KEY = re.compile(
    r"(?P<indent>[ ]{0,60})(?P<item>-[ ]{1,4})?(?P<name>[A-Za-z_][\w-]{0,79})[ ]{0,2}:(?:[ ]{1,40}(?P<rest>\S.*))?\Z"
)
_VALUE = re.compile(
    r"(?P<value>\"[^\"]{0,400}\"|'[^']{0,400}'|[^#\s](?:[^#]|(?<!\s)#){0,400})?(?:(?:^|\s{0,80})#\s{0,4}(?P<words>.*))?\Z"
)
_COMMENT = re.compile(r"[ \t]{0,60}#{1,3}[ \t]{0,4}(?P<words>.*)\Z")
_OPERATION = re.compile(rf"(?:{'|'.join(METHODS)})\s{{1,4}}(?:https?://\S|/\w)", re.IGNORECASE)
_ANSWER = re.compile(r"(?:response|answer|returns?|result|响应|返回)\b.{0,20}\Z", re.IGNORECASE)
_REQUEST = re.compile(r"(?:request|body|请求)(?:\s{0,2}body|体)?.{0,20}\Z", re.IGNORECASE)
_REQUIREDNESS = re.compile(
    r"(?:(?<=^)|(?<=[,;，；。.(]))\s{0,3}(?P<said>required|optional|必填|必须|选填|可选)\b\s{0,3}(?:[,;，；。.:：]|\Z|(?=\())",
    re.IGNORECASE,
)
_SPECIFICATION = re.compile(
    r"(?:openapi|swagger|asyncapi|arazzo|overlay|paths|components)\s{0,2}:", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key: its line, how far in it stands, whether it begins an item of a list, its value and its comment."""

    line: int
    indent: int
    begins_item: bool
    name: str
    value: str
    words: str


def recognises(document: Document) -> bool:
    """Whether the text is, or holds in a fence, YAML most of whose keys have a comment."""
    if "#" not in document.text or _SPECIFICATION.search(document.text[:200_000]):
        return False
    return any(_is_commented(block) for _, block in _blocks(document) if block is not None)


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a list where each such block stands."""
    out: list[tuple[int, str]] = []
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with YAML are read", MAX_LINES + 1)
    for lines, block in _blocks(document):
        out += _list(block) if block is not None and _is_commented(block) else lines
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _blocks(document: Document) -> Iterator[tuple[list[tuple[int, str]], list[tuple[int, str]] | None]]:
    """The page in parts: lines, and those inside of a fence where they are YAML; without fences all may be."""
    lines = [(number, line[:MAX_LINE]) for number, line in enumerate(document.lines[:MAX_LINES], 1)]
    if not any("```" in line for _, line in lines):
        yield lines, lines
        return
    at = 0
    while at < len(lines):
        start = next((i for i in range(at, len(lines)) if _FENCE.match(lines[i][1][:60])), len(lines))
        yield lines[at:start], None
        end = next((i for i in range(start + 1, len(lines)) if _END.match(lines[i][1][:40])), len(lines))
        if start < len(lines):
            yield lines[start : end + 1], lines[start + 1 : end]
        at = end + 1


def _is_commented(block: Sequence[tuple[int, str]]) -> bool:
    """Whether the lines are keys and comments, and at least two keys, and half of all, have a comment."""
    shown = [text for _, text in block if text.strip() and not _COMMENT.match(text)]
    keys = [entry for entry in _entries(block) if isinstance(entry, _Entry)]
    said = sum(bool(entry.words) for entry in keys)
    return len(keys) > 1 and len(keys) * 5 >= len(shown) * 4 and said > 1 and said * 2 >= len(keys)


def _entries(block: Sequence[tuple[int, str]]) -> Iterator[_Entry | tuple[int, str]]:
    """The keys with what is said of each, and the comments that are about none: operations, headings."""
    above: list[str] = []
    for number, line in block:
        if comment := _COMMENT.match(line):
            words = comment["words"].strip()
            if _OPERATION.match(words) or _ANSWER.match(words) or _REQUEST.match(words):
                yield number, words
                above = []
            else:
                above.append(words)
        elif key := _KEY.match(line):
            said = _VALUE.match(key["rest"] or "")
            value, words = (said["value"] or "", said["words"] or "") if said else (key["rest"] or "", "")
            indent = len(key["indent"]) + len(key["item"] or "")
            told = " ".join(filter(None, [*above, words.strip()]))
            yield _Entry(number, indent, key["item"] is not None, key["name"], value.strip(), told)
            above = []
        elif not line.strip():
            above = []


def _list(block: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    found = list(_entries(block))
    open_: list[int] = []  # how far in the fields stand that are open
    yield block[0][0] if block else 0, ""
    for index, one in enumerate(found):
        if not isinstance(one, _Entry):
            number, words = one
            heading = (
                words
                if _OPERATION.match(words)
                else "### Response"
                if _ANSWER.match(words)
                else "### Request body"
            )
            yield from ((number, ""), (number, heading), (number, ""))
            open_ = []
            continue
        while open_ and open_[-1] >= one.indent:
            open_.pop()
        following = found[index + 1] if index + 1 < len(found) else None
        below = following if isinstance(following, _Entry) and following.indent > one.indent else None
        yield one.line, f"{'  ' * min(len(open_), MAX_NESTED)}- `{one.name}` {_said(one, below)}"
        open_.append(one.indent)
    yield block[-1][0] if block else 0, ""


def _said(one: _Entry, below: _Entry | None) -> str:
    """What a list says behind a name: "(string, optional): one of std, pro"."""
    first, _, rest = one.words.partition(",")
    stated = parse_type(first) is not None
    type_ = first.strip() if stated else _type(one.value, below)
    words = rest if stated else one.words
    required = _REQUIREDNESS.search(words)
    if required:
        words = f"{words[: required.start()]} {words[required.end() :]}"
    inside = ", ".join(filter(None, [type_, required["said"].lower() if required else ""]))
    return f"({inside or 'any'}): {words.strip(' ,;')}"


def _type(value: str, below: _Entry | None) -> str:
    if below is not None and not value:
        return "array of objects" if below.begins_item else "object"
    if value[:1] in "\"'" and value:
        return "string"
    if value.lower() in ("true", "false"):
        return "boolean"
    if re.fullmatch(r"-?\d{1,15}", value):
        return "integer"
    if re.fullmatch(r"-?\d{1,15}\.\d{1,6}", value):
        return "number"
    return (
        "array" if value.startswith("[") else "object" if value.startswith("{") else "string" if value else ""
    )
