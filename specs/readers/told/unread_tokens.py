"""The figures and values that stand in a line, each as a text that facts may have.

"from 8-60, default `fast`"  →  8, 60, fast
"枚举值：zh（中文）、en（英文）"  →  zh, en
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import TYPE_WORDS
from understudy.specs.readers.told.untold_lines import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

_N = r"(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,15})(?:\.\d{1,6})?"
# Not a part of a name, a path, a date or a picture's size; the ends of a range each for itself.
_NUMBER = re.compile(
    rf"(?<![\w.#:/\[-])(?P<low>-?{_N})\s?[-–~]\s?(?P<high>-?{_N})(?![\d:/_-]|\.\d)|(?<![\w.#:/-])(?<!\w\[)(?P<one>-?{_N})(?!D\b)(?![\d:/_-]|\.\d)",
    re.ASCII,
)
_NO_FIGURE = re.compile(
    r"见\s?\d[\d.]*|\b(?:19|20)\d\d[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?|\A\W{0,6}\d{1,2}[.)、]\s|\b(?:step|version|chapter|section|rfc|http)\s?#?\d[\d.]*|\bv\d[\d.]*\b|第\s?\d{1,3}\s?[步章节]|(?-i:\b[A-Z][a-z]+)\s\d\.\d\b",
    re.IGNORECASE | re.ASCII,
)
_PLAIN = r"[\w.:+*\[\]-]{1,60}(?:/[\w.:+-]{1,40}){0,3}"
_QUOTED = re.compile(rf"`({_PLAIN})`|[\"']({_PLAIN})[\"']", re.ASCII)
# An entry of a list that is a value, and a line that begins with one, glued to what it means: "queued任务排队中".
_ENTRY = re.compile(
    rf"\s{{0,12}}[-*•·]\s{{1,3}}(?:`({_PLAIN})`|[\"']({_PLAIN})[\"'])(?=\s{{0,2}}(?:[-–—:：(（=]|\Z))|\W{{0,6}}(?<![/.])([a-z][a-z_]{{2,30}})\s?[:：]?(?=[\u4e00-\u9fff])",
    re.ASCII,
)
_FILE = re.compile(r"/.*\.[a-z]{1,5}\Z")
_ALONE = re.compile(
    r"\s{0,12}(?:[-*•·]\s)?([a-z0-9][\w.:-]{0,40}|[A-Z][A-Z_]{2,40})[,，]?\s{0,3}\Z", re.ASCII
)
_OF_A_KEY = re.compile(r"\s{0,40}[\"'][\w.-]{1,80}[\"']\s{0,3}[:：]")
# Words of no language but code in a Chinese sentence, one behind the other, each with what it means.
_WORD = r"[A-Za-z0-9][\w.:-]{0,40}"
_CODE_WORD = re.compile(
    r"(?<![\w./:$<{@#-])[a-z][a-z0-9]{1,30}(?:[_.-][a-z0-9]{1,30}){0,6}(?![\w/(:}>@]|\.\w)", re.ASCII
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
MAX_LOOKED, MIN_HAN = 400, 3
_STATES = re.compile(rf"(?<![\w.])(?P<list>{_WORD}(?:\s?(?:→|⇒|➜|-{{1,2}}>)\s?{_WORD}){{1,8}})", re.ASCII)
# Words alone in a cell, a bracket or behind a colon with "or" or a slash between them.
_LOW = r"(?:[a-z0-9][\w.:-]{0,40}|[A-Z][A-Z0-9_]{2,40}\b)"
_LIST = re.compile(
    rf"(?:\A|[|\t:(：（]\s{{0,3}}|\b(?:[Oo]ne of|[Ee]ither|[Ee]num|is|be)\s)(?P<list>{_LOW}(?:(?:,\s?|\s[/·]\s|[/·]){_LOW}){{0,20}}(?:,?\sor\s|\s[/·]\s|[/·]){_LOW})(?=\s{{0,3}}(?:[|\t;,).(（。，]|\Z))",
    re.ASCII,
)
# What is said as an example.
_EXAMPLE = re.compile(
    r"(?:\be\.g\.|\bfor example\b|\bsuch as\b|\b[Ee]x(?:ample)?[:：]|例?如|比如|示例[:：])[\s:：,，]{0,3}[`\"'“]?[\w./:+-]{1,60}[`\"'”]?",
    re.ASCII,
)
# What every type has for values, and words of types.
_COMMON = frozenset(
    [
        *TYPE_WORDS,
        "true",
        "false",
        "null",
        "none",
        "uuid",
        "url",
        "base64",
        "json",
        "http",
        "https",
        "api",
        "id",
        "data",
        "image",
        "png",
        "jpg",
        "jpeg",
        "webp",
        "mp3",
        "mp4",
    ]
)


# So many digits has a moment in milliseconds, which limits nothing.
MOMENT = 13


def without_examples(text: str) -> str:
    """The text without what is said as an example: "e.g. `film-2`"."""
    return _EXAMPLE.sub(" ", text)


def unread_figures(text: str, known: Set[str]) -> bool:
    """Whether a line has a number that may limit something and is none of the known ones."""
    for match in _NUMBER.finditer(_NO_FIGURE.sub(" ", text)):
        for one in (match["low"], match["high"], match["one"]):
            # "0" is a code that says that all went well; "1,500" is one number, or two of a range.
            if (
                one
                and (one != "0" or match["low"])
                and len(one) < MOMENT
                and plain(float(one.replace(",", ""))) not in known
            ):
                parts = one.split(",")
                if len(parts) == 1 or any(plain(float(part)) not in known for part in parts):
                    return True
    return False


def quoted(text: str, names: Set[str]) -> Iterator[str]:
    """The values of a line that are set as code or in quotes, without names and words of types."""
    key = _OF_A_KEY.match(text)
    for match in _QUOTED.finditer(text, key.end() if key else 0):
        yield from _value(match[1] or match[2], names)


def entered(text: str, names: Set[str]) -> Iterator[str]:
    """The value that an entry of a list begins with, and the states that a line has in a row."""
    for match in (_ENTRY.match(text), *_STATES.finditer(text)):
        if match is not None and match.re is _STATES:
            for one in re.findall(_WORD, match["list"], re.ASCII):
                yield from _value(one, names)
        elif match is not None:
            yield from _value(match[1] or match[2] or match[3], names)


def alone(text: str, names: Set[str]) -> str:
    """The value that a line has alone; "" where it has none."""
    found = _ALONE.match(text)
    return next(_value(found[1], names), "") if found else ""


def listed(text: str, names: Set[str]) -> Iterator[str]:
    """The words of lists without marks, those of no language in a Chinese sentence, and states in a row."""
    for pattern in (_STATES, _LIST):
        for match in pattern.finditer(text):
            for one in re.findall(_WORD, match.group("list"), re.ASCII):
                if one not in ("or", "and"):
                    yield from _value(one, names)
    if len(_HAN.findall(text[:MAX_LOOKED])) >= MIN_HAN:
        for one in _CODE_WORD.findall(text):
            yield from _value(one, names)


def _value(text: str, names: Set[str]) -> Iterator[str]:
    steps = [one for one in re.split(r"[.\[\]]+", text) if one]
    if _FILE.search(text):
        return
    is_name = bool(steps) and all(one in names or (one.isdigit() and len(steps) > 1) for one in steps)
    if not is_name and text.lower() not in _COMMON and any(one.isalnum() for one in text):
        yield text
