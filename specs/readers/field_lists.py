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

from understudy.specs.prose.values import parse_list, typed
from understudy.specs.readers.page_text import METHODS, FieldDraft, Line, parse_type, steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.facts import FactLog

MAX_ITEMS = 2_000
MAX_NESTED = 12

_NAME = r"[A-Za-z_$][\w$-]{0,79}(?:\[\d*\])?(?:\.[A-Za-z_$][\w$-]{0,79}(?:\[\d*\])?|\.\[\])*"
# A type in code or italics behind a name: prompt `string`.
_CODED_TYPE = (
    r"[`*_]{1,2}(?:string|str|integer|int|number|float|double|boolean|bool|object|array|list|enum|file)\b"
)
_CODED = re.compile(rf"\s{{1,3}}{_CODED_TYPE}")
_MARKED = re.compile(
    rf"(?:\*\*|__)?`(?P<code>{_NAME})`(?:\*\*|__)?|(?:\*\*|__)(?P<bold>{_NAME})(?:\*\*|__)|(?P<bare>{_NAME})(?=\s*[(（]|\s{{1,3}}{_CODED_TYPE}|\s?[:：]\s{{1,3}}\w{{3,12}}(?:\[\])?\s[(（](?:required|optional|必填|选填|可选)[)）])"
)
# An entry without a bullet: "  prompt (string, required): words".
_PLAIN = re.compile(
    rf"(?P<indent>[ \t]+)(?P<text>`?{_NAME}`?[ \t]{{0,3}}[(（\[](?P<type>[^()（）\[\]]{{1,60}}(?:\[\])?)[)）\]].*)\Z"
)
# One of the values below `Options:`, each an entry: `5`: five seconds.
_OPTION = re.compile(r"(?:\*\*)?[`\"'](?P<value>[^`\"'\n]{1,80})[`\"'](?:\*\*)?\s*(?:[:：(（—–=-].*)?\Z")
_TYPED_FIRST = re.compile(
    r"(?P<in>(?:(?:array|list) of )?(?:[A-Za-z]\w{2,20}(?:\[\]|<\w{1,20}>)?|字符串|整数|整型|数字|浮点数|布尔值?|对象|数组)(?:\s[(（](?:required|optional|必填|选填|可选)[)）])?(?:\s{0,2}[,;·|，；]\s{0,2}[*_]{0,2}(?:required|optional|mandatory|必填|选填|可选|default\s{0,2}[:=]?\s{0,2}[\w.\"'`:/-]{1,40})[*_]{0,2})*)(?P<after>(?:\s{0,2}(?:[.;,:·|—–-]\s|[，。；：]).*|\s(?:between|from|in\sthe\srange|up\sto|at\smost|at\sleast|[<>]=|[≤≥])\s?\S.*|\s*))\Z",
    re.IGNORECASE,
)
# What stands in brackets behind a name, in italics or bold: *(string, optional)*.
_EMPHASISED = re.compile(r"[*_]{1,3}(?P<in>[(（][^()（）*\n]{1,200}[)）])[*_]{1,3}")
# A heading that is a name and nothing else.
_BARE = re.compile(rf"(?P<code>(?P<bold>(?P<bare>{_NAME})))")
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(?P<text>\S.*)\Z")
# A heading, or a paragraph in bold and nothing else, which pages use as one.
_HEADED = re.compile(r"(?:#{2,6}\s+(?=\S)|(?=\*\*[^*]{1,200}\*\*\Z))(?P<text>.*)\Z")
_WORDS = {
    "type": r"(?:data\s*)?type|类型|数据类型",
    "required": r"required\??|mandatory|(?:是否)?(?:必填|必须|必需|必选|必传)",
    "optional": r"optional\??|可选",
    "default": r"default(?:\s*value)?|默认值?|缺省值",
    "enum": r"enum(?:s|\s*values?)?|(?:available\s*)?options|allowed(?:\s*values?)?|possible\s*values?|valid\s*values?|choices|枚举值?|可选值|可用选项(?:及含义)?|取值",
    "example": r"examples?|samples?|示例值?|例如",
    "description": r"description|meaning|notes?|描述|说明|含义",
    "place": r"in|location|(?:参数)?位置",
    "limits": r"(?:value\s*)?range|(?:max(?:imum)?|min(?:imum)?)(?:\s*(?:length|items|value|(?:file\s*)?size|count|images))?|length|limits?|constraints?|范围|长度|最大(?:长度|值)?|最小(?:长度|值)?|限制",
}
_WORD = re.compile(
    r"[*_`]{0,3}(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items())
    + r")[*_`]{0,3}\s*[:：=]\s*[*_]{0,2}(?P<value>.*)\Z", re.IGNORECASE,
)  # fmt: skip
# A heading, a block, a table, a request line, or what leads to any of them.
_ENDS_PARAGRAPHS = re.compile(
    rf"#|```|~~~|\||[{{<>]|curl\b|\*\*[^*]{{1,80}}\*\*[:：]?\Z|\W{{0,4}}(?:{'|'.join(METHODS).upper()})\b|.{{0,200}}[:：]\Z"
)
_SAID_YES = re.compile(r"(?:required|mandatory|yes|true|必填|必须|必选|是)\Z", re.IGNORECASE)
_SAID_NO = re.compile(r"(?:optional|no|false|not\s+required|可选|选填|非必填|否)\Z", re.IGNORECASE)
# These alone say nothing: "`yes`, `no`" are values.
_PLAIN_ANSWERS = ("yes", "no", "true", "false", "是", "否")
# What else is said of a field before its description, set apart by dashes: "- required - string - Words".
_GOES_ON = re.compile(
    r"\s{0,2}(?:[-–—|·]\s{1,2}[*_`]{0,2}(?P<word>[A-Za-z][\w<>\[\] ]{1,30}?|必填|选填|可选)[*_`]{0,2}(?=\s{1,2}[-–—|·]\s|\s{0,3}\Z)|[(（](?P<in>[^()（）]{1,120})[)）]|(?P<type>[A-Za-z]{3,10}(?:\[\])?)(?=[.,;]\s|\s{0,3}\Z))"
)
_DEFAULT = re.compile(r"(?:default(?:s\s+to|\s+is)?|默认值?为?)\s*[:：=]?\s*(?P<value>\S.*)\Z", re.IGNORECASE)
# Types of files as some pages name them: records with an address, or their bytes. Examples show which.
_RECORDS = ("File", "Image", "Video", "Audio")
_NAMED_TYPE = re.compile(rf"(?!(?:{'|'.join(METHODS).upper()})\Z)[A-Z]\w*(?:Enum|Type|Mode)?\Z|enum\Z")


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
    if line.startswith(("**", "`")):
        return _paragraphs(lines, start) or _headed(lines, start) or (None, start + 1)
    if not _entry(line[:2000]):
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


def _entry(line: str) -> re.Match[str] | None:
    """An entry of a list: behind a bullet, or indented and a name with its type in brackets."""
    found = _ITEM.match(line)
    if (
        found is None
        and (found := _PLAIN.match(line))
        and not parse_type(re.split(r"[,;]", found["type"])[0])
    ):
        return None
    return found


def _headed(lines: Sequence[str], start: int) -> tuple[FieldList, int] | None:
    """A heading that is a field's name, when what is said of a field follows at once."""
    found = _headed_name(lines[start].strip()[:500])
    if found is None:
        return None
    heading, name = found
    first = next((i for i in range(start + 1, min(start + 4, len(lines))) if lines[i].strip()), len(lines))
    item = _ITEM.match(lines[first][:2000]) if first < len(lines) else None
    if name.re is _BARE and not (
        item and (said := _WORD.match(item["text"])) and (said["type"] or said["required"])
    ):
        return None
    if not (item and _WORD.match(item["text"])) and not paren(heading["text"][name.end() :]):
        return None
    end = next((i for i in range(first, len(lines)) if _ends_headed(lines, i)), len(lines))
    below = [Line(i + 1, lines[i].strip()) for i in range(start + 1, end) if lines[i].strip()]
    return FieldList((Item(0, Line(start + 1, heading["text"]), below),)), end


def _headed_name(line: str) -> tuple[re.Match[str], re.Match[str]] | None:
    """A heading that is a field's name, perhaps with its type behind: the heading, and the name in it."""
    heading = _HEADED.match(line)
    name = (_MARKED.match(heading["text"]) or _BARE.fullmatch(heading["text"])) if heading else None
    if heading is None or name is None:
        return None
    rest = heading["text"][name.end() :]
    return (heading, name) if not rest.rstrip(" ()（）") or paren(rest) else None


def _ends_headed(lines: Sequence[str], index: int) -> bool:
    """Whether a line ends what is said below a heading: another one, in bold too, or what is no text."""
    line = lines[index]
    if line.startswith(("#", "```", "~~~", "|")):
        return True
    return line.startswith("**") and _headed_name(line.strip()[:500]) is not None


def _paragraphs(lines: Sequence[str], start: int) -> tuple[FieldList, int] | None:
    """Paragraphs that begin with a field's name and its type in brackets, "**n** (integer, optional)"; what
    follows one, up to the next one or to the end of the part, is said of it."""
    items: list[Item] = []
    index = start
    while index < len(lines) and len(items) <= MAX_ITEMS:
        text = lines[index].strip()[:20_000]
        if _begins_paragraph(text):
            items.append(Item(0, Line(index + 1, text)))
        elif not items or _ENDS_PARAGRAPHS.match(text[:300]):
            break
        elif text:
            items[-1].below.append(Line(index + 1, text))
        index += 1
    return (FieldList(tuple(items)), index) if len(items) > 1 else None


def _begins_paragraph(text: str) -> bool:
    name = _MARKED.match(text[:200]) if text.startswith(("**", "`")) else None
    said = re.match(r"\s?[(（]([^()（）]{1,200})[)）]", text[name.end() :][:300]) if name else None
    if said is not None:
        return any(parse_type(word) for word in re.split(r"[,;，；、]", said[1]))
    return name is not None and _CODED.match(text[name.end() :][:300]) is not None


def _items(lines: Sequence[str], start: int) -> tuple[list[Item], int]:
    items: list[Item] = []
    index = start
    while index < len(lines) and len(items) <= MAX_ITEMS:
        line = lines[index]
        match = _entry(line[:20_000])
        if match:
            items.append(Item(len(match["indent"].expandtabs(4)), Line(index + 1, match["text"].strip())))
        elif not line.strip():
            after = next((i for i in range(index + 1, min(index + 3, len(lines))) if lines[i].strip()), None)
            if after is None or not (_entry(lines[after][:2000]) or lines[after][:1] in " \t"):
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
    return name is not None and not _WORD.match(item.line.text) and bool(paren(item.line.text[name.end() :]))


def paren(rest: str) -> tuple[list[str], str] | None:
    """What is said in brackets (or in code or italics) right behind a name, word by word, and the text after it."""
    rest = rest.lstrip(" :：—–·|-")
    if emphasised := _EMPHASISED.match(rest):
        rest = emphasised["in"] + rest[emphasised.end() :]
    match = re.match(r"[(（\[](?P<in>(?:[^()（）]|\([^()]*\)){1,200}?)[)）\]](?P<after>.*)\Z", rest)
    match = match or re.match(
        r"(?P<in>[`*_]{1,2}[^`*_\n]{1,60}[`*_]{1,2}(?:\s*+(?:,\s*+)?[`*_]{1,2}[^`*_\n]{1,30}[`*_]{1,2}){0,3}(?:\s{1,3}(?:required|optional|必填|必选|必需|选填|可选)(?!\w))?)(?P<after>.*)\Z",
        rest,
    )
    match = match or _typed_first(rest)
    if match is None:
        return None
    # Words that are set apart by their marks alone, `**string** *required*`, are words of their own.
    inner = re.sub(r"[`*_]{1,2}\s{1,9}[`*_]{0,2}(?=[`*_\w])", ",", match["in"])
    if match.re is _TYPED_FIRST:
        inner = re.sub(r"\s[(（]([^()（）]{1,20})[)）]", r",\1", inner)
    inner = inner.replace("`", "").replace("**", "").strip("*_ ")
    words = [
        word.strip(" *_\"'")
        for word in re.split(r"[,;，；、·]|(?<!\s)\s++\|\s++(?=required|optional)", inner)
    ]
    known = [
        w
        for w in words
        if w.lower() not in _PLAIN_ANSWERS
        and (parse_type(w) or _SAID_YES.match(w) or _SAID_NO.match(w) or _NAMED_TYPE.match(w))
    ]
    return (words, match["after"]) if known else None


def _typed_first(rest: str) -> re.Match[str] | None:
    """A type at the beginning of what is said, and whether the field is required: "string, required. Words"."""
    found = _TYPED_FIRST.match(rest)
    return found if found and parse_type(re.split(r"[,;·|(（，；]", found["in"])[0].strip()) else None


def drafts(fields: FieldList, log: FactLog) -> list[FieldDraft]:
    """The fields of a list with everything said of them, but for their descriptions' meaning."""
    out: list[FieldDraft] = []
    open_: list[tuple[int, FieldDraft]] = []
    outer = min(item.indent for item in fields.items)
    options: list[Line] | None = None
    for item in fields.items:
        while open_ and open_[-1][0] >= item.indent:
            open_.pop()
        name = _MARKED.match(item.line.text) or (
            None if fields.items[1:] else _BARE.fullmatch(item.line.text)
        )
        if (said := _WORD.match(item.line.text)) and open_:
            _say(open_[-1][1], said, item.line, log)
            options = [] if said["enum"] and not said["value"].strip("*_` ") else None
        elif open_ and options is not None and not _is_typed(item) and _OPTION.match(item.line.text):
            options.append(item.line)
            _options(open_[-1][1], options, log)
        elif name and len(open_) < MAX_NESTED and (_is_typed(item) or item.indent == outer):
            draft = _draft(name, item, open_, log)
            out.append(draft)
            open_.append((item.indent, draft))
            continue
        elif open_:
            if len(open_) == MAX_NESTED and name and _is_typed(item):
                log.cut(f"fields are read {MAX_NESTED} levels deep", item.line.number)
            open_[-1][1].pieces.append(Line(item.line.number, f"- {item.line.text}"))
        if open_:
            open_[-1][1].pieces += item.below
    return out


def _draft(name: re.Match[str], item: Item, open_: list[tuple[int, FieldDraft]], log: FactLog) -> FieldDraft:
    steps = steps_of(name["code"] or name["bold"] or name["bare"])
    above: tuple[str, ...] = ()
    if open_:
        parent = open_[-1][1]
        above = (*parent.path, "[]") if parent.get("type") == "array" else parent.path
        if len(steps) > len(parent.path) and tuple(steps[: len(parent.path)]) == parent.path:
            above = ()  # the entry says its whole path
    draft = FieldDraft((*above, *steps), item.line.number)
    rest = item.line.text[name.end() :]
    if found := paren(rest):
        words, rest = found
        while (more := _GOES_ON.match(rest)) and (known := _said_words(more)):
            words, rest = [*words, *known], rest[more.end() :]
        for one in words:
            word(draft, one, item.line.number, log)
    rest = rest.lstrip(" :：—–-|")
    rest = rest.lstrip("，。；")
    if rest:
        draft.pieces.append(Line(item.line.number, rest))
    options: list[Line] | None = None
    for line in item.below:
        entry = _ITEM.match(line.text)
        said = _WORD.match(entry["text"]) if entry else None
        if said:
            _say(draft, said, line, log)
            options = [] if said["enum"] and not said["value"].strip("*_` ") else None
        elif entry and options is not None and _OPTION.match(entry["text"]):
            options.append(Line(line.number, entry["text"]))
            _options(draft, options, log)
        else:
            draft.pieces.append(line)
    return draft


def _said_words(more: re.Match[str]) -> list[str]:
    """The words that say a type or whether the field is required; [] where they say something else."""
    words = re.split(r"\s?[,;，；]\s?", more["in"]) if more["in"] else [more["word"] or more["type"]]
    words = [one.strip(" `*_") for one in words]
    known = [
        one
        for one in words
        if one.lower() not in _PLAIN_ANSWERS
        and (parse_type(one) or _SAID_YES.match(one) or _SAID_NO.match(one))
    ]
    return words if known else []


def _options(draft: FieldDraft, lines: Sequence[Line], log: FactLog) -> None:
    """The entries below `Options:`, a value each, perhaps with what it means."""
    type_ = draft.get("type")
    found = [_OPTION.match(line.text) for line in lines]
    values = [typed(one["value"], type_ if isinstance(type_, str) else None) for one in found if one]
    draft.keywords = [word for word in draft.keywords if word.name != "enum"]
    if values and None not in values:
        draft.keywords.append(log.keyword("enum", values, lines[0].number))


def word(draft: FieldDraft, word: str, line: int, log: FactLog) -> None:
    """One word of what stands in brackets: a type, whether it is required, a default."""
    if types := parse_type(word) if word not in _RECORDS else None:
        for place, type_ in types:
            if place:
                draft.item, draft.item_line = type_, line
            else:
                draft.keywords.append(log.keyword("type", type_, line))
    elif _SAID_YES.match(word) or _SAID_NO.match(word):
        draft.keywords.append(log.keyword("required", bool(_SAID_YES.match(word)), line))
    elif default := _DEFAULT.match(word):
        _default(draft, default["value"], line, log)
    elif re.search(r"\d", word):
        draft.pieces.append(Line(line, word))  # a limit: "max 2500 characters"
    elif word and not _NAMED_TYPE.match(word):
        log.note("not-understood", word[:120], line, path=draft.path)


def _say(draft: FieldDraft, said: re.Match[str], line: Line, log: FactLog) -> None:
    """One entry below a field: `type: string`, `Options: "5", "10"`."""
    value = said["value"].strip()
    bare = value.strip("`\"'*_. ")
    if said["type"]:
        word(draft, bare, line.number, log)
    elif said["required"] or said["optional"]:
        if _SAID_YES.match(bare) or _SAID_NO.match(bare):
            yes = bool(_SAID_YES.match(bare)) == bool(said["required"])
            draft.keywords.append(log.keyword("required", yes, line.number))
        else:
            log.note("not-understood", f"required: {value[:120]}", line.number, path=draft.path)
    elif said["default"]:
        _default(draft, value, line.number, log)
    elif said["enum"]:
        type_ = draft.get("type")
        values = [
            typed(one, type_ if isinstance(type_, str) else None) for one in parse_list(value, 0).values
        ]
        if values and None not in values:
            draft.keywords.append(log.keyword("enum", values, line.number))
            if type_ is None and value.count('"') == 2 * len(values):
                draft.keywords.append(log.keyword("type", "string", line.number))
        elif value:
            draft.pieces.append(Line(line.number, f"Options: {value}"))
    elif said["limits"]:
        draft.pieces.append(Line(line.number, f"{said['limits']}: {value.replace('`', '')}"))
    elif said["place"]:
        draft.place = bare.lower()
    elif said["description"] and value:
        draft.pieces.append(Line(line.number, value))


def _default(draft: FieldDraft, text: str, line: int, log: FactLog) -> None:
    type_ = draft.get("type")
    bare = text.strip("`* .")
    value = typed(bare.strip("\"'“”"), type_ if isinstance(type_, str) else None)
    if value is not None and not re.match(r"(?:none|null|-|n/?a|无)\Z", bare, re.IGNORECASE):
        draft.keywords.append(log.keyword("default", value, line))
