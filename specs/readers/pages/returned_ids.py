"""The path of a create that a page says only where it tells whence an id comes.

| prompt | string | yes | words |
"Its id is returned from `POST /v1/loops`"   → what the table states is sent there

So it is where one operation lacks its path, one such sentence names a POST, and the page states no other one
that takes a body. What itself takes an id is another operation on the thing: its own path is not said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.specs.readers.text.page_text import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.specs.model import Field
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.pages.operation_drafts import OperationDraft

MAX_GIVERS = 50
# Around one by which something is given that another operation takes: "the id returned by POST /x".
_GIVEN_BY = re.compile(
    r"\b(?:returned|given|issued|provided|obtained|received|produced|sent\sback)\s(?:by|from|in|with|via)\s(?:the\s|a\s)?[\[`*\"'“]{0,3}\Z",
    re.IGNORECASE,
)
_CALLED = re.compile(r"(?:由|从|调用|通过)\s?[\[`*\"'“]{0,3}\Z")
_GIVES = re.compile(
    r"\S{0,200}?[`*\"'”\])）]{0,3}\s?(?:接口)?(?:中|里|所|后)?(?:返回|响应|获得|获取|得到|取得|生成)"
)
# In a sentence about whence an id comes.
_SAYS_ID = re.compile(r"\b(?:id|identifier)\b|编号", re.IGNORECASE | re.ASCII)
# In the description of a field that takes one.
_ID = re.compile(r"(?:\A|_)u?u?id\Z|(?<=[a-z])(?:Id|ID)\Z")
_OF_AN_ID = re.compile(r"\b(?:id|ids|identifier)\b|编号|返回的", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Giver:
    """A POST that a sentence names as what gives an id, and the sentence's line."""

    path: str
    line: int


def gives_something(text: str, found: re.Match[str]) -> bool:
    """Whether a line names an operation by what its answer has: "its id is returned from `POST /x`"."""
    before = text[: found.start()]
    is_given = _GIVEN_BY.search(before) or (_CALLED.search(before) and _GIVES.match(text, found.end()))
    return is_given is not None


def givers_in(named: Iterable[re.Match[str]], line: int) -> list[Giver]:
    """The operations that a line names as those whose answers have an id; `named` are all that it names."""
    posts = [one for one in named if one["method"] == "POST" and gives_something(one.string, one)]
    return [Giver(path_of(one), line) for one in posts if _SAYS_ID.search(one.string[: one.start()])]


def settle(drafts: Sequence[OperationDraft], givers: Sequence[Giver], log: FactLog) -> None:
    """Give the one operation without a path that of the one which gives its id; else tell that one."""
    stated = [one for one in drafts if one.path and one.method == "post" and not one.says_nothing]
    unknown = {
        one.path: one for one in givers[:MAX_GIVERS] if all(one.path != other.path for other in stated)
    }
    nameless = [one for one in drafts if not one.path and one.method in ("", "post") and one.request]
    for giver in unknown.values():
        if len(unknown) == 1 and len(nameless) == 1 and not stated and not _takes_id(nameless[0].request):
            nameless[0].method, nameless[0].path = "post", giver.path
            what = f"its path is that of the operation whose answer has its id: POST {giver.path}"
            log.note("mend", what, giver.line)
        else:
            what = f"POST {giver.path} is named as what gives an id, and nothing is said of it"
            log.note("untold", what, giver.line)


def _takes_id(fields: Sequence[Field]) -> bool:
    return any(_ID.search(one.name) or _OF_AN_ID.search(one.wording) for one in fields)
