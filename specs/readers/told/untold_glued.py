"""Rows of tables that were copied without anything between their cells, of which little or nothing is read.

FieldTypeRequiredDescription
shadestringYesHow dark it is           no fact has its line: told as an entry
tonestring✓How it sounds              read, but not whether it is required, though the head has a column for it
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from understudy.specs.model import Note
from understudy.specs.readers.text.page_text import TYPE_WORDS
from understudy.specs.readers.told.untold_fields import FIELD, is_common, quoted

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Set

    from understudy.specs.documents import Document

WORD = "untold-word"
MAX_LINES = 30_000
MAX_HEAD, MAX_LINE, MAX_ROWS = 120, 2_000, 80

_NAME_CELL = r"(?:(?:request |body )?(?:field|parameter|param|property|attribute|argument|key)(?: ?name)?s?|name|字段名称?|参数名称?|字段|参数|变量名|属性|名称|键)"
_TYPE_CELL = r"(?:(?:data ?|field |value )?type|(?:数据|参数|字段)?类型)"
_REQUIRED_CELL = r"(?:(?:is )?(?:required|mandatory)(?:/optional)?\??|req\.|是否(?:必填|必选|必须|必需|必传)|必填|必选|必须|必需)"
_OTHER_CELL = r"(?:default(?: value)?s?|range|(?:allowed |possible |valid |value )?(?:values?|range|options)|constraints?|limits?|examples?|description|explanation|comments?|notes?|remarks?|details?|info|meaning|默认值?|缺省值?|取值范围|取值|可选值|约束|限制|示例值?|说明|参数说明|描述|备注|含义|解释|详情)"
# The head of such a table: its cells, of which one is the type, and none set apart by more than a blank.
_HEAD = re.compile(
    rf"(?={_NAME_CELL}[ ]?(?:{_REQUIRED_CELL}[ ]?)?{_TYPE_CELL})(?:(?:{_NAME_CELL}|{_TYPE_CELL}|{_REQUIRED_CELL}|{_OTHER_CELL})[ ]?){{3,9}}\Z",
    re.IGNORECASE,
)
_OF_REQUIRED = re.compile(_REQUIRED_CELL, re.IGNORECASE)
_TYPES = "|".join(sorted(map(re.escape, {*TYPE_WORDS, "enum"}), key=len, reverse=True))
# What says so, behind the type; an empty cell says nothing.
_MARK = r"[ ]?[*`]{0,3}(?:[✓✔✅√●❌✘×○]|(?:Yes|No|Y|N|M|O|YES|NO|TRUE|FALSE|Required|Optional|Mandatory)(?![a-z])|true|false|required|optional|是|否|必[填选须需传]|可选|选填|非必)"
_ROW = re.compile(
    rf"[ \t\u3000]{{0,12}}[>└├─↳»•-]{{0,4}}[ ]{{0,3}}(?P<name>[A-Za-z_][\w.\[\]-]{{0,60}}?)(?i:{_TYPES})(?![a-z])(?P<mark>{_MARK})?"
)


def untold_glued_rows(
    document: Document, keywords: Mapping[int, Set[str]], noted: Container[int]
) -> Iterator[Note]:
    """A note for each row that no fact comes from, or that says what is required where nothing of that is read.

    `keywords` has the lines that facts come from with the names of their keywords.
    """
    lines = document.lines[:MAX_LINES]
    for index, line in enumerate(lines):
        if len(line) > MAX_HEAD or not _HEAD.match(line.strip()):
            continue
        below = enumerate(lines[index + 1 : index + 1 + MAX_ROWS], index + 2)
        for number, row in takewhile(lambda one: one[1].strip(), below):
            found = _ROW.match(row[:MAX_LINE])
            if found is None or number in noted or is_common(row):
                continue
            if number not in keywords:
                what = f"an entry that is in no fact: {quoted([row])}"
                yield Note("untold", what, document.name, number, code=FIELD)
            elif found["mark"] and _OF_REQUIRED.search(line) and "required" not in keywords[number]:
                what = f"whether it is required is in no fact: {quoted([row])}"
                yield Note("untold", what, document.name, number, code=WORD)
