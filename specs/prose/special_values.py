"""Values that a text of bounds gives a meaning: below the range of all others, and at the ends of it.

"between 1 and 10, or -1 for a random one"      "0 (strict) to 5 (permissive)"

The range does not refuse the first kind, so the lower bound goes down to it; that nothing lies between the two is
left over.
"""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.prose.records import FLAGS, Constraint
from understudy.specs.prose.values import typed

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

_SPECIAL = re.compile(
    r"(?<![\w.,~-])[`\"']?(?P<value>-1|0)[`\"']?[ ]{0,2}(?:[:=][ ]{0,2})?"
    r"(?:means?\b|stands[ ]for\b|selects?\b|chooses?\b|picks?\b|lets?\b|disables?\b|(?:is[ ]|for[ ])?(?:an?[ ])?(?:random|auto|unlimited|infinite|no[ ]limit)"
    r"|to[ ](?:let|choose|select|pick|disable|use|have|auto|automatic|random)|表示|代表|意味|意为|(?:[则时即]|时则)?[为,]?(?:自动|随机|不限|无限|由模型|由系统))",
    FLAGS,
)


# The two ends of a range, with what each means.
_MEANT_ENDS = re.compile(
    r"(?<![\w.-])(?P<low>-?\d{1,9}(?:\.\d{1,6})?)[ ]?\([^()\n\d]{2,40}\)[ ]?(?:to|-|~|至|到)[ ]?(?P<high>-?\d{1,9}(?:\.\d{1,6})?)[ ]?\([^()\n\d]{2,40}\)",
    FLAGS,
)


def read_meant_ends(page: Page) -> None:
    """Say the bounds whose meanings stand in brackets behind them."""
    ends = _MEANT_ENDS.search(page.text) if page.type in ("integer", "number") else None
    if ends is None or float(ends["low"]) >= float(ends["high"]):
        return
    low, high = (typed(ends[name], "number") for name in ("low", "high"))
    page.say("minimum", low, *ends.span())
    page.constraints.append(Constraint("maximum", high, *ends.span()))


def reach_special(page: Page) -> None:
    """Let the lower bound of a number go down to such a value."""
    special = _SPECIAL.search(page.text) if page.type in ("integer", "number") else None
    if special is None:
        return
    value = int(special["value"])
    for index, one in enumerate(page.constraints):
        if one.keyword in ("minimum", "exclusiveMinimum") and one.value > value:
            page.constraints[index] = replace(one, keyword="minimum", value=value)
            page.doubtful.append(special.start())
