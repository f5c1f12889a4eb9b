"""Operations that a line names beside the one that it is about: one to compare with, one that was before it.

"Old: POST /v1/x. New: POST /v2/x."      "as with (POST `/v1/y`)"      旧接口 POST /v1/x 已废弃      see `GET /z`
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Around an operation that a sentence names by the way.
_USES = re.compile(r"\b(?:use|using|call|see|via|with|through)\s[`*]{0,3}\Z", re.IGNORECASE)
_TO_FIND = re.compile(
    r"\S{0,200}[`*]{0,3}\sto\s(?:find|browse|list|look|see|check|get|discover|obtain|retrieve|fetch)\b"
)
# Before an operation to which a sentence only refers: "see `GET /x`", "unlike POST /y".
_REFERS = re.compile(
    r"(?:\b(?:see|refer\sto|(?:the\s)?same\sas|(?:un)?like|instead\sof|similar\sto|identical\sto|replac(?:es?|ing)|supersedes?|as\s(?:with|for|in)|that\sof|not)|详见|参[见考照阅]|请见|类似于?|等同于|代替|替代|不同于)\s?(?:the\s)?[\[`*\"'“]{0,3}\Z",
    re.IGNORECASE,
)
_CALLS_BACK = re.compile(
    r"\b(?:callback|webhook)s?\s(?:is|are|comes?|arrives?)\s(?:\w{1,10}\s){0,3}[`*]{0,3}\Z|(?:回调|通知)(?:会|将)?(?:以|是|为|通过)[^，。,.]{0,12}\Z",
    re.IGNORECASE,
)
# Before an operation that was called before the one that a sentence is about: "after submitting it via POST /x".
_MADE_BEFORE = re.compile(
    r"\b(?:after|once|having)\s(?:you(?:'ve|\shave)?\s)?(?:submit|creat|start|post|generat|upload|send|queu)(?:t?ed|ing|t?ing|e|s)?\b[^.]{0,160}\b(?:via|with|by|using|through|to)\s[`*]{0,3}\Z",
    re.IGNORECASE,
)
# Before an operation in brackets behind the address of the page that is about it: "use `speech.mdx` (POST /v1/x)".
_OF_ANOTHER_PAGE = re.compile(r"[\w-]/[\w-]{1,80}\.(?:mdx?|html?|rst)[)`*]{0,4}\s?[(（][`*]{0,3}\Z")
_CALLED = re.compile(
    r"\bcurl\s|\b(?:fetch|axios|requests\.\w{3,6})\(|[`*\"'(\s](?:GET|POST|PUT|PATCH|DELETE)\s[`*]{0,3}(?:/|https?:)|\A(?:GET|POST)\s"
)
MAX_TO_CALLED = 500
# Of what a sentence leads to as one of many: "[method and URL, for example, `DELETE https://…`]".
_INSTANCE = re.compile(
    r"\w[^.。]{12,150}\b(?:for\s(?:example|instance)|e\.g\.|such\sas)[,:]?\s?[`*\"'“]{0,3}\Z|[\u4e00-\u9fff][^。]{6,100}(?:例如|比如|譬如)[,，:：]?\s?[`*]{0,3}\Z",
    re.IGNORECASE,
)
MAX_INSTANCE = 200
# Before an operation that is no longer called, and behind one; the last words only where the line has another.
_FORMER = re.compile(
    r"(?:\b(?:old|before|former(?:ly)?|previous(?:ly)?|legacy|deprecated|replac(?:es?|ing)|supersedes?|(?:in)?stead\sof)\b|旧(?:版|的)?|原来?的?|之前的?|代替|替代|取代|弃用的?)"
    r"(?:\s?(?:call|endpoint|API|address|path|route|version|接口|地址|端点|路径|版本))?[*_]{0,2}\s?[:：]?[*_]{0,2}\s?(?:the\s)?[(（\[`*\"'“]{0,3}\Z",
    re.IGNORECASE,
)
_FORMER_BEHIND = re.compile(
    r"[`*)）\]\"'”]{0,3}\s?(?:(?:is|was|has\sbeen)\s(?:now\s)?(?:deprecated|removed|retired|superseded|replaced)|[(（](?:deprecated|old|legacy|removed|已?废弃|已?弃用|旧)[)）]|(?:接口)?已(?:经)?(?:废弃|弃用|下线|停用|被))",
    re.IGNORECASE,
)
_FORMER_OF_TWO = re.compile(r"(?:\b(?:from|was)|从|由)\s?[(（\[`*\"'“]{0,3}\Z", re.IGNORECASE)


def finds_something(text: str, found: re.Match[str]) -> bool:
    """Whether a line names an operation by which something is found: "use `GET /x` to browse them"."""
    return _USES.search(text[: found.start()]) is not None and _TO_FIND.match(text, found.end()) is not None


def is_referred_to(text: str, found: re.Match[str]) -> bool:
    """Whether a line names an operation to compare with, or as what is sent to the client."""
    before = text[: found.start()]
    return _REFERS.search(before) is not None or _CALLS_BACK.search(before) is not None


def is_made_before(text: str, found: re.Match[str]) -> bool:
    """Whether a sentence names an operation as the one that was called before that which it is about."""
    return _MADE_BEFORE.search(text[max(0, found.start() - MAX_INSTANCE) : found.start()]) is not None


def is_of_another_page(text: str, found: re.Match[str], below: Sequence[str]) -> bool:
    """Whether an operation stands in brackets behind the address of another page, and the page calls one below."""
    before = text[max(0, found.start() - MAX_INSTANCE) : found.start()]
    return _OF_ANOTHER_PAGE.search(before) is not None and any(_CALLED.search(one[:500]) for one in below)


def is_instance(text: str, found: re.Match[str]) -> bool:
    """Whether a sentence names an operation as one of many."""
    return _INSTANCE.search(text[max(0, found.start() - MAX_INSTANCE) : found.start()]) is not None


def former_calls(text: str, calls: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """Those of the operations that a line names of which it says that another one took their place."""
    return [
        one
        for one in calls
        if _FORMER.search(text, 0, one.start())
        or _FORMER_BEHIND.match(text, one.end())
        or (len(calls) > 1 and one is not calls[-1] and _FORMER_OF_TWO.search(text, 0, one.start()))
    ]
