"""Values that stand a line each behind a cue, with what each means or what kind each is.

Enum values:          枚举值：                   枚举值：
• 1: only the shape   • 1：obj                   • 通用模型：loop-v1，loop-v1.5
• 2: its colours      • 2：glb，用于网页          • 场景模型：face-v2
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose.records import FLAGS
from understudy.specs.prose.values import ValueList, typed

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

MAX_VALUES = 60
MIN_LINES = 2

_BULLET = r"[ \t]{0,4}(?:[-*•·][ \t]{0,3})?"
# A number and what it means; of 16:9 no part is a meaning.
_NUMBERED = re.compile(
    rf"{_BULLET}(?P<values>-?\d{{1,6}})[ \t]{{0,2}}:[ \t]{{0,2}}(?=\D)[^\n]{{1,200}}(?:\n|\Z)", re.ASCII
)
_VALUE = r"[a-z][\w.-]{1,60}"
# Values behind the word for their kind.
_OF_A_KIND = re.compile(
    rf"{_BULLET}[^\x00-\x7F]{{1,12}}[ ]?:[ ]?(?P<values>{_VALUE}(?:[ ]?[,/][ ]?{_VALUE}){{0,20}})[ \t]{{0,3}}(?:\n|\Z)",
    FLAGS | re.ASCII,
)
# The same where the whole text is such lines, a word each: "通用：general", "法律：law".
MIN_KINDS = 3
_KIND = rf"{_BULLET}[^\x00-\x7F]{{1,12}}[ ]?:[ ]?({_VALUE})[ \t]{{0,3}}"
_KINDS = re.compile(rf"\s{{0,4}}{_KIND}(?:\n{_KIND}){{{MIN_KINDS - 1},60}}\s{{0,12}}\Z", FLAGS | re.ASCII)


def say_words_behind_kinds(page: Page) -> None:
    """Say `enum` of a text that is nothing but lines of what a value is for, and the value."""
    found = _KINDS.match(page.text) if page.type == "string" else None
    if found is None or any(word.keyword == "enum" for word in page.constraints):
        return
    values = [
        typed(one, page.type) for one in dict.fromkeys(re.findall(_KIND, found.group(), FLAGS | re.ASCII))
    ]
    if None not in values:
        page.say("enum", values, *found.span())


def values_by_line(text: str, at: int, type_: str | None) -> ValueList | None:
    """The values of the lines that begin at `at`, two at least; None where they are no such lines."""
    pattern = _NUMBERED if type_ in ("integer", "number") else _OF_A_KIND if type_ == "string" else None
    values: list[str] = []
    count, end = 0, at
    while pattern is not None and count < MAX_VALUES and (line := pattern.match(text, end)):
        values += re.split(r"[ ]?[,/][ ]?", line["values"])
        count, end = count + 1, line.end()
    is_list = count >= MIN_LINES and len(set(values)) == len(values)
    # Plain words may be a sentence; a value of several parts is one.
    are_codes = pattern is _NUMBERED or all(re.search(r"[\d_-]", one) for one in values)
    return ValueList(tuple(values), len(text[:end].rstrip())) if is_list and are_codes else None
