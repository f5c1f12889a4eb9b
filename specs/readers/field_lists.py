"""Fields as Markdown lists or headings, with what is said of each below it.

- **`prompt`** (`string`, _required_): …        ### `prompt`
  - Options: `"5"`, `"10"`                       - type: string
  - **`image`** (`string`): a field inside       - required: yes
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from specs.prose.values import parse_list, typed
from specs.readers.page_text import Draft, Line, parse_type, steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specs.readers.facts import Scribe

MAX_ITEMS = 2_000
MAX_NESTED = 12

_NAME = r"[A-Za-z_$][\w$-]{0,79}(?:\[\d*\])?(?:\.[A-Za-z_$][\w$-]{0,79}(?:\[\d*\])?|\.\[\])*"
_MARKED = re.compile(
    rf"(?:\*\*|__)?`(?P<code>{_NAME})`(?:\*\*|__)?|(?:\*\*|__)(?P<bold>{_NAME})(?:\*\*|__)|(?P<bare>{_NAME})(?=\s*[(（])"
)
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(?P<text>\S.*)\Z")
_HEADED = re.compile(r"#{2,6}\s+(?P<text>\S.*)\Z")
_WORDS = {
    "type": r"(?:data\s*)?type|类型|数据类型",
    "required": r"required\??|mandatory|必填|是否必填|必须",
    "optional": r"optional\??|可选",
    "default": r"default(?:\s*value)?|默认值?|缺省值",
    "enum": r"enum(?:s|\s*values?)?|options|allowed(?:\s*values?)?|possible\s*values?|valid\s*values?|choices|枚举值?|可选值|取值",
    "example": r"examples?|samples?|示例值?|例如",
    "description": r"description|meaning|notes?|描述|说明|含义",
    "limits": r"(?:value\s*)?range|(?:max(?:imum)?|min(?:imum)?)(?:\s*(?:length|items|value|size|count))?|length|limits?|constraints?|范围|长度|最大(?:长度|值)?|最小(?:长度|值)?|限制",
}
_WORD = re.compile(
    r"[*_`]{0,3}(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items())
    + r")[*_`]{0,3}\s*[:：=]\s*[*_]{0,2}(?P<value>.*)\Z", re.IGNORECASE,
)  # fmt: skip
_SAID_YES = re.compile(r"(?:required|mandatory|yes|true|必填|必须|必选|是)\Z", re.IGNORECASE)
_SAID_NO = re.compile(r"(?:optional|no|false|not\s+required|可选|选填|非必填|否)\Z", re.IGNORECASE)
_DEFAULT = re.compile(r"(?:default(?:s\s+to|\s+is)?|默认值?为?)\s*[:：=]?\s*(?P<value>\S.*)\Z", re.IGNORECASE)
_NAMED_TYPE = re.compile(r"[A-Z]\w*(?:Enum|Type|Mode)?\Z|enum\Z")


@dataclass(slots=True)
class Item:
    """One entry of a list, or a heading: how deep it stands, its text, and the lines below it."""

    indent: int
    line: Line
    below: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FieldList:
    """A list whose entries are fields, or one heading that is a field with what is said below it."""

    items: tuple[Item, ...]


def field_list(lines: Sequence[str], start: int) -> tuple[FieldList | None, int]:
    """The list of fields that begins on the line at index `start`, and the index behind it; or None, and the
    index before which none begins."""
    line = lines[start]
    if line.startswith("#"):
        return _headed(lines, start) or (None, start + 1)
    if not _ITEM.match(line[:2000]):
        return None, start + 1
    items, end = _items(lines, start)
    first = _first_of_fields(items)
    if first is None:
        return None, end
    return (FieldList(tuple(items)), end) if first == 0 else (None, items[first].line.number - 1)


def _first_of_fields(items: Sequence[Item]) -> int | None:
    """The first entry with which a list of fields begins: of those from it on, one of the outermost is typed."""
    first = None
    outer, is_typed = sys.maxsize, False
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if item.indent <= outer:
            is_typed = (is_typed and item.indent == outer) or _is_typed(item)
            outer = item.indent
        if is_typed:
            first = index
    return first


def _headed(lines: Sequence[str], start: int) -> tuple[FieldList, int] | None:
    """A heading that is a field's name, when what is said of a field follows at once."""
    heading = _HEADED.match(lines[start].strip()[:500])
    name = _MARKED.match(heading["text"]) if heading else None
    if (
        heading is None
        or name is None
        or (name.end() < len(heading["text"].rstrip(" ()（）")) and not _paren(heading["text"][name.end() :]))
    ):
        return None
    first = next((i for i in range(start + 1, min(start + 4, len(lines))) if lines[i].strip()), len(lines))
    item = _ITEM.match(lines[first][:2000]) if first < len(lines) else None
    if not (item and _WORD.match(item["text"])) and not _paren(heading["text"][name.end() :]):
        return None
    end = next(
        (i for i in range(start + 1, len(lines)) if lines[i].startswith(("#", "```", "~~~", "|"))), len(lines)
    )
    below = [Line(i + 1, lines[i].strip()) for i in range(start + 1, end) if lines[i].strip()]
    return FieldList((Item(0, Line(start + 1, heading["text"]), below),)), end


def _items(lines: Sequence[str], start: int) -> tuple[list[Item], int]:
    items: list[Item] = []
    index = start
    while index < len(lines) and len(items) <= MAX_ITEMS:
        line = lines[index]
        match = _ITEM.match(line[:20_000])
        if match:
            items.append(Item(len(match["indent"].expandtabs(4)), Line(index + 1, match["text"].strip())))
        elif not line.strip():
            after = next((i for i in range(index + 1, min(index + 3, len(lines))) if lines[i].strip()), None)
            if after is None or not (_ITEM.match(lines[after][:2000]) or lines[after][:1] in " \t"):
                break
        elif line[:1] in " \t" and not line.strip().startswith(("```", "~~~", "|")):
            items[-1].below.append(Line(index + 1, line.strip()))
        else:
            break
        index += 1
    return items, index


def _is_typed(item: Item) -> bool:
    """Whether the entry names a field and says its type, or whether it is required."""
    name = _MARKED.match(item.line.text)
    return name is not None and not _WORD.match(item.line.text) and bool(_paren(item.line.text[name.end() :]))


def _paren(rest: str) -> tuple[list[str], str] | None:
    """What is said in brackets (or in code or italics) right behind a name, word by word, and the text after it."""
    rest = rest.lstrip(" :：—–-")
    match = re.match(r"[(（\[](?P<in>(?:[^()（）]|\([^()]*\)){1,200}?)[)）\]](?P<after>.*)\Z", rest)
    match = match or re.match(
        r"(?P<in>[`*_][^`*_\n]{1,60}[`*_](?:\s*+(?:,\s*+)?[`*_]{1,2}[^`*_\n]{1,30}[`*_]{1,2})?)(?P<after>.*)\Z",
        rest,
    )
    if match is None:
        return None
    inner = match["in"].replace("`", "").replace("**", "").strip("*_ ")
    words = [
        word.strip(" *_\"'")
        for word in re.split(r"[,;，；、·]|(?<!\s)\s++\|\s++(?=required|optional)", inner)
    ]
    known = [
        w for w in words if parse_type(w) or _SAID_YES.match(w) or _SAID_NO.match(w) or _NAMED_TYPE.match(w)
    ]
    return (words, match["after"]) if known else None


def drafts(fields: FieldList, scribe: Scribe) -> list[Draft]:
    """The fields of a list with everything said of them, but for their descriptions' meaning."""
    out: list[Draft] = []
    open_: list[tuple[int, Draft]] = []
    outer = min(item.indent for item in fields.items)
    for item in fields.items:
        while open_ and open_[-1][0] >= item.indent:
            open_.pop()
        name = _MARKED.match(item.line.text)
        if (said := _WORD.match(item.line.text)) and open_:
            _say(open_[-1][1], said, item.line, scribe)
        elif name and len(open_) < MAX_NESTED and (_is_typed(item) or item.indent == outer):
            draft = _draft(name, item, open_, scribe)
            out.append(draft)
            open_.append((item.indent, draft))
            continue
        elif open_:
            if len(open_) == MAX_NESTED and name and _is_typed(item):
                scribe.cut(f"fields are read {MAX_NESTED} levels deep", item.line.number)
            open_[-1][1].pieces.append(Line(item.line.number, f"- {item.line.text}"))
        if open_:
            open_[-1][1].pieces += item.below
    return out


def _draft(name: re.Match[str], item: Item, open_: list[tuple[int, Draft]], scribe: Scribe) -> Draft:
    steps = steps_of(name["code"] or name["bold"] or name["bare"])
    above: tuple[str, ...] = ()
    if open_:
        parent = open_[-1][1]
        above = (*parent.path, "[]") if parent.get("type") == "array" else parent.path
    draft = Draft((*above, *steps), item.line.number)
    rest = item.line.text[name.end() :]
    if found := _paren(rest):
        words, rest = found
        for word in words:
            _word(draft, word, item.line.number, scribe)
    rest = rest.lstrip(" :：—–-")
    if rest:
        draft.pieces.append(Line(item.line.number, rest))
    for line in item.below:
        entry = _ITEM.match(line.text)
        said = _WORD.match(entry["text"]) if entry else None
        if said:
            _say(draft, said, line, scribe)
        else:
            draft.pieces.append(line)
    return draft


def _word(draft: Draft, word: str, line: int, scribe: Scribe) -> None:
    """One word of what stands in brackets: a type, whether it is required, a default."""
    if types := parse_type(word):
        for place, type_ in types:
            if place:
                draft.item, draft.item_line = type_, line
            else:
                draft.keywords.append(scribe.keyword("type", type_, line))
    elif _SAID_YES.match(word) or _SAID_NO.match(word):
        draft.keywords.append(scribe.keyword("required", bool(_SAID_YES.match(word)), line))
    elif default := _DEFAULT.match(word):
        _default(draft, default["value"], line, scribe)
    elif word and not _NAMED_TYPE.match(word):
        scribe.note("not-understood", word[:120], line, path=draft.path)


def _say(draft: Draft, said: re.Match[str], line: Line, scribe: Scribe) -> None:
    """One entry below a field: `type: string`, `Options: "5", "10"`."""
    value = said["value"].strip()
    bare = value.strip("`\"'*_. ")
    if said["type"]:
        _word(draft, bare, line.number, scribe)
    elif said["required"] or said["optional"]:
        if _SAID_YES.match(bare) or _SAID_NO.match(bare):
            yes = bool(_SAID_YES.match(bare)) == bool(said["required"])
            draft.keywords.append(scribe.keyword("required", yes, line.number))
        else:
            scribe.note("not-understood", f"required: {value[:120]}", line.number, path=draft.path)
    elif said["default"]:
        _default(draft, value, line.number, scribe)
    elif said["enum"]:
        type_ = draft.get("type")
        values = [
            typed(one, type_ if isinstance(type_, str) else None) for one in parse_list(value, 0).values
        ]
        if values and None not in values:
            draft.keywords.append(scribe.keyword("enum", values, line.number))
        elif value:
            draft.pieces.append(Line(line.number, f"Options: {value}"))
    elif said["limits"]:
        draft.pieces.append(Line(line.number, f"{said['limits']}: {value.replace('`', '')}"))
    elif said["description"] and value:
        draft.pieces.append(Line(line.number, value))


def _default(draft: Draft, text: str, line: int, scribe: Scribe) -> None:
    type_ = draft.get("type")
    bare = text.strip("`* .")
    value = typed(bare.strip("\"'“”"), type_ if isinstance(type_, str) else None)
    if value is not None and not re.match(r"(?:none|null|-|n/?a|无)\Z", bare, re.IGNORECASE):
        draft.keywords.append(scribe.keyword("default", value, line))
