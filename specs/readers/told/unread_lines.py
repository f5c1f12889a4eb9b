"""Lines that may say something which is in no fact and no note, so that an import can name them.

"Use it only with `pro`."      "States are waiting, rendering, ready and broken."      "30 loops a day"

The notes of `understudy.specs.readers.told.untold` are about what certainly limits something; here it is enough
that a line has a figure or a name that is in no fact, a condition, or alternatives in plain words. A line that
gave a fact is listed too where it has a figure or a value besides: only facts of that line, of the fields that
it names and of the field below which it stands account for them. Code and examples, heads of tables and
headings say none of these.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.told.facts_by_line import FactsByLine
from understudy.specs.readers.told.unread_tokens import (
    alone,
    entered,
    listed,
    quoted,
    unread_figures,
    without_examples,
)
from understudy.specs.readers.told.untold_columns import Columns, columns_of
from understudy.specs.readers.told.untold_lines import first_lines, prose_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from understudy.specs.documents import Document
    from understudy.specs.model import Reading
    from understudy.specs.readers.told.told_lines import ToldLine

MAX_LINE = 2_000
# Formats whose descriptions list by themselves what is left of them, and those of which only comments are prose.
_WHOLE = ("OpenAPI file", "Postman")
_OF_CODE = ("types in code", "YAML with comments", "apiDoc")

# Words by which a line says something of a figure or a name on it: nothing is lost where those are known.
_LIMITS = frozenset(
    ["required", "optional", "optionally", "mandatory", "default", "defaults", "omit", "omitted", "exceed", "exceeds", "exceeding", "limit", "limits", "limited", "maximum", "minimum"]
)  # fmt: skip
_HAN_LIMIT = re.compile(r"可选|默认|缺省|不填|不传|至少|最多|最大|最小|不超过|限制|必填|选填")
_SAID = {
    "required": re.compile(
        r"\b(?:required|optional|mandatory|omit(?:ted)?)\b|必[填选需]|可选|选填|不填|不传"
    ),
    "default": re.compile(r"\bdefaults?\b|默认|缺省"),
}
# What it says however well they are known: when, with what and with what not.
_CONDITIONS = frozenset(
    ["only", "cannot", "can't", "unless", "except", "unsupported", "ignored", "exclusive", "either", "instead", "expire", "expires", "deprecated", "doesn't", "don't"]
)  # fmt: skip
# The same in several words, and where the next ones make it a limit: "must not exceed".
_BEGIN_PHRASES = frozenset(["must", "shall", "not", "without", "least", "most", "up", "leave"])
_CONDITION = re.compile(
    r"\b(?:(?:must|shall)(?! not exceed| be (?:at|between|within|in|less|greater|more|smaller|larger|under|over))|(?:can|do|does) not|not (?:allowed|supported|available)|without it)\b"
)
_LIMIT = re.compile(r"\b(?:at (?:most|least)|up to|leave it out)\b")
_HAN_CONDITION = re.compile(
    r"必须|必需|务必|仅|只能|只支持|不能|不可|不得(?!超过)|不支持|不要|无效|二选一|互斥|有效期|过期|废弃|忽略"
)
# Three or more short things in a row: "waiting, rendering and ready", 等待、生成、完成.
_ALTERNATIVES = re.compile(
    r"\b\w{2,20}, \w{2,20}(?:, \w{2,20}){0,12},? (?:and|or) \w{2,20}\b|\w{1,12}、\w{1,12}(?:、\w{1,12}){0,12}[和或]\w{1,12}|\w{1,12}(?:、\w{1,12}){2,12}"
)
_JOINERS = frozenset(["and", "or"])
_DATE_OR_STEP = re.compile(
    r"\b(?:19|20)\d\d[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?|\A\W{0,6}\d{1,2}[.)、]\s|\b(?:step|version|chapter|section|rfc|http)\s?#?\d[\d.]*|\bv\d[\d.]*\b|第\s?\d{1,3}\s?[步章节]",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<![\w/.{-])[a-z][a-z0-9]{0,40}(?:_[a-z0-9]{1,40}){1,8}(?![\w/-])|`(?P<code>[A-Za-z_]\w{0,79})`"
)
# So many lines may stand between two values that stand a line each.
MAX_APART = 2
# So many lines from a fact may what it says stand.
NEAR = 1
_METHODS = frozenset(["GET", "POST", "PUT", "PATCH", "DELETE"])
# "Required range:" says nothing without the line below.
_LABEL = re.compile(r"\W{0,6}\w{1,30}(?:\s\w{1,30}){0,3}\W{0,3}[:：]\W{0,3}\Z")
_STATUS = re.compile(r"\W{0,4}[1-5]\d\d\s?[-–:]")
# A price is no promise of the API.
_OF_PRICES = re.compile(r"[$¥€£￥]\s?\d|\d\s?(?:credits?\b|usd\b|cents?\b|元|积分|点数)", re.IGNORECASE)
_OF_KEYS = re.compile(r"authori[sz]ation|content-type|bearer|api.?key|密钥|鉴权", re.IGNORECASE)
_WORD = re.compile(r"[a-z][a-z']{1,30}")
_HAN = re.compile(r"[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af]")
# A line of one word, a string or a number says nothing by itself: copies have such lines of examples.
_TWO = 2


def unread_lines(reading: Reading, document: Document, told: Mapping[int, ToldLine]) -> tuple[int, ...]:
    """The numbers of the lines that may say something which no fact or note of the reading has.

    `told` is what `told_lines` knows of the lines of the reading.
    """
    if any(one in reading.format for one in _WHOLE):
        return ()
    facts = FactsByLine(reading)
    others = _METHODS | {text for one in reading.refusals for text in (str(one.status), one.code)}
    others |= {status for one in reading.operations for status in one.responses}
    is_code = any(one in reading.format for one in _OF_CODE)
    lines, _ = first_lines(prose_lines(document, is_code=is_code, members=facts.members()))
    columns = columns_of(document)
    found = []
    run: list[tuple[int, bool]] = []
    for number, long_text in lines:
        one, text = told.get(number), long_text[:MAX_LINE]
        if one is not None and one.is_noted:
            continue
        # A comment speaks of the member below it, whatever the one above is.
        is_comment = document.lines[number - 1].lstrip()[:2] == "//"
        own = facts.values_of(number, is_code=is_code or is_comment)
        known = facts.values(number, text, 0 if is_comment else NEAR) | others | own
        value = alone(text, facts.names) if one is None else ""
        if value:  # values a line each: two of them are a list
            if run and number - run[-1][0] > MAX_APART:
                run = []
            run.append((number, value not in known and value not in facts.alternatives))
            found += [line for line, is_new in run if is_new] if len(run) > 1 else []
            continue
        run = []
        if one is not None:
            is_unread = _has_more(_without_example(text, columns.get(number)), known, facts)
        else:
            is_unread = not _LABEL.match(document.lines[number - 1][:MAX_LINE]) and _says(text, known, facts)
        if is_unread:
            found.append(number)
    return tuple(sorted(dict.fromkeys(found)))


def _has_more(text: str, known: Set[str], facts: FactsByLine) -> bool:
    """Whether a line that gave a fact has a figure or a value besides."""
    if _OF_PRICES.search(text) or _OF_KEYS.search(text):
        return False
    text = without_examples(text)
    values = (*quoted(text, facts.names), *listed(text, facts.names))
    return unread_figures(text, known) or any(one not in known for one in values)


def _without_example(text: str, columns: Columns | None) -> str:
    """The row of a table without its cell in the column of examples."""
    if columns is None or columns.examples < 0:
        return text
    cells = text.strip().split("|")
    return "|".join(one for at, one in enumerate(cells) if at != columns.examples)


def _says(text: str, known: Set[str], facts: FactsByLine) -> bool:
    """Whether a line has a condition, alternatives, or a figure or name that is not known."""
    if any(one not in known and one not in facts.alternatives for one in entered(text, facts.names)):
        return True
    lower = text.lower()
    words = _WORD.findall(lower)
    han = not text.isascii()
    if len(words) + (len(_HAN.findall(text)) if han else 0) < _TWO:
        return False
    if _STATUS.match(text) or _OF_KEYS.search(text) or _OF_PRICES.search(text):
        return False
    told = set(words)
    has_phrase = not told.isdisjoint(_BEGIN_PHRASES)
    if not told.isdisjoint(_CONDITIONS) or (has_phrase and _CONDITION.search(lower)):
        return True
    if han and _HAN_CONDITION.search(text):
        return True
    is_list = "、" in text or (", " in text and not told.isdisjoint(_JOINERS))
    if is_list and _ALTERNATIVES.search(text):
        return True
    if unread_figures(text, known):
        return True
    plain = _DATE_OR_STEP.sub(" ", text)
    names = (
        [match["code"] or match.group() for match in _NAME.finditer(plain)]
        if "_" in text or "`" in text
        else []
    )
    if any(one not in known and one not in facts.names and one not in facts.alternatives for one in names):
        return True
    if any(one.isdigit() for one in plain):
        return False
    if names:
        return _lacks(lower, names, facts)
    has_limit = not told.isdisjoint(_LIMITS) or (has_phrase and _LIMIT.search(lower) is not None)
    return has_limit or (han and _HAN_LIMIT.search(text) is not None)


def _lacks(text: str, names: Iterable[str], facts: FactsByLine) -> bool:
    """Whether a line says of fields that it names what is required or a default, and one has no such fact."""
    wanted = [keyword for keyword, words in _SAID.items() if words.search(text)]
    return any(
        keyword not in said
        for name in names
        if (said := facts.said_of(name)) is not None
        for keyword in wanted
    )
