"""Fields that a rendered page has on one line each, name first: `model string (required)`.

prompt string （必选）        seed integer Default value: -1 Abbreviation: seed
*content.type string Required                       tiernew string        (a badge *new* glued to the name)
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_INLINE = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]{0,79})[ \t]{1,4}(?P<type>(?:string|integer|int|long|float|double|number|bool(?:ean)?|object|array|list|enum)(?:\[\]|<\w{1,20}>|\[\w{1,20}\]|[ ]of[ ]\w{3,10})?)"
    r"(?:[ \t]{0,4}[(（]?(?P<required>必选|必填|可选|选填|required|optional)[)）]?)?"
    r"(?P<when>[ \t]{1,4}under certain conditions|[ \t]{0,4}条件必[选填])?"
    r"(?:[ \t]{1,4}(?:default value|默认值)[ \t]?[:：]?[ \t]?(?P<default>[\w.+-]{1,60}))?"
    r"(?:[ \t]{1,4}(?:abbreviation|简写)[ \t]?[:：][ \t]?\w{1,40})?[ \t]{0,4}\Z",
    re.IGNORECASE,
)
# A mark and the type glued to the name: `model?string` need not be given.
_TYPES = r"string|integer|number|boolean|object|array<[\w ]{1,30}>|array"
_MARKED = re.compile(
    rf"(?P<name>[A-Za-z_][\w$-]{{0,79}})(?P<mark>[?*])[ \t]{{0,2}}(?P<type>{_TYPES})?(?:[ ]?\|[ ]?null)?\Z"
)
# On a page with such lines this one must be given: `promptstring`.
_GLUED = re.compile(rf"(?P<name>[a-z_][\w$-]{{0,79}}?)(?P<type>{_TYPES})\Z")
# A bullet without a blank behind it, as browsers copy lists.
_BULLET = re.compile(r"\*(?=[A-Za-z_][\w.-]{0,79}[ \t])")
_BADGE = re.compile(r"(?<=[a-z])(?:new|beta)\Z")


@dataclass(frozen=True, slots=True)
class InlineField:
    """What such a line says; `required` is None where it says nothing, or that it depends."""

    name: str
    type: str
    required: bool | None
    default: str = ""


def inline_field(line: str) -> InlineField | None:
    """The field that a line is, or None for any other line."""
    if marked := _MARKED.match(line[:200]):
        return InlineField(marked["name"], marked["type"] or "any", marked["mark"] == "*")
    found = _INLINE.match(_BULLET.sub("", line[:300], count=1))
    if found is None:
        return None
    said = (found["required"] or "").lower()
    if not said and not found["default"] and found["name"].istitle() and found["name"].isalpha():
        return None  # "Picture object" heads what follows
    required = None if not said or found["when"] else said in ("必选", "必填", "required")
    return InlineField(found["name"], found["type"], required, found["default"] or "")


class InlineNames:
    """What the names of a page's fields tell together: whether they are whole, and which stand twice."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.names = Counter(one.name for one in map(inline_field, lines) if one)
        self.are_marked = sum(_MARKED.match(line[:200]) is not None for line in lines) > 1
        # Names of fields inside of others are whole: `content.type`.
        self.are_whole = any("." in name for name in self.names)
        self._words = {word for line in lines for word in re.findall(r"[A-Za-z_]\w{2,79}", line[:400])}
        # Where a field is described twice, its object has several shapes: each holds some of the others.
        self._shaped = {
            name.rpartition(".")[0] for name, count in self.names.items() if count > 1 and "." in name
        }

    def glued(self, line: str) -> InlineField | None:
        """The field that must be given whose type is glued to its name, on a page that marks the others."""
        found = _GLUED.match(line[:200]) if self.are_marked else None
        return InlineField(found["name"], found["type"], True) if found else None

    def is_of_a_shape(self, name: str) -> bool:
        """Whether the field is one of an object that is described in several shapes, and not of all of them."""
        return name.rpartition(".")[0] in self._shaped and self.names[name] == 1

    def bare(self, name: str) -> str:
        """The name without a badge that is glued to it, where the page says it without, too."""
        without = _BADGE.sub("", name)
        return without if without in self._words else name
