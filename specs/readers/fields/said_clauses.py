"""The type of a field, and whether it is required, as clauses behind what it is.

`prompt`：提示词，字符串，必填          `seconds` - how long, integer, required
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.field_words import SAID_NO, SAID_YES, say_word
from understudy.specs.readers.text.page_text import parse_type

if TYPE_CHECKING:
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.text.page_text import FieldDraft

MAX_TEXT = 300
MAX_CLAUSES = 8
_CLAUSE = re.compile(r"\s{0,3}[,，;；。]\s{0,3}|\.\s{1,3}|\.\Z")
# Types that are no other words: "caption, text, title" are words.
_TYPE = re.compile(
    r"(?:an?\s)?(?P<type>string|integer|int|float|number|boolean|bool|object|array|(?:string|integer|object)\[\]"
    r"|(?:array|list)\sof\s(?:strings|integers|numbers|objects)"
    r"|字符串|整数|整型|浮点数|数字|布尔值?|布尔型|对象|数组|(?:字符串|整数|对象)(?:数组|列表))(?:类型)?\Z",
    re.IGNORECASE,
)
# What may stand behind a type: a presence, a default, a limit, an example.
_BEHIND = re.compile(
    r"(?:required|optional|必填|必选|必须|选填|可选|非必填|default|defaults|默认|缺省|max|min|最|不超过|e\.g|例如|如)|.{0,60}\d",
    re.IGNORECASE,
)


def without_clauses(draft: FieldDraft, text: str, line: int, log: FactLog) -> str:
    """The text without the clauses that say the type of the field, or that it must be given."""
    if len(text) > MAX_TEXT or draft.get("type") is not None:
        return text
    clauses = [one.strip("`*_ ") for one in _CLAUSE.split(text) if one and one.strip()]
    types = [n for n, one in enumerate(clauses[:MAX_CLAUSES]) if _TYPE.match(one)]
    if len(types) != 1 or types[0] == 0 or not all(map(_BEHIND.match, clauses[types[0] + 1 :])):
        return text
    said = [clauses[types[0]]]
    said += [one for one in clauses[types[0] + 1 :] if SAID_YES.match(one) or SAID_NO.match(one)]
    for one in said:
        named = _TYPE.match(one)
        word = re.sub(r"列表\Z", "数组", named["type"]) if named else one
        if named is None or parse_type(word) is not None:
            say_word(draft, word, line, log)
    return _without(text, said)


def _without(text: str, said: list[str]) -> str:
    """The text without those clauses."""
    for one in said:
        text = re.sub(
            rf"\s{{0,3}}[,，;；。.]\s{{0,3}}[`*_]{{0,2}}{re.escape(one)}[`*_]{{0,2}}(?=\s{{0,3}}[,，;；。.]|\s*\Z)",
            "",
            text,
            count=1,
        )
    return text
