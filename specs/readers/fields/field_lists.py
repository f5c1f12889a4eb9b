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

from understudy.specs.readers.fields.child_boxes import is_box
from understudy.specs.readers.fields.field_words import (
    SAID_NO,
    SAID_YES,
    WORD,
    literal_union,
    paren,
)
from understudy.specs.readers.text.page_text import METHODS, Line, parse_type
from understudy.specs.readers.text.part_headings import ONLY_FIELDS, PRESENCE_LINE, part_of

if TYPE_CHECKING:
    from collections.abc import Sequence


MAX_ITEMS = 1_000
MAX_NESTED = 12
# So many lines above a list a table may end of whose fields it says more.
MAX_ABOVE = 8

_NAME = r"[A-Za-z_$][\w$-]{0,79}(?:\[\d*\])?(?:\.[A-Za-z_$][\w$-]{0,79}(?:\[\d*\])?|\.\[\])*"
# A type in code or italics behind a name: prompt `string`.
_CODED_TYPE = (
    r"[`*_]{1,2}(?:string|str|integer|int|number|float|double|boolean|bool|object|array|list|enum|file)\b"
)
_CODED = re.compile(rf"\s{{1,3}}{_CODED_TYPE}")
MARKED = re.compile(
    rf"(?:\*\*|__)?`(?P<code>{_NAME})`(?:\*\*|__)?|(?:\*\*|__)(?P<bold>{_NAME})(?:\*\*|__)|[*_](?P<italic>{_NAME})[*_](?=\s{{1,3}}[`(（{{\[<])|(?P<bare>{_NAME})(?=\s*[(（]|\s{{1,3}}{_CODED_TYPE}|\s?[:：]\s{{1,3}}\w{{3,12}}(?:\[\])?\s[(（](?:required|optional|必填|选填|可选)[)）])"
)
# An entry without a bullet: "  prompt (string, required): words".
_PLAIN = re.compile(
    rf"(?P<indent>[ \t]+)(?P<text>`?{_NAME}`?[ \t]{{0,3}}[(（\[](?P<type>[^()（）\[\]]{{1,60}}(?:\[\])?)[)）\]].*)\Z"
)
# A heading that is a name and nothing else.
BARE = re.compile(rf"(?P<code>(?P<bold>(?P<italic>(?P<bare>{_NAME}))))")
ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(?P<text>\S.*)\Z")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\([^)\n]{1,500}\)")
_NAMED_TYPE = re.compile(r"(?:[A-Z][a-z0-9]{1,30}){2,6}")
# In a heading above a list: its entries are fields of a body.
_OF_FIELDS = re.compile(r"param|field|attribute|propert|argument|参数|字段|属性", re.IGNORECASE)
_BODIES = ("body", "response")
# A value of a status, which lists below an answer explain as well.
_STATE = re.compile(
    r"pending|queued|waiting|submitted|running|processing|in_progress|completed?|success|succeeded|finished|done|failed|error|cancell?ed|expired|timeout"
)
# Behind a name: what is said of it.
_WORDS_BEHIND = re.compile(r"\s{0,3}(?:[:：]|[-–—]\s)\s{0,3}\S")
# Lines below a heading among which the label of a type makes it a field's name.
MAX_BEFORE_LABELS = 12
_BARS = re.compile(r"[ \t]{1,4}[|·•][ \t]{1,4}")
_LEVELS = re.compile(r"(?<=\w)\s{0,2}[»›]\s{0,2}(?=\w)")
# A heading, or a paragraph in bold and nothing else, which pages use as one.
_HEADED = re.compile(r"(?:#{2,6}\s+(?=\S)|(?=\*\*[^*]{1,200}\*\*\Z))(?P<text>.*)\Z")
# A heading, a block, a table, a request line, or what leads to any of them.
_ENDS_PARAGRAPHS = re.compile(
    rf"#|```|~~~|\||[{{<>]|curl\b|\*\*[^*]{{1,80}}\*\*[:：]?\Z|\W{{0,4}}(?:{'|'.join(METHODS).upper()})\b|.{{0,200}}[:：]\Z"
)


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
    level: int = 0  # of the heading, how many marks it has


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
        return (FieldList(tuple(items)), end) if _are_announced(lines, start, items) else (None, end)
    return (FieldList(tuple(items)), end) if first == 0 else (None, items[first].line.number - 1)


def _are_announced(lines: Sequence[str], start: int, items: Sequence[Item]) -> bool:
    """Whether the line above a list says that its entries are fields, and each of the outermost is a name in code
    or in bold with words behind it: "Required fields: - `a`: words", "Response fields: - `a` - words"."""
    above = next(
        (lines[n].strip()[:100] for n in range(start - 1, max(start - 3, -1), -1) if lines[n].strip()), ""
    )
    heading = above.strip("#*:： ")
    is_part = part_of(heading) in _BODIES
    is_said = PRESENCE_LINE.fullmatch(heading) or (_OF_FIELDS.search(heading) and is_part)
    is_headed = ONLY_FIELDS.fullmatch(heading) or (is_part and _are_names(items))
    if not is_said and (not is_headed or _is_below_table(lines, start)):
        return False
    outer = [item.line.text for item in items if item.indent == items[0].indent]
    names = [MARKED.match(text) for text in outer]
    return all(
        name is not None
        and (name["code"] or (is_said and not name["bare"]))
        and _WORDS_BEHIND.match(text, name.end())
        for name, text in zip(names, outer, strict=True)
    )


def _are_names(items: Sequence[Item]) -> bool:
    """Whether the outermost entries of a list are named as fields are, and not all of them as states."""
    outer = [MARKED.match(item.line.text) for item in items if item.indent == items[0].indent]
    names = [one["code"] or "" for one in outer if one]
    are_plain = all(one.isidentifier() and not one.isupper() for one in names)
    return are_plain and not all(map(_STATE.fullmatch, names))


def _is_below_table(lines: Sequence[str], start: int) -> bool:
    """Whether a table stands right above the line above a list: then that says more of the table's fields."""
    above = [line.strip() for line in lines[max(start - MAX_ABOVE, 0) : start] if line.strip()][:-1]
    return bool(above) and above[-1].startswith("|")


def _first_of_fields(items: Sequence[Item]) -> int | None:
    """The first entry with which a list of fields begins: of those from it on, one of the outermost is typed."""
    first = None
    outer, has_type = sys.maxsize, False
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if item.indent <= outer:
            has_type = (has_type and item.indent == outer) or is_typed(item)
            outer = item.indent
        if has_type:
            first = index
    return first


def _entry(line: str) -> re.Match[str] | None:
    """An entry of a list: behind a bullet, or indented and a name with its type in brackets."""
    found = ITEM.match(line)
    if (
        found is None
        and (found := _PLAIN.match(line))
        and not parse_type(re.split(r"[,;]", found["type"])[0])
    ):
        return None
    return found


def _headed(lines: Sequence[str], start: int) -> tuple[FieldList, int] | None:
    """A heading that is a field's name, when what is said of a field follows at once."""
    found = _headed_name(lines[start].strip()[:1_000])
    if found is None:
        return None
    heading, name = found
    first = next((i for i in range(start + 1, min(start + 4, len(lines))) if lines[i].strip()), len(lines))
    item = ITEM.match(lines[first][:2000]) if first < len(lines) else None
    is_labelled = _has_labels(lines, start + 1)
    if name.re is BARE and not (
        is_labelled
        or (
            item and (said := WORD.match(item["text"])) and (said["type"] or said["required"] or said["path"])
        )
    ):
        return None
    is_entry = is_labelled or (item is not None and WORD.match(item["text"]) is not None)
    if not is_entry and (not _is_said(name, heading["text"]) or _says_something_else(name, heading["text"])):
        return None
    end = next((i for i in range(first, len(lines)) if _ends_headed(lines, i)), len(lines))
    below = [
        Line(i + 1, part) for i in range(start + 1, end) if lines[i].strip() for part in _labels(lines[i])
    ]
    level = len(lines[start]) - len(lines[start].lstrip("#"))
    return FieldList((Item(0, Line(start + 1, heading["text"]), below),), level), end


def _has_labels(lines: Sequence[str], start: int) -> bool:
    """Whether a line below a heading says the type of a field by that word, perhaps behind what describes it."""
    for line in lines[start : start + MAX_BEFORE_LABELS]:
        text = line.strip()[:300]
        if text.startswith(("#", "```", "|")):
            return False
        for part in _labels(text):
            said = WORD.match(part)
            if said and said["type"] and parse_type(said["value"].strip("`* ").partition(",")[0]):
                return True
    return False


def _labels(line: str) -> list[str]:
    """The line, or its parts where each is a label with what it says: "Type: `int` | Required: no"."""
    text = line.strip()
    parts = [part for part in _BARS.split(text[:400]) if part]
    return parts if len(parts) > 1 and all(WORD.match(part) for part in parts) else [text]


def _headed_name(line: str) -> tuple[re.Match[str], re.Match[str]] | None:
    """A heading that is a field's name, perhaps with its type behind: the heading, and the name in it."""
    # A link to the heading itself is no part of it: "### [mode](https://…#mode)", nor are marks of levels.
    heading = _HEADED.match(_LEVELS.sub(".", _LINK.sub(r"\1", line)) if line.startswith("#") else line)
    name = (MARKED.match(heading["text"]) or BARE.fullmatch(heading["text"])) if heading else None
    if heading is None or name is None:
        return None
    rest = heading["text"][name.end() :]
    said = paren(rest)
    if said and (name["bare"] or name.re is BARE) and said[1].strip() and not _says_a_type(said[0]):
        return None  # "Pay-per-use (PPU) options": a thing and what it is called in short
    return (heading, name) if not rest.rstrip(" ()（）") or said else None


def _says_something_else(name: re.Match[str], heading: str) -> bool:
    """Whether a heading has a name and in brackets neither type nor presence: "quickpaint (Fastest)"; a type
    may have a name of its own, "items (ClipItem)"."""
    said = paren(heading[name.end() :])
    if said is None or name["code"] or _says_a_type(said[0]):
        return False
    return not any(map(_NAMED_TYPE.fullmatch, said[0]))


def _says_a_type(words: Sequence[str]) -> bool:
    """Whether one of the words in brackets is a type or says whether the field is required, not a name alone."""
    return any(parse_type(word) or SAID_YES.match(word) or SAID_NO.match(word) for word in words)


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
    boxes: list[int] = []  # those that are open, each with how much deeper its fields stand
    index = start
    while index < len(lines) and len(items) <= MAX_ITEMS:
        text = lines[index].strip()[:20_000]
        if items and is_box(text[:200], boxes):
            pass
        elif _begins_paragraph(text):
            items.append(Item(sum(boxes), Line(index + 1, text)))
        elif not items or _ENDS_PARAGRAPHS.match(text[:300]):
            break
        elif text:
            items[-1].below.append(Line(index + 1, text))
        index += 1
    return (FieldList(tuple(items)), index) if len(items) > 1 else None


def _begins_paragraph(text: str) -> bool:
    name = MARKED.match(text[:200]) if text.startswith(("**", "`")) else None
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


def is_typed(item: Item) -> bool:
    """Whether the entry names a field and says its type, or whether it is required."""
    name = MARKED.match(item.line.text)
    return name is not None and not WORD.match(item.line.text) and _is_said(name, item.line.text)


def _is_said(name: re.Match[str], text: str) -> bool:
    """Whether a type stands behind a name, or whether it is required: of a title, "Setup (required)", a type."""
    found = paren(text[name.end() :])
    if name["code"] and literal_union(text[name.end() :]):
        return True
    if is_title(name) and part_of(name.group().strip("*_")) == "body":
        return False  # "Body (object)": a part of the call
    return found is not None and (not is_title(name) or any(parse_type(word) for word in found[0]))


def is_title(name: re.Match[str] | None) -> bool:
    """Whether what stands as a name is a word as headings and labels have it, not in code: "Setup", "**Note**"."""
    if name is None or name["code"]:
        return False
    text = str(name["bold"] or name["italic"] or name["bare"])
    return text.replace("-", "").isalpha() and text[:1].isupper() and (text.istitle() or "-" in text)
