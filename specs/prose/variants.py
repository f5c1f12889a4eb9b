"""What a description says of one model after the other, a line each: of the field holds what is true of all.

    model-1: default 5, one of 5, 10         → enum 4, 5, 10; no default
    model-2: default 4, one of 4

Lists are joined and bounds widened, so that nothing is refused that one of them takes. Every such line whose
values are not those of the others is left over, too.
"""

# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from understudy.specs.prose.records import FLAGS, Constraint
from understudy.specs.prose.sentences import sentence_around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.prose.records import Page

# A line that begins with the name of a model or version: letters and a digit in one word.
_LABEL = re.compile(
    r"[ \t\-•*]{0,8}(?:(?:note|注)[ ]?\d{0,2}[:.][ \t]{0,3})?(?:[`\"']?[A-Za-z](?=[A-Za-z_.-]{0,40}\d)[\w.-]{1,60}|for[ ][A-Za-z][\w.-]{0,40}[ ]v?\d"
    r"|(?:when|if)[ ](?:the[ ])?[`\w]{1,30}[ ](?:is|=)[ ][`\"']?[A-Za-z](?=[A-Za-z_.-]{0,40}\d)[\w.-]{1,60}|当[ ]?[`\w]{0,30}[ ]?(?:为|是)[ ]?[`\"']?[A-Za-z](?=[A-Za-z_.-]{0,40}\d)[\w.-]{1,60})",
    FLAGS,
)
_CLAUSE_ENDS = re.compile(r"[\n;]|\.(?=\s)")
_CLAUSE_PARTS = re.compile(r"[,;\n]|\.(?=\s)")
# What makes a clause one of some case: a condition, or the name of a model or version.
_OF_A_CASE = re.compile(
    r"\b(?:with|without|when|if|unless|for|in|under|using)\s|[有无当若时下]|如果|模[型式]|(?<![\w.-])[A-Za-z][A-Za-z-]{0,30}\d(?![A-Za-z])",
    FLAGS,
)
# A case with which a sentence begins; that the field is given at all is none.
_CASE_FIRST = re.compile(
    r"(?:when|if|for(?![ ](?:best|better|optimal|good|security|safety|performance|technical|each|every|all|any|both)\b)|with|without|under)\b[^,:.;\n]{3,60}[,:]|(?:若|如果?|当|在)?[^,:.;\n]{2,30}时[,:]",
    FLAGS,
)
# Before it, what the sentence is about: "Length: when it is short, …".
_LABEL_FIRST = re.compile(r"[ \t\-*•]{0,8}[^:,.;\n]{2,20}:[ \t*]{0,4}")
_CASE_BEFORE = re.compile(
    r"(?:(?:(?<!应)当(?!前)|若|如果)[^,:.;\n]{2,30}|在[^,:.;\n]{2,30}(?:时|情况下|模式下))[,:][ ]?\Z|[^\x00-\x7F]{2,12}时(?:必填|必选|必传|需要?|可以?|为)[^,:.;\n]{0,6}\Z|\b(?:when|if)\b[^,:.;\n]{3,60},[ ]?\Z",
    FLAGS,
)
# The same before a colon, of all that its line says: "For a swap: must be given; 1 image at most".
_CASE_OF_LINE = re.compile(r"(?:when|if|for|with|without)\b[^,:.;\n]{3,60}:", FLAGS)
_WHERE_GIVEN = re.compile(
    r"\b(?:given|set|provided|present|specified|used|passed|supplied|not\s+empty|example|instance|this)\b|不为空|传入|填写|指定|设置|使用|上传",
    FLAGS,
)
# The name of a case with which a clause begins: "calm: ", "- model calm: ", or a word of another script.
_CASE_LABEL = re.compile(
    r"[ \t\-*•]{0,6}[`\"']?(?P<name>(?:[A-Za-z][\w.-]{0,30}[ ]){0,2}[A-Za-z][\w.-]{0,30})[`\"']?[ ]?(?::|(?=[^\x00-\x7F])|\Z)[^:]{0,20}\Z",
    FLAGS,
)
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def join_variants(page: Page) -> None:
    """Put what is said of several models into what holds for all of them."""
    lines = _labelled(page)
    if len(lines) == 1:
        _join_case(page, lines[0])
    if len(lines) < 2:
        return
    for keyword in ("enum", "default", *_LOWER, *_UPPER):
        said = [one for line in lines for one in line if one.keyword == keyword]
        if not said or (len(said) == len(lines) and all(one.value == said[0].value for one in said)):
            continue
        value = None if keyword == "default" else _joined(keyword, said, lines)
        page.constraints = [one for one in page.constraints if one not in said]
        if value is not None:
            page.constraints.append(Constraint(keyword, value, said[0].start, said[0].end))
        page.covered = [span for span in page.covered if span not in [(one.start, one.end) for one in said]]
        page.doubtful += [one.start for one in said]


def _join_case(page: Page, case: Sequence[Constraint]) -> None:
    """Of a bound that is said of all and once more of one model keep the wider; a default of that model is none."""
    for one in case:
        others = [other for other in page.constraints if other.keyword == one.keyword and other not in case]
        if not others or one.keyword not in ("default", *_LOWER, *_UPPER):
            continue
        page.constraints.remove(one)
        page.covered = [span for span in page.covered if span != (one.start, one.end)]
        page.doubtful.append(one.start)
        if one.keyword != "default":
            at = page.constraints.index(others[0])
            page.constraints[at] = replace(others[0], value=_joined(one.keyword, [*others, one], ()))


def keep_widest(page: Page) -> None:
    """Of several lists of values keep the one that holds all others: a narrower one is of some case."""
    lists = [one for one in page.constraints if one.keyword == "enum"]
    widest = max(lists, key=lambda one: len(one.value), default=None)
    if widest is None or not all(value in widest.value for one in lists for value in one.value):
        return
    for one in lists:
        if len(one.value) < len(widest.value):
            page.constraints.remove(one)
            page.covered = [span for span in page.covered if span != (one.start, one.end)]
            page.doubtful.append(one.start)


def keep_loosest(page: Page) -> None:
    """Of several bounds of which some are of a case keep the loosest, and leave the tighter ones over."""
    for keyword in (*_LOWER, *_UPPER):
        said = [one for one in page.constraints if one.keyword == keyword]
        if len(said) < 2 or not (
            any(_OF_A_CASE.search(_clause(page.text, one)) for one in said) or _are_of_cases(page.text, said)
        ):
            continue
        loosest = (min if keyword in _LOWER else max)(one.value for one in said)
        for one in said:
            if one.value != loosest:
                page.constraints.remove(one)
                page.covered = [span for span in page.covered if span != (one.start, one.end)]
                page.doubtful.append(one.start)


def leave_cases(page: Page) -> None:
    """Leave the only bound of its kind over where its sentence begins with a case: "with a clip, at most 4"."""
    text = page.text
    for one in page.constraints:
        if (
            one.keyword == "default"
        ):  # "4 if left out, at most 10": that it is left out is no case of the bound
            text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
    for keyword in (*_LOWER, *_UPPER):
        said = [one for one in page.constraints if one.keyword == keyword]
        if len(said) == 1 and _begins_with_case(text, said[0].start):
            page.constraints.remove(said[0])
            page.covered = [span for span in page.covered if span != (said[0].start, said[0].end)]
            page.doubtful.append(said[0].start)


def _are_of_cases(text: str, said: Sequence[Constraint]) -> bool:
    """Whether each of several bounds is said in a clause of its own, behind another word: "calm: 5-10, wild: 3-15",
    "for calm, 5; for wild, 3", calm 最多 4 个，wild 最多 8 个."""
    before = [_CLAUSE_PARTS.split(text[max(0, one.start - 60) : one.start])[-1] for one in said]
    labels = [_CASE_LABEL.match(one) for one in before]
    names = {one["name"].lower() for one in labels if one}
    return len(names) == len(said) or all(_begins_with_case(text, one.start) for one in said)


def _begins_with_case(text: str, at: int) -> bool:
    start = sentence_around(text, at)[0]
    line = text.rfind("\n", 0, at) + 1
    label = _LABEL_FIRST.match(text, start, at)
    case = (
        _CASE_FIRST.match(text[start:at])
        or (label and _CASE_FIRST.match(text[label.end() : at]))
        or _CASE_BEFORE.search(text[start:at])
        or _CASE_OF_LINE.match(text[line:at].lstrip(" \t-*•"))
    )
    return case is not None and _WHERE_GIVEN.search(case.group()) is None


def _clause(text: str, said: Constraint) -> str:
    """The constraint with what stands around it up to the nearest comma, full stop or line end."""
    before = _CLAUSE_PARTS.split(text[max(0, said.start - 60) : said.start])[-1]
    after = _CLAUSE_PARTS.split(text[said.end : said.end + 60], maxsplit=1)[0]
    return f"{before} {text[said.start : said.end]} {after}"


def _labelled(page: Page) -> list[list[Constraint]]:
    """The constraints of each line or clause that begins with the name of a model and states any."""
    found: list[list[Constraint]] = []
    starts = [0, *(one.end() for one in _CLAUSE_ENDS.finditer(page.text)), len(page.text) + 1]
    for start, end in pairwise(starts):
        if _LABEL.match(page.text, start):
            stated = [
                one
                for one in page.constraints
                if start <= one.start < end and one.keyword not in ("x-image", "x-source", "required")
            ]
            found += [stated] if stated else []
    return found


def _joined(keyword: str, said: Sequence[Constraint], lines: Sequence[Sequence[Constraint]]) -> Any:
    """The value of `keyword` that lets through what any of the lines does; None where there is none."""
    if keyword == "enum":
        if any(all(one.keyword != "enum" for one in line) and _bounds(line) for line in lines):
            return None
        values: list[Any] = []
        for one in (one for line in lines for one in line if one.keyword in ("enum", "default")):
            # A default is one of the values, though the line may list no others.
            listed = one.value if one.keyword == "enum" else [one.value]
            values += [value for value in listed if value not in values]
        return values
    numbers = [
        value
        for line in lines
        for one in line
        if one.keyword == "enum"
        for value in one.value
        if isinstance(value, (int, float))
    ]
    ends = [*(one.value for one in said), *numbers]
    return min(ends) if keyword in _LOWER else max(ends)


def _bounds(line: Sequence[Constraint]) -> bool:
    return any(one.keyword in (*_LOWER, *_UPPER) for one in line)
