"""A second feature of a page, headed as the first one is, whose address the page does not say.

## Make a loop               ## Make a still
POST /v1/loops               | prompt | string | what to draw |
| prompt | string | … |      | frame  | string | `wide`, `tall` |

Its fields are those of an operation without a path, and none of the operation above it. It is one where a heading
as high as that operation's begins anew what its own part has said: a heading of what is sent, or a field. A heading
of fields, of a model, of one case or of an object begins none.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import BODILESS

if TYPE_CHECKING:
    from collections.abc import Set

    from understudy.specs.readers.pages.page_operations import Operations

# Words of headings that say more of the operation above them, or of no operation.
_SAYS_MORE = re.compile(
    r"\b(?:fields?|options?|settings?|propert(?:y|ies)|attributes?|objects?|schemas?|types?|models?|modes?|versions?|details?|limits?|values?|when|cases?|scen(?:e|ario)s?"
    r"|reference|advanced|additional|extra|more|other|common|general|list|table|status(?:es)?|states?|polling|pricing|prices?|billing|authentication|auth|overview|usage|guides?|rules?|faq|change\s?log)\b"
    r"|\bv?\d+(?:\.\d+)*\Z|字段|选项|属性|对象|结构|类型|模型|模式|版本|详情|限制|取值|场景|更多|高级|附加|其他|其它|公共|通用|列表|状态|价格|计费|鉴权|认证|概述|使用|规则",
    re.IGNORECASE,
)
# Headings that head an address, and name no feature.
_LABEL = re.compile(
    r"\b(?:endpoints?|url|address|api|base|http|method|calls?|request)\b|地址|接口地址|请求|方法|/",
    re.IGNORECASE,
)
# Names of fields of answers: a table that has them begins no request.
_OF_ANSWERS = re.compile(r"id|(?:task_?)?(?:status|state)|(?:created|updated)_?at", re.IGNORECASE)


class UnsaidFeatures:
    """The headings of a page, as far as they may begin a feature without an address of its own."""

    def __init__(self, operations: Operations) -> None:
        self.operations = operations
        self.title = ""  # of the part at hand, where it may be of another feature
        self.part = 0  # how many headings there were with it
        self.known: Set[str] = frozenset()  # what was stated of the request before it
        self.repeats = False  # whether a heading in it says what one of the operation's own part said

    def heading(self, level: int, text: str, section: str) -> None:
        """A heading below which fields may follow; `section` is the part of an operation that it heads."""
        current = self.operations.current
        if section:
            if self.title:
                self.repeats = self.repeats or (section == "body" and section in current.headed)
            else:
                current.headed.add(section)
            return
        if level > current.level:
            return
        is_equal = bool(level) and self.operations.is_apart and not self.operations.is_far
        self.title = text if is_equal and _is_title(current.title) and not _SAYS_MORE.search(text) else ""
        self.part = self.operations.part
        self.known = frozenset(one.path[0] for one in current.request)
        self.repeats = False

    def begins(self, names: Set[str]) -> bool:
        """Whether fields of these names are of another feature than the operation at hand."""
        current = self.operations.current
        is_open = self.title and self.operations.is_apart and current.method not in BODILESS
        if current.path and current.part >= self.part:
            return False  # it is stated below that heading, in a row
        if not is_open or not self.known or any(map(_OF_ANSWERS.fullmatch, names)):
            return False
        return self.repeats or bool(names & self.known and names - self.known)

    def begin(self, line: int) -> None:
        self.operations.begin_unsaid(self.title, line)
        self.title = ""


def _is_title(text: str) -> bool:
    return bool(text) and not _LABEL.search(text)
