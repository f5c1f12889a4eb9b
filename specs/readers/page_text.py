"""Text of rendered pages: lines with their numbers, the operation that a page is about, and drafts of fields."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from specs.model import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specs.documents import Document
    from specs.model import FieldPath, Keyword
    from specs.readers.facts import Scribe

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# Headers that every request has; no document promises anything by them.
NOISE = ("content-type", "authorization", "accept")
MAX_LINE = 20_000
MAX_LINES = 10_000

_INVISIBLE = re.compile(r"[\u200b\u200c\u200d\ufeff\u2060]")
_METHOD = re.compile(rf"(?:{'|'.join(METHODS)})\Z", re.IGNORECASE)
_METHOD_AND_PATH = re.compile(
    rf"\b(?P<method>{'|'.join(METHODS)})\b[\s:`\"']{{1,4}}(?:https?://[^/\s]+)?(?P<path>/[\w.~/{{}}:-]+)",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?<![\w/:.])/(?:[\w~{}-]+/)+[\w.~{}-]*[\w}]")
_SERVER = re.compile(r"https?://[\w.-]+(?::\d+)?(?=/)")
_TYPE_WORDS = {
    "string": "string", "str": "string", "text": "string", "integer": "integer", "int": "integer", "long": "integer",
    "int32": "integer", "int64": "integer", "number": "number", "float": "number", "double": "number",
    "boolean": "boolean", "bool": "boolean", "object": "object", "map": "object", "json": "object", "array": "array",
    "list": "array", "null": "null", "file": "string", "字符串": "string", "整数": "integer", "整型": "integer",
    "数字": "number", "浮点数": "number", "布尔": "boolean", "布尔值": "boolean", "对象": "object", "数组": "array",
}  # fmt: skip
_TYPE = re.compile(
    r"(?P<outer>[A-Za-z一-鿿][\w一-鿿]*)\s*(?:(?P<list>\[\])|[<\[(](?P<inner>[^<>\[\]()]*)(?:<[^<>]*>)?[>\])])?(?:\s*\{\d+\})?\Z"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the document without invisible characters, and its number (from 1)."""

    number: int
    text: str


def visible_lines(document: Document, scribe: Scribe | None = None) -> list[Line]:
    """The lines that show something among the first 10,000, each cut at 20,000 characters.

    With a `scribe`, the place where such a limit ended the reading is noted.
    """
    if scribe is not None:
        _note_cuts(document, scribe)
    out = []
    for number, text in enumerate(document.lines[:MAX_LINES], 1):
        shown = _INVISIBLE.sub("", text[:MAX_LINE]).strip()
        if shown:
            out.append(Line(number, shown))
    return out


def _note_cuts(document: Document, scribe: Scribe) -> None:
    if any(line.strip() for line in document.lines[MAX_LINES:]):
        scribe.cut(f"a page is read up to {MAX_LINES:,} lines", MAX_LINES + 1)
    long = next((n for n, text in enumerate(document.lines[:MAX_LINES], 1) if len(text) > MAX_LINE), 0)
    if long:
        scribe.cut(f"a line is read up to {MAX_LINE:,} characters", long)


def operation_head(lines: Sequence[Line]) -> tuple[str, str, int]:
    """Method (lower case), path and line of the operation that the page is about; "" for what it does not say."""
    method, method_line = "", 0
    for line in lines:
        text = line.text[:2000]
        if both := _METHOD_AND_PATH.search(text):
            return both["method"].lower(), both["path"], line.number
        if not method and _METHOD.match(text):
            method, method_line = text.lower(), line.number
    for line in lines:
        if path := _PATH.search(line.text[:2000]):
            return method or "post", path.group(), line.number
    return method, "", method_line


def parse_type(text: str) -> list[tuple[str, Any]] | None:
    """The keywords that a type says, as (place, type) with place "" or "[]"; None when `text` is no type.

    "string" → string; "enum<string>" → string; "array [string]", "string[]", "array<string>" → array of string;
    "string | null" → [string, null]; "object {2}" → object.
    """
    text = text.strip()[:80]
    if of := re.match(r"(?:array|list)\s+of\s+(\w+?)s?\Z", text, re.IGNORECASE):
        text = f"array[{of[1]}]"
    if listed := re.match(r"\[(\w+)\]\Z", text):
        text = f"array[{listed[1]}]"
    if "|" in text or " or " in text:
        parts = [parse_type(part) for part in re.split(r"\||\bor\b", text)]
        if any(part is None or len(part) != 1 for part in parts):
            return None
        return [("", [part[0][1] for part in parts if part])]
    match = _TYPE.match(text)
    if match is None:
        return None
    outer, inner = match["outer"].lower(), (match["inner"] or "").strip().lower()
    if outer == "enum":
        return [("", _TYPE_WORDS.get(inner or "string", "string"))]
    if outer not in _TYPE_WORDS:
        return None
    type_ = _TYPE_WORDS[outer]
    if match["list"]:
        return [("", "array"), ("[]", type_)]
    if type_ == "array":
        item = _TYPE_WORDS.get(re.split(r"[\s{<]", inner)[0]) if inner else None
        return [("", "array"), *([("[]", item)] if item else [])]
    return [("", type_)] if not inner or type_ != "object" else [("", "object")]


def steps_of(name: str) -> list[str]:
    """ "image_list[].image" → image_list, [], image."""
    steps: list[str] = []
    for step in name.split("."):
        base, bracket, _ = step.partition("[")
        steps += [s for s in (base, "[]" if bracket else "") if s]
    return steps


@dataclass(slots=True)
class Draft:
    """A field while its lines are read: its path ([""] for no name), facts, and the pieces of its description."""

    path: FieldPath
    line: int
    keywords: list[Keyword] = field(default_factory=list)
    pieces: list[Line] = field(default_factory=list)
    item: Any = None
    item_line: int = 0

    def get(self, keyword: str) -> Any:
        return next((k.value for k in self.keywords if k.name == keyword), None)


def finish(draft: Draft, scribe: Scribe, extra: Sequence[Field] = ()) -> list[Field]:
    """The field, its description read, followed by its items where their type is known."""
    text = "\n".join(piece.text for piece in draft.pieces)
    starts = [0]
    for piece in draft.pieces:
        starts.append(starts[-1] + len(piece.text) + 1)

    def line_of(offset: int) -> int:
        return draft.pieces[min(bisect.bisect_right(starts, offset) - 1, len(draft.pieces) - 1)].number

    type_ = draft.get("type")
    if isinstance(type_, list):
        type_ = next((one for one in type_ if one != "null"), None)
    keywords = [*draft.keywords, *scribe.told(text, type_, line_of, draft.path)]
    out = [Field(draft.path, scribe.combined(draft.path, keywords), wording=text, line=draft.line)]
    if draft.item is not None:
        item = scribe.keyword("type", draft.item, draft.item_line)
        out.append(Field((*draft.path, "[]"), (item,), line=draft.item_line))
    return [*out, *extra]
