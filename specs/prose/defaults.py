"""Defaults: "defaults to std", "by default, 5", "4 if you leave it out", 默认为 std."""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose import left_out
from understudy.specs.prose.bound_subjects import is_of_service
from understudy.specs.prose.left_out import CONDITION
from understudy.specs.prose.records import FLAGS
from understudy.specs.prose.values import DEFAULT, NO_VALUE, TOKEN, typed, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.prose.records import Page

_BY_DEFAULT = re.compile(
    r"(?:\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|`([^`\n]{1,80})`|(?<![\w.-])([\w][\w.:+-]{0,60}))\s+by\s+default\b",
    FLAGS,
)
# The same in the other order: "by default, 5".
_UNLESS_GIVEN = re.compile(
    r"\bby\s{1,3}default,\s{1,3}(?:the\s{1,3}value\s{1,3})?(?:\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|`([^`\n]{1,80})`|(-?[\w][\w.:+*-]{0,60}?))(?:\s{1,3}(?:is|will\s{1,3}be)\s{1,3}(?:used|taken))?(?=\s{0,3}(?:[,;)\n]|\.?\s{0,3}\Z|\.\s))",
    FLAGS,
)
# A value that its own line calls the default: "single: default, one shot", "false：默认值，不添加".
_SAID_DEFAULT = re.compile(
    r"(?:\A|(?<=\n))[ \t\-•*]{0,6}(?:\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|`([^`\n]{1,80})`|([\w.+-]{1,60}))[ \t]{0,2}[:(-][ \t]{0,3}\(?"
    r"(?:默认(?:值)?|(?:the[ ])?default(?:[ ]value)?)(?=[ \t]{0,3}(?:[,.;)\n]|\Z))",
    FLAGS,
)
# The same behind what the value means: "true means on, false means off (default)", "`std`: quick (default)".
_MEANT_DEFAULT = re.compile(
    r"(?:\A|[,;:.\n(/|]|(?<=[^\x00-\x7F])|\bor\b)[ \t\-•*]{0,6}(?:\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'|`([^`\n]{1,80})`|([\w.+-]{1,60}))"
    r"[ \t]{0,3}(?:means?\b|is\b|for\b|->|(?P<label>[:=-])|表示|代表|意为|即|为|是|(?=[^\x00-\x7F]))[ \t]{0,3}(?!默认|default)[^,;.()\n`\"']{1,60}"
    r"\((?:默认(?:值)?|(?:the[ ])?default(?:[ ]value)?)\)",
    FLAGS,
)
# The same of a switch, whatever its values are said to do: "true turns it on; false turns it off (default)".
_SWITCH_DEFAULT = re.compile(
    r"(?:\A|[,;:.\n(/|]|(?<=[^\x00-\x7F])|\b(?:or|and)\b)[ \t\-•*]{0,6}[`\"']?(true|false)()()()\b[`\"']?[ \t]{1,3}[^,;.()\n`\"']{1,80}"
    r"\((?:默认(?:值)?|(?:the[ ])?default(?:[ ]value)?)\)",
    FLAGS,
)
# Behind a default that a plain word is: "defaults to calm if not specified".
_IF_NOTHING_IS_SAID = re.compile(rf"\s{{1,3}}{CONDITION}", FLAGS)
# The default of another thing than the field: "the default of the console is".
_OF_ANOTHER_THING = re.compile(
    r"default\s{1,3}(?:of|in)\s{1,3}(?:the|our|your)\s{1,3}(?!(?:field|parameter|value|option|setting|property|request|api)\b)[a-z]",
    re.IGNORECASE,
)
_SET_TO = re.compile(r"`(?P<name>[A-Za-z_][\w.]{0,60})`\s{1,3}(?:to|is|as|at)\s{1,3}\Z")
MAX_BEFORE = 80
_NUMERIC = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?\Z")
# Behind a default: of which case it is, and another one of another case.
_OF_CASES = re.compile(
    r"[`\"']?\s?\([^()\n]{1,40}\)\s?[,;]\s?[`\"']?[\w.-]{1,40}[`\"']?\s?\([^()\n]{1,40}\)"
    r"|[`\"']?\sand\s[`\"']?[\w.-]{1,40}[`\"']?\s(?:for\b|[^.\n]{0,60}\brespectively\b)"
)
# Behind a word that says whose or what kind of thing is used, and is no value: 默认使用acme生成的标识.
_OF_A_THING = re.compile(r"\s?[\u4e00-\u9fff]{2,10}的[\u4e00-\u9fff]")
# What a switch is called that is true or false.
_SWITCHES = {"on": True, "enabled": True, "off": False, "disabled": False}
# A number with its unit: "5s", "22050Hz", of which no other unit has the same number.
_WITH_UNIT = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s?(?:s|secs?|seconds?|秒|[Hh]z|fps|px|像素)")


def read_defaults(page: Page) -> None:
    """Say `default`, where the value can be one of the field's type."""
    for cue in DEFAULT.finditer(page.text):
        token = TOKEN.match(page.text, cue.end()) or re.compile(r"()()()(-\d[\d.]*)").match(
            page.text, cue.end()
        )
        if token is None or not page.is_free(*cue.span()):
            continue
        value, length = value_of(token)
        following = page.text[token.start() + length :]
        weak = not token[1] and not token[2] and not token[3] and re.match(r"\s+[a-z]{2,}", following)
        if weak and (_IF_NOTHING_IS_SAID.match(following) or _is_listed(page, value)):
            weak = None
        if _is_of_another_thing(page, cue, token.start() + length):
            page.doubtful.append(cue.start())
            continue
        if (
            value.isalpha()
            and value == token[4]
            and _OF_A_THING.match(following)
            and not _is_listed(page, value)
        ):
            page.doubtful.append(cue.start())
            continue
        if value.lower() in NO_VALUE or (weak and not re.search(r"[\d_-]", value)):
            continue
        _say_default(page, value, cue.start(), token.start() + length)
    for match in (
        *_SAID_DEFAULT.finditer(page.text),
        *_MEANT_DEFAULT.finditer(page.text),
        *(_SWITCH_DEFAULT.finditer(page.text) if page.type == "boolean" else ()),
        *_by_default(page),
        *left_out.clauses(page),
        *_UNLESS_GIVEN.finditer(page.text),
    ):
        value = next(group for group in match.groups()[:4] if group).strip(" \"'")
        if (
            match.re is _MEANT_DEFAULT
            and match["label"]
            and page.type != "boolean"
            and not _is_listed(page, value)
        ):
            continue  # "`size`: as it is (default)" names a field
        if value.lower() not in NO_VALUE and (
            not match[4]
            or match.re is _SAID_DEFAULT
            or page.type == "boolean"
            or _NUMERIC.match(value)
            or _is_listed(page, value)
            or ((match.re is _UNLESS_GIVEN or left_out.is_clause(match)) and re.search(r"\d", value))
        ):
            _say_default(page, value, *match.span())
        elif left_out.is_clause(match) and value.lower() not in NO_VALUE:
            page.doubtful.append(match.end() - 1)  # "calm if left out": a value, or a word about it
    if not any(one.keyword == "default" for one in page.constraints):
        page.doubtful += [one.start() for one in left_out.conditions(page.text)]


def _is_of_another_thing(page: Page, cue: re.Match[str], end: int) -> bool:
    """Whether a default that ends here is one of a case, of what a service allows, or of a console."""
    is_of_thing = _OF_ANOTHER_THING.match(cue.group()) is not None
    return is_of_thing or _OF_CASES.match(page.text, end) is not None or is_of_service(page, end)


def _by_default(page: Page) -> Iterator[re.Match[str]]:
    """Each "4 by default", but what another field is set to: "sets `timeout` to 30 by default"."""
    for match in _BY_DEFAULT.finditer(page.text):
        before = _SET_TO.search(page.text[max(0, match.start() - MAX_BEFORE) : match.start()])
        if before is None or before["name"] == page.name:
            yield match
        else:
            page.doubtful.append(match.start())


def _is_listed(page: Page, value: str) -> bool:
    return any(c.keyword == "enum" and typed(value, page.type) in c.value for c in page.constraints)


def _say_default(page: Page, value: str, start: int, end: int) -> None:
    if page.type in ("integer", "number") and (measured := _WITH_UNIT.fullmatch(value)):
        value = measured[1]
    default = typed(value, page.type)
    if page.type == "boolean" and value.lower() in _SWITCHES:
        default = _SWITCHES[value.lower()]
    if page.type is None and value.lower() in ("true", "false"):
        default = value.lower() == "true"  # of what has no type it says that
    if default is not None:
        page.say("default", default, start, end)
