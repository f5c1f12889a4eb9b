"""What a page that tells of a change shows of the calls as they were: "Old format" beside "New format".

#### 旧格式 (Chat API)        an example below it is of a call that is no longer made,
#### 新格式 (Video API)       where another heading of the page is of the new one
#### 移除参数                 and no operation has the fields that are listed below it
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.readers.pages.page_state import PageState
    from understudy.specs.readers.text.page_text import Line

MAX_LINES = 3_000
MAX_LINE = 120

_KINDS = "format|request|response|endpoint|call|body|syntax|格式|端点|写法|请求|响应|返回|地址|结构"
_ASIDE = r"(?:[ \t]?[(（][^()（）]{1,60}[)）])?[\s:：*]{0,4}"
_OLD = re.compile(
    rf"(?:(?:the )?(?:old|former|previous|legacy) |旧的?|原(?:有|来的?)|(?:升级|变更|更新|迁移|修改)前的?)"
    rf"(?:\w{{1,12}} )?(?:请求|响应|返回)?(?:{_KINDS}){_ASIDE}",
    re.IGNORECASE,
)
_NEW = re.compile(
    rf"(?:(?:the )?(?:new|current) |新的?|现在的|(?:升级|变更|更新|迁移|修改)后的?)"
    rf"(?:\w{{1,12}} )?(?:请求|响应|返回)?(?:{_KINDS}){_ASIDE}",
    re.IGNORECASE,
)
_REMOVED = re.compile(
    rf"(?:(?:the )?(?:removed|dropped|former|old) (?:param(?:eter)?s?|fields?)|(?:已?移除|已?删除|去掉|下线|旧)(?:了)?的?(?:参数|字段)){_ASIDE}",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(?:#{1,6} |\*\*)[\s\d.、]{0,6}(?P<text>[^#\s].{0,100})\Z")


def leave(page: PageState, lines: Sequence[Line]) -> bool:
    """Whether a block shows what was sent or answered before a change, which is told."""
    heading = page.heading.strip()
    if len(heading) > MAX_LINE or not _OLD.fullmatch(heading) or not _tells_new(page.log.document.lines):
        return False
    what = "what was sent or answered before a change is of no operation"
    page.log.note("untold", what, lines[0].number)
    return True


def heads_removed(heading: str) -> bool:
    """Whether a heading says that there are no more fields like those below it."""
    return len(heading) <= MAX_LINE and _REMOVED.fullmatch(heading.strip()) is not None


def _tells_new(lines: Sequence[str]) -> bool:
    """Whether a heading of the page says that what follows is so since a change."""
    heads = (_HEADING.match(line[:MAX_LINE].strip()) for line in lines[:MAX_LINES])
    return any(one is not None and _NEW.fullmatch(one["text"].strip(" *:：")) for one in heads)
