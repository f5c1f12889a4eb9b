"""Text of rendered pages: lines with their numbers, the operation that a page is about, and drafts of fields."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from understudy.specs.model import Field

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from understudy.specs.documents import Document
    from understudy.specs.model import FieldPath, Keyword
    from understudy.specs.readers.facts import FactLog

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# How lines say them: those that are words of labels, too, "Query: https://…", in capitals alone.
SAID_METHODS = "get|put|post|delete|patch|(?-i:OPTIONS|HEAD|TRACE|QUERY)"
# Methods whose requests have no body.
BODILESS = ("get", "head")
# Headers that every request has; no document promises anything by them.
NOISE = ("content-type", "authorization", "accept")
MAX_LINE = 20_000
MAX_LINES = 10_000
# Lines of one example, and of one command.
MAX_COMMAND = 2_000
MAX_JSON_LINES = 2_000

# Where a block of code begins or ends (CommonMark, section 4.5), also in a list or a quotation.
FENCE = re.compile(r"[ \t>]{0,12}(?:`{3,}|~{3,})")
_INVISIBLE = re.compile(r"[\u200b\u200c\u200d\ufeff\u2060]")
_METHOD = re.compile(rf"(?:{'|'.join(METHODS)})\Z", re.IGNORECASE)
_METHOD_AND_PATH = re.compile(
    rf"\b(?P<method>{SAID_METHODS})\b[\s:`\"']{{1,4}}(?:https?://[^/\s]+)?(?P<path>/[\w.~/{{}}:-]+)",
    re.IGNORECASE | re.ASCII,
)
# A path among words: not where a link of the page leads, or a picture is.
_PATH = re.compile(
    r"(?<![\w/:.])(?<!\]\()(?<!href=[\"'])(?<!src=[\"'])(?P<path>/(?:[\w~{}-]+/)+[\w.~{}-]*[\w}])",
    re.ASCII,
)
_PATH_LINE = re.compile(r"/(?:[\w~:-]{1,80}|\{\w{1,80}\})(?:/(?:[\w.~:-]{1,80}|\{\w{1,80}\})){1,20}\Z")
# An address on a line of its own: below the method it is the operation's.
_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?(?P<path>/(?:[\w~{}:-]+/)*[\w.~{}-]*[\w}])(?:\?\S{0,300})?")
# The query by which calls to one address are told apart, in front of which a path may be a slash alone:
# `/?Action=SubmitTask&Version=2024-01-01`, `/index.php?endpoint=make_clip`.
_OTHERS, _KEY = r"\?(?:[\w.%=-]{1,80}&){0,8}", r"(?-i:[Aa]ction|endpoint|operation|cmd)"
ACTION = rf"{_OTHERS}{_KEY}="
_ACTION = re.compile(rf"{_OTHERS}(?P<key>{_KEY})=(?P<action>[A-Za-z][\w-]{{1,80}})(?![\w:/<{{-])")
# Names that are none: the reason phrase of an answer, and what a page calls one that went well.
_REASONS = frozenset(
    {
        "ok",
        "success",
        "successful",
        "successful response",
        "error",
        "成功",
        "失败",
        *(s.phrase.lower() for s in HTTPStatus),
    }
)
_CODE_BEGINS = re.compile(r"\s*(?:\{\s*\Z|\{\s*[\"'])")
_FRAGMENT = re.compile(r"\"[A-Za-z_][\w-]{0,79}\"\s{0,3}[:：]\s{0,3}[\[{]")
TYPE_WORDS = {
    "string": "string", "str": "string", "text": "string", "integer": "integer", "int": "integer", "long": "integer",
    "int32": "integer", "int64": "integer", "number": "number", "float": "number", "double": "number",
    "float32": "number", "float64": "number", "uint": "integer", "uint32": "integer", "uint64": "integer",
    "decimal": "number", "boolean": "boolean", "bool": "boolean", "object": "object", "map": "object", "json": "object",
    "dict": "object", "dictionary": "object", "array": "array", "list": "array", "null": "null", "file": "string",
    "字符串": "string", "字串": "string", "整数": "integer", "整型": "integer",
    "数字": "number", "浮点数": "number", "布尔": "boolean", "布尔值": "boolean", "对象": "object", "数组": "array",
}  # fmt: skip
_TYPE = re.compile(
    r"(?P<outer>[A-Za-z一-鿿][\w一-鿿]*)\s*(?:(?P<list>\[\])|[<\[(](?P<inner>[^<>\[\]()]*)(?:<[^<>]*>)?[>\])])?(?:\s*\{\d+\})?\Z"
)

_LIST_OF = re.compile(r"(?:array|list)\s+of\s+(\w+?)s?\Z", re.IGNORECASE)
_ITEM_IN_BRACES = re.compile(r"\{([A-Za-z]\w{0,30})\}\Z")
_ITEM_FIRST = re.compile(r"(\w{2,20})\s(?:array|list)\Z|([一-鿿]{2,4})(?:数组|列表)\Z", re.IGNORECASE)
_ITEM_BESIDE_BRACKETS = re.compile(r"\[(\w+)\]\Z|\[\]\*?(\w+)\Z")
# Words that say nothing more: "json object", "enum string", "string enum".
_BESIDE_TYPE = re.compile(
    r"\Ajson\s(?=(?:object|array)\Z)|\Aenum\s(?=\w{3,10}\Z)|(?<=\w)\senum\Z", re.IGNORECASE
)
_TYPES_APART = re.compile(r"\||\bor\b")
_END_OF_ITEM = re.compile(r"[\s{<]")
_CURL = re.compile(r"(?:[$>]\s+)?curl\s+(?:-|['\"]?https?:|\\)")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the document without invisible characters, and its number (from 1)."""

    number: int
    text: str


# Pictures beside a word: "integer 🆕".
_PICTURES = re.compile(r"[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]")
# A parameter of a path as routers write it.
_COLON_PARAMETER = re.compile(r"(?<=/):([A-Za-z_]\w{0,79})(?=/|\Z)", re.ASCII)


def visible_lines(document: Document, log: FactLog | None = None) -> list[Line]:
    """The lines that show something among the first 10,000 (a page has no more), each cut at 20,000 characters.

    With a `log`, the first line that was cut is noted.
    """
    if log is not None:
        _note_cut(document, log)
    out = []
    for number, text in enumerate(document.lines[:MAX_LINES], 1):
        shown = _INVISIBLE.sub("", text[:MAX_LINE]).strip()
        if shown:
            out.append(Line(number, shown))
    return out


def _note_cut(document: Document, log: FactLog) -> None:
    long = next((n for n, text in enumerate(document.lines[:MAX_LINES], 1) if len(text) > MAX_LINE), 0)
    if long:
        log.cut(f"a line is read up to {MAX_LINE:,} characters", long)


def path_of(found: re.Match[str]) -> str:
    """The path of a match, "" where it has none, with the action that the query behind it says: one address
    serves several operations then, `/?Action=SubmitTask` and `/?Action=GetResult`."""
    action = _ACTION.match(found.string, found.end("path")) if found["path"] else None
    return f"{found['path']}?{action['key']}={action['action']}" if action else found["path"] or ""


def braced(path: str) -> str:
    """A path with each parameter in braces, as OpenAPI has them: `/v1/clips/:id` → `/v1/clips/{id}`."""
    return _COLON_PARAMETER.sub(r"{\1}", path)


def is_reason(text: str) -> bool:
    """Whether a line is what an answer is called, `OK` or `Created`, and no field's name, `created`."""
    return text.strip().lower() in _REASONS and not text.strip()[:1].islower()


def without_code(lines: Sequence[Line]) -> list[Line]:
    """The lines without `curl` commands and JSON objects of several lines: what they say is read apart.

    JSON inside of a fragment, `"image_list": [`, stays: it belongs to the field that it describes.
    """
    out: list[Line] = []
    commands: list[int] = []
    index, depth = 0, 0
    depths = [_depth(line.text) for line in lines]
    ends = _ends_of_json(depths)
    while index < len(lines):
        text = lines[index].text
        if depth <= 0 and is_command(text):
            commands = commands or _ends_of_commands(lines)
            end = commands[index]
            index = end if 0 < end - index <= MAX_COMMAND else index + 1
            continue
        opened = depths[index]
        if depth <= 0 and opened > 0 and _CODE_BEGINS.match(text) and ends[index] > index:
            index = ends[index]
            continue
        depth = max(depth, 0) + opened if (depth > 0 or text.startswith('"')) else 0
        out.append(lines[index])
        index += 1
    return out


def with_whole_fragments(lines: Sequence[Line]) -> list[Line]:
    """The lines with each fragment of JSON, `"image_list":[` and what follows up to its last bracket, as one."""
    out: list[Line] = []
    index, depth = 0, 0
    depths = [_depth(line.text) for line in lines]
    ends = _ends_of_json(depths)
    while index < len(lines):
        text = lines[index].text
        opened, end = depths[index], ends[index]
        if depth <= 0 and opened > 0 and _FRAGMENT.match(text) and end > index:
            out.append(Line(lines[index].number, " ".join(one.text for one in lines[index:end])))
            index = end
            continue
        depth = max(depth + opened, 0)
        out.append(lines[index])
        index += 1
    return out


def is_command(text: str) -> bool:
    """Whether a line begins a `curl` command that names an address or goes on below."""
    return _CURL.match(text) is not None


def _ends_of_commands(lines: Sequence[Line]) -> list[int]:
    """For each line the index behind the command that begins there: it goes on below while a line ends in a
    backslash or a quote is open. 0 where it never ends. Each line is looked at once, from the last one up."""
    ends: list[int] = []
    below = {"": 0, "'": 0, '"': 0}  # by the quote that is open
    for index in reversed(range(len(lines))):
        text = lines[index].text
        goes_on = text.endswith("\\")
        signs = re.findall(r"\\.|['\"]", text) if "'" in text or '"' in text else ()
        here = {}
        for before in below:
            quote = before
            for sign in signs:
                if quote == sign:
                    quote = ""
                elif not quote and sign in "'\"":
                    quote = sign
            here[before] = below[quote] if quote or goes_on else index + 1
        ends.append(here[""])
        below = here
    return ends[::-1]


def _depth(text: str) -> int:
    """How many more brackets a line opens than it closes, outside of its texts."""
    if "{" not in text and "[" not in text and "}" not in text and "]" not in text:
        return 0
    bare = _STRING.sub("", text)
    return bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")


def _ends_of_json(depths: Sequence[int]) -> list[int]:
    """For each line the index behind the one that closes what it opens; its own where none of the 2,000
    lines from it on does. Each line is looked at once, however many are never closed."""
    total = [0, *accumulate(depths)]
    ends = list(range(len(depths)))
    open_: list[int] = []
    for index, depth in enumerate(total):
        while open_ and total[open_[-1]] >= depth:
            start = open_.pop()
            ends[start] = index if index - start <= MAX_JSON_LINES else start
        if index < len(depths):
            open_.append(index)
    return ends


def operation_head(lines: Sequence[Line]) -> tuple[str, str, int]:
    """Method (lower case), path and line of the operation that the page is about; "" for what it does not say."""
    method, method_line = "", 0
    for index, line in enumerate(lines):
        text = line.text[:2000]
        following = lines[index + 1] if index + 1 < len(lines) else line
        if _METHOD.match(text) and "{" in following.text and _PATH_LINE.match(following.text[:2000]):
            # Each on a line of its own; a command further down calls it with values for its parameters.
            return text.lower(), following.text, following.number
        if both := _METHOD_AND_PATH.search(text):
            return both["method"].lower(), both["path"], line.number
        if not method and _METHOD.match(text):
            method, method_line = text.lower(), line.number
    for line in lines:
        if path := _ADDRESS.fullmatch(line.text[:2000]) or _PATH.search(line.text[:2000]):
            return method or "post", path["path"], line.number
    return method, "", method_line


def parse_type(text: str) -> list[tuple[str, Any]] | None:
    """The keywords that a type says, as (place, type) with place "" or "[]"; None when `text` is no type.

    "string" → string; "enum<string>" → string; "array [string]", "string[]", "[]string" → array of string;
    "string | null" → [string, null]; "object {2}" → object.
    """
    found = _type_said(text[:80])
    if found is None:
        return None
    return [(place, list(one) if isinstance(one, list) else one) for place, one in found]


# A page has few types, and many fields of each.
@lru_cache(maxsize=1_000)
def _type_said(text: str) -> tuple[tuple[str, Any], ...] | None:
    text = _plain_type(_PICTURES.sub("", text).strip())
    if "|" in text or " or " in text:
        parts = [_type_said(part) for part in _TYPES_APART.split(text)]
        if any(part is None or len(part) != 1 for part in parts):
            return None
        return (("", [part[0][1] for part in parts if part]),)
    match = _TYPE.match(text)
    if match is None:
        return None
    outer, inner = match["outer"].lower(), (match["inner"] or "").strip().lower()
    if outer == "enum":
        return (("", TYPE_WORDS.get(inner or "string", "string")),)
    if outer not in TYPE_WORDS:
        return None
    type_ = TYPE_WORDS[outer]
    if match["list"]:
        return (("", "array"), ("[]", type_))
    if type_ == "array":
        item = TYPE_WORDS.get(_END_OF_ITEM.split(inner)[0]) if inner else None
        return (("", "array"), *([("[]", item)] if item else []))
    return (("", type_),)


def _plain_type(text: str) -> str:
    """A type with a list's item in brackets behind it: "array of strings", "string array", 字符串数组, "[]string"."""
    if of := _LIST_OF.match(text):
        text = f"array[{of[1]}]"
    text = _ITEM_IN_BRACES.sub(r"<\1>", text)
    if listed := _ITEM_FIRST.match(text):
        text = f"array[{listed[1] or listed[2]}]"
    text = _BESIDE_TYPE.sub("", text)
    if listed := _ITEM_BESIDE_BRACKETS.match(text):
        text = f"array[{listed[1] or listed[2]}]"
    return text


def count_of(type_: str) -> int | None:
    """How many fields a type says that an object has: "object {2}", "array [object {3}]"."""
    said = re.search(r"\{\s{0,2}(\d{1,3})\s{0,2}\}", type_[:80])
    return int(said[1]) if said else None


def steps_of(name: str) -> list[str]:
    """ "image_list[].image" → image_list, [], image. A capital N counts in signed APIs: "Images.N.Url" → Images, [], Url."""
    steps: list[str] = []
    for count, step in enumerate(name.split(".")):
        base, bracket, _ = ("", "[", "") if count and step == "N" else step.partition("[")
        steps += [s for s in (base, "[]" if bracket else "") if s]
    return steps


def through_lists(path: Sequence[str], lists: Set[FieldPath]) -> FieldPath:
    """The path with "[]" behind each step that is known to be a list."""
    out: list[str] = []
    for step in path:
        if tuple(out) in lists and step != "[]":
            out.append("[]")
        out.append(step)
    return tuple(out)


@dataclass(slots=True)
class FieldDraft:
    """A field while its lines are read: its path ([""] for no name), facts, and the pieces of its description."""

    path: FieldPath
    line: int
    keywords: list[Keyword] = field(default_factory=list)
    pieces: list[Line] = field(default_factory=list)
    # Examples of its value, as JSON.
    samples: list[Line] = field(default_factory=list)
    item: Any = None
    item_line: int = 0
    # The values of its items, as far as they are said.
    item_values: Sequence[Any] = ()
    # How many fields its type says that it holds, `object {2}`; None where it says nothing.
    count: int | None = None
    # Where it is sent, as the page says it of this field alone: "header", "query"; "" where it does not.
    place: str = ""

    def get(self, keyword: str) -> Any:
        return next((k.value for k in self.keywords if k.name == keyword), None)


def finish(draft: FieldDraft, log: FactLog, extra: Sequence[Field] = ()) -> list[Field]:
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
    keywords = [*draft.keywords, *log.told(text, type_, line_of, draft.path)]
    out = [Field(draft.path, log.combined(draft.path, keywords), wording=text, line=draft.line)]
    if draft.item is not None or draft.item_values:
        words = [log.keyword("type", draft.item, draft.item_line)] if draft.item is not None else []
        words += [log.keyword("enum", list(draft.item_values), draft.item_line)] if draft.item_values else []
        out.append(Field((*draft.path, "[]"), tuple(words), line=draft.item_line))
    return [*out, *extra]
