"""Labels of a rendered Mintlify page with what stands behind them: options, lengths and ranges of a field.

Available options: std, pro      Maximum string length: 2500      Required range: 0 <= x <= 1
"""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose.bounds import number
from understudy.specs.prose.values import ValueList, parse_list, set_apart_by_blanks

if TYPE_CHECKING:
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.text.page_text import FieldDraft, Line

OPTIONS = re.compile(
    r"(?:available options|possible values|allowed values|可用选项|可选值)\s*:\s*", re.IGNORECASE
)
LENGTH = re.compile(
    r"(?P<which>minimum|maximum|required)\s+(?P<of>string|array)\s+length\s*:\s*", re.IGNORECASE
)
RANGE = re.compile(r"(?:required|allowed|valid)\s+range\s*:\s*", re.IGNORECASE)
EXAMPLE = re.compile(r"examples?\s*:\s*", re.IGNORECASE)
LABELS = (OPTIONS, LENGTH, RANGE, EXAMPLE)
# Those that limit the field.
LIMITS = LABELS[:3]

_N = r"-?\d+(?:\.\d+)?"
_RANGE_VALUE = re.compile(
    rf"(?:(?P<low>{_N})\s*(?P<lop><=?|≤)\s*)?x\s*(?:(?P<hop><=?|≤|>=?|≥)\s*(?P<high>{_N}))?"
)
_INTERVAL = re.compile(rf"[\[(]\s{{0,3}}(?P<low>{_N})\s{{0,3}}[,，~]\s{{0,3}}(?P<high>{_N})\s{{0,3}}[\])]")
_LENGTH_VALUE = re.compile(
    rf"(?P<low>{_N})(?:\s*-\s*(?P<high>{_N}))?(?:\s*(?:characters?|elements?|items?))?"
)

_SLASHED = re.compile(
    r"\s{0,3}[`\"']?[\w.:+-]{1,60}/[\w.:+/-]{1,60}[`\"']?(?:\s{0,3},\s{0,3}[`\"']?[\w.:+/-]{1,80}[`\"']?){0,40},?\s{0,3}\Z"
)
ONE_OPTION = re.compile(r"[`\"']?[\w][\w.:+/-]{0,79}[`\"']?\s{0,3},?\Z")


def options_on(text: str) -> ValueList:
    """The options that stand on a line behind their label; none where it has no list."""
    if _SLASHED.match(text):
        # Only commas set options apart: "maker/model-1" is one.
        return ValueList(tuple(one.strip("`\"' ") for one in text.strip(" ,").split(",")), len(text))
    return set_apart_by_blanks(text, 0, parse_list(text, 0))


def add_length(draft: FieldDraft, match: re.Match[str], value: Line, log: FactLog) -> int:
    """Take the length behind its label, "Maximum string length: 2500", and return where it ends; 0: it is none."""
    found = _LENGTH_VALUE.match(value.text)
    if found is None:
        return 0
    of = match["of"].lower()
    which, suffix = match["which"].lower(), "Length" if of == "string" else "Items"
    if draft.get("type") is None:
        draft.keywords.append(log.keyword("type", of, _line_of(match, value)))
    low, high = int(number(found["low"])), found["high"]
    if which != "maximum":
        draft.keywords.append(log.keyword(f"min{suffix}", low, value.number))
    if which != "minimum" and (high or which == "maximum"):
        most = int(number(high)) if high else low
        draft.keywords.append(log.keyword(f"max{suffix}", most, value.number))
    return found.end()


def add_range(draft: FieldDraft, value: Line, log: FactLog) -> int:
    """Take the range behind its label, "0 <= x <= 1" or "[0, 1]", and return where it ends; 0: it is none."""
    if interval := _INTERVAL.match(value.text):
        for side, sign, end in (("Minimum", "[", interval["low"]), ("Maximum", "]", interval["high"])):
            name = side.lower() if sign in interval.group() else f"exclusive{side}"
            draft.keywords.append(log.keyword(name, number(end), value.number))
        return interval.end()
    found = _RANGE_VALUE.match(value.text)
    if found is None or not (found["low"] or found["high"]):
        return 0
    if found["low"]:
        name = "minimum" if found["lop"] in ("<=", "≤") else "exclusiveMinimum"
        draft.keywords.append(log.keyword(name, number(found["low"]), value.number))
    if found["high"]:
        side = "Minimum" if found["hop"][0] in ">≥" else "Maximum"
        name = side.lower() if found["hop"] in ("<=", "≤", ">=", "≥") else f"exclusive{side}"
        draft.keywords.append(log.keyword(name, number(found["high"]), value.number))
    return found.end()


def _line_of(match: re.Match[str], value: Line) -> int:
    """The line of a label: the one before its value when the value stands on its own line."""
    return value.number if match.end() < len(match.string) else value.number - 1
