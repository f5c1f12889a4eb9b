"""A value with a meaning of its own below the range of all the others: "between 1 and 10, or -1 for a random one".

The range does not refuse it, so the lower bound goes down to it; that nothing lies between the two is left over.
"""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.prose.records import FLAGS

if TYPE_CHECKING:
    from understudy.specs.prose.records import Page

_SPECIAL = re.compile(
    r"(?<![\w.,~-])[`\"']?(?P<value>-1|0)[`\"']?[ ]{0,2}(?:[:=][ ]{0,2})?"
    r"(?:means?\b|stands[ ]for\b|selects?\b|chooses?\b|picks?\b|lets?\b|disables?\b|(?:is[ ]|for[ ])?(?:an?[ ])?(?:random|auto|unlimited|infinite|no[ ]limit)"
    r"|to[ ](?:let|choose|select|pick|disable|use|have|auto|automatic|random)|表示|代表|意味|意为|(?:[则时即]|时则)?[为,]?(?:自动|随机|不限|无限|由模型|由系统))",
    FLAGS,
)


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
