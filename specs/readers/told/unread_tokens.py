"""The figures and values that stand in a line, each as a text that facts may have.

"from 8-60, default `fast`"  →  8, 60, fast
"枚举值：zh（中文）、en（英文）"  →  zh, en
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import TYPE_WORDS
from understudy.specs.readers.told.untold_lines import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

_N = r"\d{1,15}(?:\.\d{1,6})?"
# Not a part of a name, a path, a date or a picture's size; the ends of a range each for itself.
_NUMBER = re.compile(
    rf"(?<![\w.#:/\[-])(?P<low>-?{_N})\s?[-–~]\s?(?P<high>-?{_N})(?![\d:/_-]|\.\d)|(?<![\w.#:/-])(?<!\w\[)(?P<one>-?{_N})(?!D\b)(?![\d:/_-]|\.\d)"
)
_NO_FIGURE = re.compile(
    r"\b(?:19|20)\d\d[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?|\A\W{0,6}\d{1,2}[.)、]\s|\b(?:step|version|chapter|section|rfc|http)\s?#?\d[\d.]*|\bv\d[\d.]*\b|第\s?\d{1,3}\s?[步章节]|\b[A-Z][a-z]+\s\d\.\d\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"`([\w.:+\[\]-]{1,60})`|[\"']([\w.:+\[\]-]{1,60})[\"']", re.ASCII)
_OF_A_KEY = re.compile(r"\s{0,40}[\"'][\w.-]{1,80}[\"']\s{0,3}[:：]")
# Words of no language but code in a Chinese sentence, one behind the other, each with what it means.
_WORD = r"[A-Za-z0-9][\w.:-]{0,40}"
_MEANT = r"(?:\s?(?:[(（][^()（）\n]{1,30}[)）]|[\u4e00-\u9fff]{1,8}(?![\u4e00-\u9fff])))?"
_HAN_LIST = re.compile(rf"{_WORD}{_MEANT}(?:\s?[、，,;；/|或和]\s?{_WORD}{_MEANT}){{1,20}}", re.ASCII)
_MEANING = re.compile(r"[(（][^()（）\n]{1,30}[)）]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CUE = re.compile(r"枚举|可选|取值|可为|支持|包括|分为|可用|有效值|状态|[:：]")
_STATES = re.compile(rf"(?<![\w.]){_WORD}(?:\s?(?:→|⇒|➜|-{{1,2}}>|=>)\s?{_WORD}){{1,8}}", re.ASCII)
# What every type has for values, and words of types.
_COMMON = frozenset([*TYPE_WORDS, "true", "false", "null", "none", "uuid", "url", "base64"])


def figures(text: str) -> Iterator[str]:
    """The numbers of a line that may limit something."""
    for match in _NUMBER.finditer(_NO_FIGURE.sub(" ", text)):
        for one in (match["low"], match["high"], match["one"]):
            if one:
                yield plain(float(one))


def quoted(text: str, names: Set[str]) -> Iterator[str]:
    """The values of a line that are set as code or in quotes, without names and words of types."""
    key = _OF_A_KEY.match(text)
    for match in _QUOTED.finditer(text, key.end() if key else 0):
        yield from _value(match[1] or match[2], names)


def listed(text: str, names: Set[str]) -> Iterator[str]:
    """The words of lists without marks: those in a Chinese sentence, and states that follow each other."""
    for match in _STATES.finditer(text):
        for one in re.findall(_WORD, match.group(), re.ASCII):
            yield from _value(one, names)
    if _HAN.search(text):
        for match in _HAN_LIST.finditer(text):
            if _CUE.search(text, max(match.start() - 12, 0), match.start()):
                for one in re.findall(_WORD, _MEANING.sub(" ", match.group()), re.ASCII):
                    yield from _value(one, names)


def _value(text: str, names: Set[str]) -> Iterator[str]:
    steps = [one for one in re.split(r"[.\[\]]+", text) if one]
    is_name = bool(steps) and all(one in names or (one.isdigit() and len(steps) > 1) for one in steps)
    if not is_name and text.lower() not in _COMMON and any(one.isalnum() for one in text):
        yield text
