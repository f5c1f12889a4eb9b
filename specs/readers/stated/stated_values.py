"""The values, limits and types that stand below a field on lines of their own, in the words of a Markdown list."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.fields.glued_values import Words, taken_apart
from understudy.specs.readers.stated.stated_lines import ENDS, is_listed, section, without_bullet
from understudy.specs.readers.text.label_words import OPTIONS
from understudy.specs.readers.text.page_text import parse_type

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

MAX_OPTIONS = 200

# Other words for the same before a list of values.
_CHOICES = re.compile(
    r"(?:选项|值|value in|one of|accepted values?|valid values?|allowed values?|enumeration|enum|options|values|枚举)\s?(?:[:：]\s{0,3}|(?=[\"'`])|\Z)(?P<rest>.*)\Z",
    re.IGNORECASE,
)
_N = r"-?\d[\d,]{0,15}(?:\.\d{1,6})?"
_RANGE = re.compile(
    rf"(?:(?:required\s|valid\s|value\s|rango\srequerido\s?|rango\s?)?range|rango(?:\srequerido)?|plage|intervalo|范围|取值范围|必填范围)?\s?[:：]?\s{{0,3}}(?P<low>{_N})\s?(?:<=?|≤|-|~|–|to|\.\.)\s?(?:(?:x|value)\s?(?:<=?|≤)\s?)?(?P<high>{_N})\Z",
    re.IGNORECASE,
)
_SIDES = re.compile(
    rf"(?:(?:required\s)?range|rango\srequerido|范围|必填范围)?\s?[:：]?\s{{0,3}}(?:x\s?|value\s?)?(?P<op>[<>≤≥]=?)\s?(?P<value>{_N})(?P<unit>\s?(?:char(?:acter)?s?|items?))?(?=\s{{0,3}}(?:,|and|[<>≤≥]|\Z))",
    re.IGNORECASE,
)
_DEFAULT_AND_RANGE = re.compile(
    r"(?P<value>-?\d{1,9}(?:\.\d{1,6})?)Range\s?:\s?(?P<low>-?\d{1,9}(?:\.\d{1,6})?)\s?[-–~]\s?(?P<high>-?\d{1,9}(?:\.\d{1,6})?)\Z"
)
_GLUED_TEXTS = re.compile(r"(?:\"[^\"\n]{1,60}\"){2,40}\Z")
_LENGTH = re.compile(
    rf"(?P<which>minimum|maximum|required)\s(?P<of>string|array)\slength\s?[:：]\s?(?P<low>{_N})(?:\s?-\s?(?P<high>{_N}))?",
    re.IGNORECASE,
)
_OPTION = re.compile(r"[`\"']?[\w.+*-][\w.:+*/-]{0,119}[`\"']?\Z", re.ASCII)
_MEANT = re.compile(
    r"(?:[-*•]\s{0,3})?[`\"']?(?P<value>[\w.+-]{1,60})[`\"']?\s{0,2}(?:[:：]\s{0,2}\S|[(（])", re.ASCII
)
_QUOTED = re.compile(r"(?:[`\"'][^`\"'\n]{1,80}[`\"'][\s,，、|/]{0,3}){1,60}\Z")


class ListedValues:
    """Reads the values behind a label; `heads` are the indices of the lines on which fields begin."""

    def __init__(self, lines: Sequence[str], heads: Container[int]) -> None:
        self.lines, self.heads = lines, heads
        self.words = Words(lines)

    def behind(self, text: str, index: int, type_: str) -> tuple[str, int]:
        """The values that a line with a label before them lists, or the lines from `index` on, and the index behind
        the last one; "" where the line has no such label, or nothing behind it is a value."""
        found = OPTIONS.match(text) or _CHOICES.match(text)
        rest = next((one for one in found.groups() if one), "").strip() if found else ""
        if rest:
            bare = rest.strip("[]").strip()
            values = taken_apart(bare, type_, self.words) or [bare]
            return (", ".join(f"`{one}`" for one in values) if len(values) > 1 else bare), index
        return self._listed(index, type_) if found else ("", index)

    def of_line(self, text: str, type_: str) -> str:
        """The values that a line is made of, each in code; "" where it says anything else."""
        values = self._values(text, type_)
        return ", ".join(f"`{one}`" for one in values) if len(values) > 1 else ""

    def _listed(self, index: int, type_: str) -> tuple[str, int]:
        values: list[str] = []
        end = index
        while end < len(self.lines) and end not in self.heads and len(values) < MAX_OPTIONS:
            text = self.lines[end].strip()
            bare = without_bullet(text)
            is_blank = not text and (
                end == index or (end + 1 < len(self.lines) and is_listed(self.lines[end + 1].strip()))
            )
            if found := self._values(bare, type_):
                values += found
            elif meant := _MEANT.match(bare):
                values.append(meant["value"])
            elif not is_blank:
                break
            end += 1
        return ", ".join(f"`{one}`" for one in dict.fromkeys(values)), end

    def _values(self, text: str, type_: str) -> list[str]:
        """The values that a line is made of: one, several set apart by commas, or run together; [] where it is more."""
        bare = text.rstrip(",，、 ")
        if (
            not bare
            or bare.endswith((":", "："))
            or section(bare)
            or (not bare.isdigit() and ENDS.match(bare))
        ):
            return []
        if _QUOTED.match(bare):
            return [one.strip("`\"'") for one in re.findall(r"[`\"'][^`\"'\n]{1,80}[`\"']", bare)]
        several = re.split(r"\s?[,，、]\s?", bare)
        if not all(_OPTION.match(one) for one in several):
            return []
        return taken_apart(bare, type_, self.words) or [one.strip("`\"'") for one in several]


def default_and_more(text: str) -> list[str]:
    """A default with the values or the range glued behind it, in the words of a list; [] for any other line.

    "16:9""16:9""9:16" → Default: 16:9, Options: …; 0.5Range: 0 - 1 → Default: 0.5, Range: [0, 1].
    """
    if found := _DEFAULT_AND_RANGE.match(text):
        return [f"Default: {found['value']}", f"Range: [{found['low']}, {found['high']}]"]
    if _GLUED_TEXTS.match(text):
        first, *others = re.findall(r"\"([^\"]{1,60})\"", text)
        if first in others and len(set(others)) == len(others):
            return [f"Default: {first}", f"Options: {', '.join(f'`{one}`' for one in others)}"]
    return []


def limits(text: str, type_: str) -> list[str]:
    """A line that is a limit and nothing else, in the words of a list; [] for any other line."""
    text = text.strip().rstrip("。.")
    of = " items" if type_.startswith("array") else " length" if type_ == "string" else ""
    if found := _LENGTH.match(text):
        suffix = " length" if found["of"].lower() == "string" else " items"
        low, high = _plain(found["low"]), _plain(found["high"] or "")
        which = found["which"].lower()
        if which == "required":
            return [f"min{suffix}: {low}", f"max{suffix}: {high or low}"]
        return [f"{which[:3]}{suffix}: {low}"]
    if found := _RANGE.match(text):
        low, high = _plain(found["low"]), _plain(found["high"])
        return [f"min{of}: {low}", f"max{of}: {high}"] if of else [f"Range: [{low}, {high}]"]
    found_ = list(_SIDES.finditer(text))
    if (
        not found_
        or found_[0].start()
        or len("".join(one.group() for one in found_)) < len(re.sub(r"[\s,]|and", "", text))
    ):
        return []
    return [f"{'min' if one['op'][0] in '>≥' else 'max'}{of}: {_plain(one['value'])}" for one in found_]


# Other words for a type, as a whole or before what it holds.
_OBJECT = re.compile(r"\A(?:json(?:\sobject)?|map|dict|dictionary|对象)\Z", re.IGNORECASE)
_LIST = re.compile(r"\Alist(?=\Z|[\s<\[(])|\A[一-鿿]{0,4}数组\Z")


# A type that may be missing all the same: "object / null".
_OR_NULL = re.compile(r"(?:/|\bor\b)\s?null\b", re.IGNORECASE)


def plain_type(text: str) -> str:
    """A type as the list reader knows it; "" for none."""
    text = re.sub(
        r"<(?:uri|url|date-time|binary|base64|float|double|int32|int64)>",
        "",
        text.strip().replace(" ", "" if "<" in text else " "),
    )
    text = re.sub(r"(?i)\bfloat(?:32|64)\b|\bdecimal\b", "number", text)
    if re.fullmatch(r"(?i)(?:array|list)\s?[(（]\w+[)）]", text):
        text = "array"
    if "|" in text or _OR_NULL.search(text):
        first = [one for one in re.split(r"\s?[|/]\s?|\sor\s", text) if one.lower() != "null"]
        text = first[0] if first else ""
    text = re.sub(r"(?<!\w)(\w{1,40})\s?\[\]\Z", r"array of \1", text)
    if not parse_type(text):
        return ""
    text = _OBJECT.sub("object", text)
    return _LIST.sub("array", text.lower() if text.isascii() else text)


def _plain(number: str) -> str:
    return number.replace(",", "")
