"""Fields whose name, type and whether they are required stand in one word, as copies glue them.

model?string      promptstring · max: 2500Required      promptrequired      seedinteger1 to 9Defaults to 4
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.stated.head_names import NAME, is_sure_name, may_be_name
from understudy.specs.readers.stated.said_words import ONE_TYPE, TYPE, YES, Head, is_whole, take

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

# So many lines below a field may what stands inside of it begin.
_NEAR = 8
_N = r"-?\d{1,9}(?:\.\d{1,6})?"
# The same with a description glued behind: "seed?integerRepeats a clip". The mark makes it sure.
_MARKED_TEXT = re.compile(
    r"(?P<name>[A-Za-z_][\w.]{0,60})(?P<mark>[?*])(?P<type>(?:string|integer|number|boolean|object|array)(?:\[\])?)(?P<rest>[A-Z0-9\"'`(（一-鿿].{0,600})\Z"
)
# A mark or nothing between the name and its type, and a word at the end that says whether it is required.
_MARKED = re.compile(rf"(?P<name>{NAME})(?P<mark>[?*])\s?(?P<type>{TYPE})?(?:\s?\|\s?null)?\Z")
_GLUED = re.compile(
    rf"(?P<name>[A-Za-z_$][\w$.\[\]]{{0,79}}?)(?<!_)(?P<type>(?:(?:list|array)\ of\ [a-z]{{3,12}}?|{ONE_TYPE})(?:<\w{{3,10}}>)?(?:\[\])?)(?P<between>(?:\s·\s[\w:.\-\s]{{1,40}}?){{0,4}}?)(?P<said>Required|Optional|required|optional|(?:Yes|No|YES|NO|true|false)(?=[A-Z一-鿿\"“]|\Z)|是(?!否)|否)(?P<rest>(?![a-z]).{{0,600}})\Z"
)
# As ReadMe's pages are copied: `seedinteger1 to 9Defaults to 4`, `promptstringlength ≤ 200required`.
_GLUED_BOUNDS = re.compile(
    rf"(?P<name>[A-Za-z_$][\w$.\[\]]{{0,79}}?)(?<![_.])(?P<type>(?:array\ of\ [a-z]{{3,12}}?|string|integer|number|float|boolean|object|array))(?P<said>enum|(?P<length>length\s)?(?:(?P<low>{_N})\sto\s(?P<high>{_N})|(?P<sign>[≤≥])\s(?P<bound>{_N})))?(?P<required>required)?(?:Defaults\sto\s(?P<default>\S.{{0,80}}?))?(?P<late>required)?\Z"
)
# Only the name and the type glued to a description, which begins with a capital.
GLUED_TEXT = re.compile(
    r"(?P<name>[a-z][a-z0-9_]{1,60}?)(?<!_)(?P<type>string|integer|number|boolean|object|array|enum<\w{3,10}>)(?P<rest>[A-Z][A-Za-z0-9]{0,20}[ .,].{0,600})\Z"
)
# The type glued to a name, and below it a sentence that begins with whether it is required.
_GLUED_TYPE = re.compile(
    r"(?P<name>[a-z][\w.\[\]]{1,60}?)(?<![_.])(?P<type>string|integer|number|boolean|object|array)\Z"
)
_SAYS_PRESENCE = re.compile(r"(?:Optional|Required)\b[^\n]|(?:可选|必填|选填|必选)[，,、。]")
# What a field is, below its name and type.
_SENTENCE_BELOW = re.compile(r"[A-Z][\w'’-]{0,30}\s\S|[一-鿿]{2}")
# Limits and a default glued to whether it is required: "Optional>=1<=10Defaults to 4".
_GOES_ON = re.compile(r"[<>≤≥]=?\s?-?\d|Defaults?\s(?:to|is)\s")
# All of it glued: `seedoptionalintegerRepeats the result`.
_GLUED_ALL = re.compile(
    r"(?P<name>[a-z][a-z0-9_]{0,60}?)(?<!_)(?P<said>required|optional)(?P<type>string|integer|number|boolean|object|array)(?P<rest>(?:[A-Z]|\Z).{0,600})\Z"
)
_GLUED_SAID = re.compile(r"(?P<name>[A-Za-z_$][\w$.]{0,79}?)(?P<said>required|optional|Required|Optional)\Z")


def glued_head(lines: Sequence[str], index: int, bare: str, known: Set[str]) -> Head | None:
    """A head whose parts stand in one word: `model?string`, `promptstring · max: 2500Required`, `promptrequired`."""
    if (found := _MARKED.match(bare)) and (found["type"] or is_sure_name(found["name"], known)):
        return Head(index, index + 1, found["name"], found["type"] or "", found["mark"] == "*")
    if found := _MARKED_TEXT.match(bare):
        return Head(index, index + 1, found["name"], found["type"], found["mark"] == "*", rest=found["rest"])
    if (found := _GLUED_ALL.match(bare)) and (may_be_name(found["name"]) or found["name"] == "text"):
        return Head(
            index, index + 1, found["name"], found["type"], found["said"] == "required", rest=found["rest"]
        )
    if (found := _GLUED_SAID.match(bare)) and may_be_name(found["name"]):
        after = next((n for n in range(index + 1, min(index + 3, len(lines))) if lines[n].strip()), 0)
        type_ = lines[after].strip() if after else ""
        if type_ and is_whole(type_):
            head = Head(index, after + 1, found["name"], "", found["said"].lower() == "required")
            take(head, type_, 0)
            if head.type:
                return head
    if (found := _GLUED_BOUNDS.match(bare)) and (found["said"] or found["default"]):
        return _bounded(index, found) if may_be_name(found["name"]) else None
    if found := _GLUED.match(bare):
        head = Head(index, index + 1, found["name"], found["type"], YES.match(found["said"]) is not None)
        rest, _ = take(head, found["between"], 0)
        behind, _ = take(head, found["rest"], 0) if _GOES_ON.match(found["rest"]) else (0, 0)
        head.rest = (found["between"][rest:] + found["rest"][behind:]).strip(" ·")
        return head if may_be_name(head.name) else None
    if (found := _GLUED_TYPE.match(bare)) and may_be_name(found["name"]):
        below = lines[index + 1].strip() if index + 1 < len(lines) else ""
        is_sure = is_sure_name(found["name"], known) or _holds_next(lines, index, found["name"])
        if _SAYS_PRESENCE.match(below) or (is_sure and _SENTENCE_BELOW.match(below)):
            return Head(index, index + 1, found["name"], found["type"])
    if (found := GLUED_TEXT.match(bare)) and (may_be_name(found["name"]) or found["name"] == "object"):
        return Head(index, index + 1, found["name"], found["type"], rest=found["rest"])
    return None


def _holds_next(lines: Sequence[str], index: int, name: str) -> bool:
    """Whether the next field, a few lines below, says that it stands inside of this one."""
    inside = (f"{name}.", f"{name}[].")
    return any(line.strip().startswith(inside) for line in lines[index + 1 : index + _NEAR])


def _bounded(index: int, found: re.Match[str]) -> Head:
    """The head of a copied ReadMe page: its range or length, whether it is required, and its default."""
    head = Head(
        index, index + 1, found["name"], found["type"], bool(found["required"] or found["late"]) or None
    )
    head.default = found["default"] or ""
    of = " length" if found["length"] else ""
    bounds = (
        ((">=", found["low"]), ("<=", found["high"])) if found["low"] else ((found["sign"], found["bound"]),)
    )
    head.limits = [
        f"{'min' if sign in ('>=', '≥') else 'max'}{of}: {bound}" for sign, bound in bounds if bound
    ]
    return head
