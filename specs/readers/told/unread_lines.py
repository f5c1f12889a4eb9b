"""Lines that may say something and gave neither a fact nor a note, so that an import can name them.

"Use it only with `pro`."      "States are waiting, rendering, ready and broken."      "30 loops a day"

The notes of `understudy.specs.readers.told.untold` are about what certainly limits something; here it is enough
that a line has a figure or a name that is in no fact, a condition, or alternatives in plain words. Code and
examples, heads of tables and headings say none of these.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.told.told_lines import texts_of, told_lines
from understudy.specs.readers.told.untold_lines import first_lines, prose_lines

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.model import Reading

MAX_LINE = 2_000
# Formats whose descriptions list by themselves what is left of them, and those of which only comments are prose.
_WHOLE = ("OpenAPI file", "Postman")
_OF_CODE = ("types in code", "YAML with comments", "apiDoc")

# What a line says of a figure or a name on it: nothing is lost where those are known.
_LIMIT = re.compile(
    r"\b(?:required|optional(?:ly)?|mandatory|by default|defaults?|omit(?:ted)?|at (?:most|least)|up to|no more than|exceed\w*|limit(?:s|ed)?|maximum|minimum|leave it out)\b"
    r"|可选|默认|缺省|不填|不传|至少|最多|最大|最小|不超过|限制|必填|选填",
    re.IGNORECASE,
)
# What it says however well they are known: when, with what and with what not.
_CONDITION = re.compile(
    r"\b(?:(?:must|shall)(?! not exceed| be (?:at|between|within|in|less|greater|more|smaller|larger|under|over))|only|cannot|can't|can ?not|unless|except|unsupported|not (?:allowed|supported|available)|does(?:n't| not)|do(?:n't| not)|ignored|exclusive|either|instead|expires?|deprecated|without it)\b"
    r"|必须|必需|务必|仅|只能|只支持|不能|不可|不得(?!超过)|不支持|不要|无效|二选一|互斥|有效期|过期|废弃|忽略",
    re.IGNORECASE,
)
# Three or more short things in a row: "waiting, rendering and ready", 等待、生成、完成.
_ALTERNATIVES = re.compile(
    r"\b\w{2,20}, \w{2,20}(?:, \w{2,20}){0,12},? (?:and|or) \w{2,20}\b|\w{1,12}、\w{1,12}(?:、\w{1,12}){0,12}[和或]\w{1,12}|\w{1,12}(?:、\w{1,12}){2,12}"
)
_NUMBER = re.compile(r"(?<![\w.#:/-])-?\d{1,15}(?:\.\d{1,6})?(?![\d:/_-]|\.\d)")
_DATE_OR_STEP = re.compile(
    r"\b(?:19|20)\d\d[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?|\A\W{0,6}\d{1,2}[.)、]\s|\b(?:step|version|chapter|section|rfc|http)\s?#?\d[\d.]*|\bv\d[\d.]*\b|第\s?\d{1,3}\s?[步章节]",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<![\w/.{-])[a-z][a-z0-9]{0,40}(?:_[a-z0-9]{1,40}){1,8}(?![\w/-])|`(?P<code>[A-Za-z_]\w{0,79})`"
)
_METHODS = frozenset(["GET", "POST", "PUT", "PATCH", "DELETE"])
# "Required range:" says nothing without the line below.
_LABEL = re.compile(r"\W{0,6}\w{1,30}(?:\s\w{1,30}){0,3}\W{0,3}[:：]\W{0,3}\Z")
_STATUS = re.compile(r"\W{0,4}[1-5]\d\d\s?[-–:]")
_OF_KEYS = re.compile(r"authori[sz]ation|content-type|bearer|api.?key|密钥|鉴权", re.IGNORECASE)
# A line of one word, a string or a number says nothing by itself: copies have such lines of examples.
_WORDS = re.compile(r"[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af]|[^\W\d_]{2,}")
_TWO = 2


def unread_lines(reading: Reading, document: Document) -> tuple[int, ...]:
    """The numbers of the lines that may say something and that no fact or note of the reading came from."""
    if any(one in reading.format for one in _WHOLE):
        return ()
    told = told_lines(reading)
    known = {text for one in told.values() for text in one.values}
    known |= {step for one in reading.fields() for step in one.path}
    known |= {text for one in reading.fields() for word in one.keywords for text in texts_of(word.value)}
    known |= _METHODS
    lines, _ = first_lines(prose_lines(document, is_code=any(one in reading.format for one in _OF_CODE)))
    found = (
        number
        for number, text in lines
        if number not in told
        and not _LABEL.match(document.lines[number - 1][:MAX_LINE])
        and _says(text[:MAX_LINE], known)
    )
    return tuple(dict.fromkeys(found))


def _says(text: str, known: set[str]) -> bool:
    """Whether a line has a condition, alternatives, or a figure or name that is not known."""
    if len(_WORDS.findall(text)) < _TWO or _STATUS.match(text) or _OF_KEYS.search(text):
        return False
    if _CONDITION.search(text) or _ALTERNATIVES.search(text):
        return True
    plain = _DATE_OR_STEP.sub(" ", text)
    figures = [one.group() for one in _NUMBER.finditer(plain)]
    names = [match["code"] or match.group() for match in _NAME.finditer(plain)]
    if not figures and not names:
        return _LIMIT.search(text) is not None
    return any(one not in known for one in (*figures, *names))
