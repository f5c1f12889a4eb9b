r"""Properties of characters in patterns (ECMA-262, 22.2.1, CharacterClassEscape) as plain ranges.

General categories by their long and short names, `ASCII` and `Any` are known. Scripts and other properties
are left as they stand, for Python has no table of them: such a pattern is not understood.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

# Unicode, PropertyValueAliases.txt, gc: the long names of the categories and of their groups.
CATEGORIES = {
    "Cased_Letter": "LC",
    "Close_Punctuation": "Pe",
    "Connector_Punctuation": "Pc",
    "Control": "Cc",
    "Currency_Symbol": "Sc",
    "Dash_Punctuation": "Pd",
    "Decimal_Number": "Nd",
    "Enclosing_Mark": "Me",
    "Final_Punctuation": "Pf",
    "Format": "Cf",
    "Initial_Punctuation": "Pi",
    "Letter": "L",
    "Letter_Number": "Nl",
    "Line_Separator": "Zl",
    "Lowercase_Letter": "Ll",
    "Mark": "M",
    "Math_Symbol": "Sm",
    "Modifier_Letter": "Lm",
    "Modifier_Symbol": "Sk",
    "Nonspacing_Mark": "Mn",
    "Number": "N",
    "Open_Punctuation": "Ps",
    "Other": "C",
    "Other_Letter": "Lo",
    "Other_Number": "No",
    "Other_Punctuation": "Po",
    "Other_Symbol": "So",
    "Paragraph_Separator": "Zp",
    "Private_Use": "Co",
    "Punctuation": "P",
    "Separator": "Z",
    "Space_Separator": "Zs",
    "Spacing_Mark": "Mc",
    "Surrogate": "Cs",
    "Symbol": "S",
    "Titlecase_Letter": "Lt",
    "Unassigned": "Cn",
    "Uppercase_Letter": "Lu",
    "Combining_Mark": "M",
    "cntrl": "Cc",
    "digit": "Nd",
    "punct": "P",
}
CASED = frozenset(("Lu", "Ll", "Lt"))
# Properties in one pattern; each may become 14 kB of ranges.
MOST = 40
# An escape, a bracket, or a property.
_PIECES = re.compile(r"\\([pP])\{([^{}]{1,60})\}|\\.|[\[\]]", re.DOTALL)


def spelled_out(pattern: str) -> str:
    r"""`pattern` with ranges in place of the properties that are known, if there are at most 40:
    "^\p{Nd}$" -> "^[0-9٠-٩…]$"."""
    if not 0 < pattern.count(r"\p{") + pattern.count(r"\P{") <= MOST:
        return pattern
    within = False

    def plain(found: re.Match[str]) -> str:
        nonlocal within
        piece, kind, name = found[0], found[1], found[2]
        if piece in ("[", "]"):
            within = piece == "[" or (within and piece != "]")
        ranges = _ranges(name) if kind else None
        if ranges is None:
            return piece
        if kind == "P":
            ranges = _others(ranges)
        members = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
        return members if within else f"[{members}]" if members else "(?!)"

    return _PIECES.sub(plain, pattern)


@cache
def _ranges(name: str) -> tuple[tuple[int, int], ...] | None:
    """The characters of a property, as ranges; None for one that is not known."""
    key, _, value = name.rpartition("=")
    if key not in ("", "gc", "General_Category"):
        return None
    if not key and value in ("ASCII", "Any"):
        return ((0, 0x7F if value == "ASCII" else sys.maxunicode),)
    value = CATEGORIES.get(value, value)
    known = {*CATEGORIES.values()}
    if value not in known:
        return None
    return tuple(
        (low, high)
        for low, high, category in _categories()
        if category.startswith(value) or (value == "LC" and category in CASED)
    )


@cache
def _categories() -> tuple[tuple[int, int, str], ...]:
    """Every run of characters of one category: (first, last, category)."""
    runs, start, category = [], 0, unicodedata.category("\0")
    for point in range(1, sys.maxunicode + 1):
        now = unicodedata.category(chr(point))
        if now != category:
            runs.append((start, point - 1, category))
            start, category = point, now
    return (*runs, (start, sys.maxunicode, category))


def _others(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """All characters but those, which are in order."""
    found, start = [], 0
    for low, high in (*ranges, (sys.maxunicode + 1, sys.maxunicode + 1)):
        if low > start:
            found.append((start, low - 1))
        start = high + 1
    return tuple(found)
