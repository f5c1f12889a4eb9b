"""What a bound is about, and so which keyword says it: a length, a count, the value itself, or nothing of the field.

"at most 500 characters" of a text is its maxLength, "up to 4 images" of a list its maxItems; "5 requests per second" is
of the service.
"""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.prose.bounds import find_bounds
from understudy.specs.prose.records import FLAGS

if TYPE_CHECKING:
    from understudy.specs.prose.bounds import Bound
    from understudy.specs.prose.records import Page

OF_SEVERAL = re.compile(
    r"\b(?:total|sum|combined|together|altogether|plus|in\s+all)\b|总(?:数|和|计|共|时长|大小)|之和|合计|一共|共计|加起来|累计",
    FLAGS,
)
_MEASURE = re.compile(
    r"\b(?:each|per|widths?|heights?|sides?|resolutions?|dimensions?|pixels?|durations?|sizes?|seconds?)\b|宽|高|边|像素|分辨率|尺寸|时长|大小",
    FLAGS,
)
# Of the values in a list: "values [0, 1] as percentages"; and of a number that counts nothing: "frame index".
_OF_VALUES = re.compile(r"\bvalues?\b|\bpercent|\bcoordinates?\b|取值|百分|坐标", FLAGS)
_OF_PLACE = re.compile(
    r"\bindex\b|\bindices\b|\b(?:frame|page|line|step)[ ]{1,3}(?:number|no)\b|序号|帧号|编号|下标|页码|第几",
    FLAGS,
)
_NAMES_PLACE = re.compile(
    r"(?:\A|_)(?:index|idx|offset|position)\Z|(?<=[a-z])(?:Index|Idx|Offset)\Z", re.ASCII
)
# Behind a number: what it counts, "up to 10 marked frames".
_COUNTED = re.compile(r"[ ]{1,2}(?:[a-z]{2,20}[ ]){0,2}[a-z]{2,20}s\b|[ ]{0,2}个", FLAGS)
# Behind a number: what a service allows, which is no value of a field, "5 requests per second", "30 loops a day"; and the name of one that
# is about it.
_OF_SERVICE = re.compile(
    r"[ ]{0,2}(?:(?:concurrent|parallel|simultaneous|running|pending)[ ]\w|(?:api[ ])?(?:requests?|calls|queries|retries|attempts)\b|(?:tasks|jobs|images|videos)[ ](?:per|at[ ]a[ ]time|in[ ]parallel)\b|[a-z]{2,20}[ ]{0,2}(?:\b(?:a|an|per|each|every)[ ]|/[ ]?)(?:day|hour|week|month)\b|credits\b|[个条]?(?:并发|并行)|次[ ]?(?:请求|重试|调用)|次?[ ]?/[ ]?(?:秒|分钟|s\b|min))",
    FLAGS,
)
# The same before it: 每天最多 10 次; and who may have so many, "free accounts: up to 1", 免费用户最多 1 张.
_PER_TIME = re.compile(r"每(?:天|日|小时|分钟|秒钟?|周|月)[\u4e00-\u9fff]{0,6}\Z")
_COUNTS_USES = re.compile(r"[ ]{0,2}[次个条张]")
_OF_SOME_USERS = re.compile(
    r"\b(?:free|paid|paying|trial|basic|pro|enterprise|premium|standard|team|business)[ ](?:accounts?|users?|plans?|tiers?|customers?|subscriptions?|subscribers?)\b|(?:免费|普通|付费|企业|试用|高级|专业)版?(?:用户|账号|账户|会员|套餐)",
    FLAGS,
)
_NAMES_SERVICE = re.compile(r"retr|concurr|parallel|attempt|request|credit|limit|quota|qps|rate", FLAGS)
_MILLISECONDS = re.compile(r"\bms\b|\bmilliseconds?\b|毫秒", FLAGS)
_SECONDS = re.compile(r"\b(?:seconds?|secs?|\d{1,6}\s?s)\b|(?<!毫)秒", FLAGS)
_OTHER_TIME = {"seconds": _MILLISECONDS, "milliseconds": _SECONDS}
# Of each thing of a kind one list may hold so many of: 每个视角仅限一张, "one image per view".
_OF_A_KIND = re.compile(
    r"每[个种类](?!请求|任务|用户|账号|接口)[^,.;:\n]{1,10}(?:仅|只|最多|至多|限)|\b(?:per|for each|for every)[ ](?!(?:request|task|call|job|user|account|prompt|generation|submission|video|time)\b)[a-z]",
    FLAGS,
)
# Of what is in a list, not of the list.
_OF_EACH = re.compile(r"\b(?:each|every|per)\b|每[个条段张项]", FLAGS)
_LENGTH_WORD = re.compile(r"length|\bchar(?:acter)?s?\b|长度|字数|字符", FLAGS)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_COUNT_WORD = re.compile(r"\bnumber of|\bhow many|\bcount\b|数量|张数|个数", FLAGS)


def read_bounds(page: Page) -> None:
    """Say every bound that the field's type or the bound's unit gives a meaning to; leave the others."""
    for bound in find_bounds(page):
        if _is_of_some_use(page, bound):
            page.doubtful.append(bound.start)
            continue
        keywords = _keywords(page, bound)
        if keywords is None:
            if page.type == "array" and (bound.phrase.endswith(("]", ")")) or _CYRILLIC.search(bound.phrase)):
                page.doubtful.append(bound.start)  # of what is in the list, which no keyword bounds
            continue
        keyword, value = keywords
        page.say(keyword, value, bound.start, bound.end)


def _keywords(page: Page, bound: Bound) -> tuple[str, float] | None:
    subject = _subject(page, bound)
    if subject is None:
        return None
    if subject == "value":
        if page.type == "integer" and bound.value != int(bound.value):
            return None  # of something else in the text
        name = ("maximum" if bound.upper else "minimum") if bound.inclusive else (
            "exclusiveMaximum" if bound.upper else "exclusiveMinimum")  # fmt: skip
        return name, bound.value
    value = bound.value
    if value != int(value) or value < 0:
        return None
    if not bound.inclusive:
        value += -1 if bound.upper else 1
    return f"{'max' if bound.upper else 'min'}{subject}", int(value)


def _subject(page: Page, bound: Bound) -> str | None:
    """What the bound is about: "Length", "Items", "value", or None when that is not known."""
    type_, unit = page.type, bound.unit
    numeric = type_ in ("integer", "number")
    if OF_SEVERAL.search(clause(page.text, bound)):
        return None
    if (numeric or not unit) and is_of_service(page, bound.end):
        return None
    if unit == "characters":
        return "Length" if type_ in (None, "string") else None
    if unit == "items":
        if numeric:
            is_place = _NAMES_PLACE.search(page.name) or _OF_PLACE.search(page.text)
            return None if is_place else "value"
        if type_ == "array":
            return None if _OF_A_KIND.search(clause(page.text, bound)) else "Items"
        return ("value" if _COUNT_WORD.search(page.text) else "Items") if type_ is None else None
    if unit in _OTHER_TIME:
        # "unit: ms; a cut of no less than 2 seconds" bounds something else.
        return "value" if numeric and not _OTHER_TIME[unit].search(page.text) else None
    if unit or (numeric and _NAMES_PLACE.search(page.name) and _COUNTED.match(page.text, bound.end)):
        return None
    if numeric:
        return "value"
    if type_ == "array":
        return "Items" if _counts_items(clause(page.text, bound), bound) else None
    if _LENGTH_WORD.search(bound.phrase) or (type_ == "string" and _length_before(page, bound)):
        return "Length" if "array" not in bound.phrase.lower() else "Items"
    return "value" if type_ is None and re.search(r"range|范围|<|≤|取值", bound.phrase, FLAGS) else None


def _counts_items(said: str, bound: Bound) -> bool:
    """Whether a bound without a unit, of a list, is one of how many it holds."""
    if _CYRILLIC.search(bound.phrase):
        return False  # "до 6 масок (до 77 точек)": of what, no word is known
    of_each = _OF_EACH.search(said) and _LENGTH_WORD.search(said)
    return not (_MEASURE.search(said) or _is_of_values(said, bound) or of_each)


def _is_of_values(said: str, bound: Bound) -> bool:
    """Whether a range in brackets that begins with 0 is one of the values in a list."""
    low = re.match(r"[^\d-]{0,40}[\[(]\s?(-?\d[\d.]*)", bound.phrase)
    return low is not None and float(low[1]) <= 0 and _OF_VALUES.search(said) is not None


# A dash between blanks is what is left of the next entry of a list.
_SENTENCE_ENDS = re.compile(r"[;\n]|\.[ ]")
_CLAUSE_ENDS = re.compile(r"[,.;\n]|[ ]-{1,2}[ ](?=[^\W\d])")


def clause(text: str, bound: Bound) -> str:
    """The bound with what stands before and behind it up to the nearest comma, full stop, line end or entry."""
    before = _CLAUSE_ENDS.split(text[max(0, bound.start - 80) : bound.start])[-1]
    after = _CLAUSE_ENDS.split(text[bound.end : bound.end + 80], maxsplit=1)[0]
    return before + text[bound.start : bound.end] + after


def is_of_service(page: Page, end: int) -> bool:
    """Whether the number that ends here counts what a service allows, and the field is not about that."""
    return _OF_SERVICE.match(page.text, end) is not None and not _NAMES_SERVICE.search(page.name)


def _is_of_some_use(page: Page, bound: Bound) -> bool:
    """Whether a bound is one of uses in some time, or of some users alone."""
    before = _SENTENCE_ENDS.split(page.text[max(0, bound.start - 80) : bound.start])[-1]
    is_of_time = _PER_TIME.search(before) and _COUNTS_USES.match(page.text, bound.end)
    return is_of_time is not None or _OF_SOME_USERS.search(before) is not None


def _length_before(page: Page, bound: Bound) -> bool:
    before = _SENTENCE_ENDS.split(page.text[max(0, bound.start - 24) : bound.start])[-1]
    return bool(_LENGTH_WORD.search(before))
