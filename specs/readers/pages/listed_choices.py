"""Values that stand in a list below a sentence which names their field in words.

You can choose between these aspect ratios:        可选的分辨率如下：
- 1:1                                              - 720p（默认）
- 16:9 (default)                                   - 1080p

They may stand in one line, too: "**Aspect ratio values**: `1:1`, `16:9`"; in a clause, 分辨率支持 `720p`、`1080p`, which
is about the call in whose part it stands; and below a heading to which the description of a field refers: "see Kinds of
voice".

The field is `aspect_ratio`, or one whose name is the last words before the colon. Where several calls have one
without values, the list is of the first call below it; where one is above, nobody knows, and the list is told.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.specs.model import Evidence, Keyword, Note
from understudy.specs.prose.values import typed
from understudy.specs.readers.fields.identify import words_of
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import Field, Operation, Reading

MAX_LINES = 10_000
MAX_LINE = 300
MAX_LONG = 2_000
MAX_VALUES = 60
MIN_VALUES = 2

_LEADS = re.compile(
    r"(?P<words>[^.。:：]{0,200}\b(?:following|these|choose|select|one\sof|supported|supports|available|allowed|valid|accepted)\b[^.。:：]{0,80})[:：]\Z|(?P<words_>[^。:：]{0,60}(?:可选|支持|以下|如下|可用)[^。:：]{0,40})[:：]\Z",
    re.IGNORECASE,
)
# All of them in one line, each in code, behind a label which says that they are values.
_ON_ONE_LINE = re.compile(
    r"(?:[-*•][ \t]{1,3})?(?P<bold>\*\*|__)?(?P<words>(?:[A-Za-z][\w-]{0,30}[ ]){0,4}[A-Za-z][\w-]{0,30}[ ](?:values|options|choices))[:：]?(?(bold)(?:\*\*|__))[ ]?[:：]?[ ]{1,3}(?P<values>`[\w.:+/-]{1,60}`(?:,[ ]`[\w.:+/-]{1,60}`){1,59})\.?",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"(?P<bullet>[ \t]{1,8}(?:[-*•][ \t]{1,3})?|[-*•][ \t]{1,3})[`\"']?(?P<value>[A-Za-z0-9][\w.:+/-]{0,60})[`\"']?(?P<default>\s{0,2}[(（](?:the\s)?(?:default|默认)[)）])?(?:(?:(?:\s{1,3}[-–—:：(（]|(?<=[`\"'])\s?[:：])\s?|[ ]{1,3}(?=[\u4e00-\u9fff]))(?P<meaning>\S.{0,200}?)(?P<default_>[,，]\s?默认值?)?)?\s{0,4}\Z"
)
# The same in a clause, whose subject is a word for the field: 分辨率支持 `720p`、`1080p`.
_IN_A_CLAUSE = re.compile(
    r"(?:\A|[。；;，,]\s?|[-*•]\s)(?P<words>[\u4e00-\u9fff]{2,8}?)(?:仅|只|目前)?(?:支持|可选|可取|可设为)(?:值)?(?:为|[:：])?\s?(?P<values>`[\w.:+/-]{1,60}`(?:(?:\s?[、,，/和或及与]\s?){1,2}`[\w.:+/-]{1,60}`){1,30})(?=\s?(?:[。；;，,]|\Z))"
)
# What heads a list, and what refers to it in a description.
_HEADING = re.compile(r"(?:#{2,6}[ \t]{1,3}|\*\*)(?P<text>[^#*\s][^#*]{1,60})(?:\*\*)?[ \t:：]{0,3}\Z")
_REFERS = re.compile(
    r"(?:见|参考|参阅|\bsee|\brefer[ ]to)[ ]?(?:[上下][方文面表][的]?|the[ ])?[\"“「『《`\[]?(?P<text>[^()（）。.;；\n]{2,64})",
    re.IGNORECASE,
)
# The name of a field as it is written, not as a word: with a line between its parts, or in code.
_IDENTIFIER = re.compile(
    r"(?<![\w.])(?:(?<=`)[a-z]\w{2,40}(?=`)|[a-z][a-z0-9]{0,20}(?:_[a-z0-9]{1,20}){1,5})(?![\w.])", re.ASCII
)
_OF_VALUES = re.compile(
    r"values|options|choices|types|kinds|modes|styles|类型|取值|可选|枚举|介绍|列表|种类|风格|模式|选项",
    re.IGNORECASE,
)
# Words for what a list is of, behind the name of the field: "model versions", "aspect ratio values".
_OF_A_LIST = frozenset(("values", "options", "versions", "choices", "names", "settings", "ids", "types"))


@dataclass(frozen=True, slots=True)
class _Listed:
    words: str
    line: int
    values: tuple[str, ...]
    default: str
    is_headed: bool = False  # whether a heading stands above it, and no sentence
    is_clause: bool = False  # whether a clause has them


def with_choices(found: Reading, document: Document) -> Reading:
    """The reading, the fields of its requests with the values that such lists have for them."""
    operations, notes = list(found.operations), list(found.notes)
    for listed in _lists(document.lines[:MAX_LINES]):
        waiting = [(n, name) for n, one in enumerate(operations) if (name := _named(one, listed))]
        if not waiting:
            continue
        above = [n for n, _ in waiting if operations[n].line < listed.line]
        if listed.is_clause or (above and listed.is_headed and _IDENTIFIER.search(listed.words)):
            own = max(above, key=lambda n: operations[n].line, default=-1)
            between = [one for one in operations if operations[own].line < one.line <= listed.line]
            waiting = [(n, name) for n, name in waiting if n == own and not between]
        if not waiting:
            notes.append(_untold(listed, found.document))
            continue
        if len(waiting) > 1 and all(
            operations[n].request == operations[waiting[0][0]].request for n, _ in waiting
        ):
            for at, name in waiting:  # of several kinds of one call
                operations[at] = _settled(operations[at], name, listed, found.document)
        elif len(waiting) == 1 or not above:
            at, name = min(waiting, key=lambda one: operations[one[0]].line)
            operations[at] = _settled(operations[at], name, listed, found.document)
        else:
            notes.append(_untold(listed, found.document))
    return replace(found, operations=tuple(operations), notes=tuple(notes))


def _untold(listed: _Listed, document: str) -> Note:
    shown = f"values of which it is not said to which call they belong: {', '.join(listed.values)}"
    return Note("untold", shown[:200], document, listed.line)


def _lists(lines: Sequence[str]) -> Iterator[_Listed]:
    fenced = False
    for index, line in enumerate(lines):
        if FENCE.match(line[:40]):
            fenced = not fenced
        text = line.strip()
        if not fenced and "`, `" in line and (one := _ON_ONE_LINE.fullmatch(text[:MAX_LONG])):
            values = tuple(dict.fromkeys(re.findall(r"`([^`]+)`", one["values"])))
            yield _Listed(one["words"], index + 1, values, "")
            continue
        for one in (
            _IN_A_CLAUSE.finditer(text[:MAX_LONG]) if not fenced and "`" in text and text[:1] != "|" else ()
        ):
            yield _Listed(
                one["words"], index + 1, tuple(re.findall(r"`([^`]+)`", one["values"])), "", is_clause=True
            )
        leads = _LEADS.fullmatch(text) if text.endswith((":", "：")) and len(text) <= MAX_LINE else None
        heads = _HEADING.fullmatch(text) if leads is None and len(text) <= MAX_LINE else None
        if (leads is None and heads is None) or fenced:
            continue
        words = heads["text"].strip(" :：") if heads else leads["words"] or leads["words_"] if leads else ""
        entries = list(_entries(lines, index + 1))
        values = tuple(dict.fromkeys(one["value"] for one in entries))
        defaults = [one["value"] for one in entries if one["default"] or one["default_"]]
        if MIN_VALUES <= len(values) == len(entries) and len(defaults) <= 1:
            yield _Listed(words, index + 2, values, "".join(defaults), heads is not None)


def _entries(lines: Sequence[str], start: int) -> Iterator[re.Match[str]]:
    """The entries of the list that begins at `start`, blank lines left out; none where an entry is no value."""
    found = []
    for line in lines[start : start + 2 * MAX_VALUES]:
        entry = _ENTRY.match(line[:MAX_LINE])
        if entry is not None:
            found.append(entry)
        elif line.strip() and line[:1] in " \t-*•" and not _HEADING.fullmatch(line[:MAX_LINE].strip()):
            return  # an entry of words
        elif line.strip():
            break
    yield from found[:MAX_VALUES]


def _named(one: Operation, listed: _Listed) -> tuple[str, ...]:
    """The place of the field of a request which has no values, and whose name, in words, a sentence ends with, or
    whose description refers to a heading."""
    said = [word for word in re.findall(r"[a-z0-9]+", listed.words.lower()) if word not in _OF_A_LIST]
    waiting = [
        field
        for field in one.request
        if _waits(field)
        and (
            _refers(field, listed.words) or _is_in_heading(field.path[-1], listed.words)
            if listed.is_headed
            else _means(field.path[-1], listed.words)
            if listed.is_clause
            else _ends_with(said, field.path[-1])
        )
    ]
    return waiting[0].path if len(waiting) == 1 else ()


def _is_in_heading(name: str, words: str) -> bool:
    """Whether a heading names a field as it is written, 图像处理类型 pic_type 介绍, and speaks of what it may be."""
    return name in _IDENTIFIER.findall(words) and _OF_VALUES.search(words) is not None


def _means(name: str, words: str) -> bool:
    """Whether words of another script are the last of a name, at least: 画面比例 of `aspect_ratio`."""
    said, own = words_of(words), words_of(re.sub(r"_", " ", name))
    last = words_of(re.findall(r"[A-Za-z][a-z]*", name)[-1]) if own else set()
    return bool(said) and said <= own and last <= said


def _refers(one: Field, heading: str) -> bool:
    """Whether a description says that its values stand below a heading."""
    found = _REFERS.search(one.wording[:MAX_LINE])
    return found is not None and found["text"].lower().startswith(heading.lower())


def _waits(one: Field) -> bool:
    return one.get("enum") is None and one.get("type") in (None, "string", "integer") and one.path[-1] != "[]"


def _ends_with(said: Sequence[str], name: str) -> bool:
    """Whether words end with a name: … aspect ratios → aspect_ratio, aspectRatio."""
    parts = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    last = list(said[-len(parts) :])
    return bool(parts) and last[:-1] == parts[:-1] and bool(last) and last[-1] in (parts[-1], f"{parts[-1]}s")


def _settled(one: Operation, path: tuple[str, ...], listed: _Listed, document: str) -> Operation:
    evidence = Evidence(document, listed.line, "prose")
    fields = []
    for field in one.request:
        values = [typed(value, field.get("type")) for value in listed.values]
        if field.path == path and None not in values:
            words = [Keyword("enum", values, evidence)]
            if listed.default and field.get("default") is None:
                words.append(Keyword("default", typed(listed.default, field.get("type")), evidence))
            field = replace(field, keywords=(*field.keywords, *words))  # noqa: PLW2901
        fields.append(field)
    return replace(one, request=tuple(fields))
