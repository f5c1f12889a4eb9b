"""What sentences say: constraints and leftovers, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from understudy.specs.prose.traditional import is_traditional, simplified


@dataclass(frozen=True, slots=True)
class Constraint:
    """A keyword, its value, and the span of the text that says so."""

    keyword: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Leftover:
    """A sentence that limits something but was not understood, and where it begins."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Prose:
    """Everything that a text says, in the order of the text."""

    constraints: tuple[Constraint, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    # Places where the text was broken but had one reading: glued values.
    mends: tuple[Leftover, ...] = ()

    def get(self, keyword: str) -> Any:
        """The first value of `keyword`, or None."""
        return next((c.value for c in self.constraints if c.keyword == keyword), None)


# Word boundaries and classes are those of ASCII: in "图片URL或Base64" the URL is a word.
FLAGS = re.IGNORECASE | re.ASCII


# A text that says more than this is not a description; what it says beyond is left over.
MAX_CONSTRAINTS = 60


class Page:
    """A text while it is being read: one spelling of each sign, and which spans are already understood."""

    def __init__(self, text: str, type_: str | None, name: str = "") -> None:
        self.original = text
        self.text = one_spelling(text)
        self.type = type_
        self.name = name  # of the field, "" where it is not known
        self.constraints: list[Constraint] = []
        self.covered: list[tuple[int, int]] = []
        self.doubtful: list[int] = []
        # Spans of lists that go on, or that can be read in two ways.
        self.open_lists: list[tuple[int, int]] = []
        self.mends: list[Leftover] = []

    def is_free(self, start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in self.covered)

    def cover(self, start: int, end: int) -> None:
        self.covered.append((start, end))

    def say(self, keyword: str, value: Any, start: int, end: int) -> None:
        if len(self.constraints) == MAX_CONSTRAINTS:
            return
        self.constraints.append(Constraint(keyword, value, start, end))
        self.cover(start, end)


# A Chinese full stop ends a sentence without a blank behind it: it counts as the end of a line.
_SIGNS = str.maketrans(
    "，：；（）【】［］～〜∼－–—−‐‑、。●○＜＞＝≦≧⩽⩾×｜／“”「」‘’\u00a0\u3000"
    + "".join(chr(0xFF10 + n) for n in range(10)),
    ',:;()[][]~~~------,\n\n\n<>=≤≥≤≥x|/""""\'\'  0123456789',
)


# Twenty blanks or digits in a row say nothing more; patterns would try them in every combination.
_LONG_RUN = re.compile(r"(?<=\s{20})\s|(?<=\d{20})\d")


# A range that is set as code, as a whole: `4~12`, `[0, 9]`.
_NUMBER = r"-?\d{1,15}(?:\.\d{1,6})?"
_CODED_RANGE = re.compile(
    rf"`(?=[ ]?(?:[\[(][ ]?)?{_NUMBER}[ ]?[,~-][ ]?{_NUMBER}[ ]?[\])]?[ ]?`)([^`\n]{{3,60}})`"
)
# The two ends of a range, each set as code: from `1` to `50`.
_CODED_ENDS = re.compile(
    rf"(?P<cue>(?:\b(?:range|from|between)\b|(?:范围|区间|介于|从)[是为从在]?)[ ]?[:：]?[ ]?)"
    rf"`(?P<low>{_NUMBER})`(?P<to>[ ]?(?:to|and|-|~|至|到)[ ]?)`(?P<high>{_NUMBER})`",
    re.IGNORECASE,
)


# Behind a lost end of line, what is said of a model: "… - model-1: default 5 - model-2: default 4".
_LOST_LINE = re.compile(
    r"[ ]-(?=[ ][A-Za-z][A-Za-z.-]{0,30}\d[\w.-]{0,30}(?:[ ]?,[ ]?[A-Za-z][\w.-]{1,40}){0,5}"
    r"[ ]?(?:\([^()\n]{1,20}\))?[ ]?:[ ])"
)


def one_spelling(text: str) -> str:
    """The text with full-width signs and typographic dashes and quotes as ASCII, character for character."""
    if is_traditional(text):
        text = simplified(text)
    text = text.translate(_SIGNS).replace("**", "  ")
    for tag in ("<br>", "<br/>", "<br />", "<BR>"):
        text = text.replace(tag, "\n" + " " * (len(tag) - 1))
    text = _LOST_LINE.sub("\n-", text)
    text = _CODED_RANGE.sub(
        lambda found: found[0] if "," in found[1] and "[" not in found[1] else f" {found[1]} ", text
    )
    text = _CODED_ENDS.sub(r"\g<cue> \g<low> \g<to> \g<high> ", text)
    # Last, as signs and tags have become blanks.
    return _LONG_RUN.sub("\x01", text)
