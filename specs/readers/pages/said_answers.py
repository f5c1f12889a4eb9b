"""Answers that a sentence has in braces: what comes back, and nothing below it shows it.

Returns `{success, clip_id}`.      返回 `{"code": 0, "data": {"id": "c-1"}}`      `GET /v1/clips/{id}` → `{ id, status }`
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import Field
from understudy.specs.readers.facts import FactLog
from understudy.specs.readers.pages.page_lines import OPERATION
from understudy.specs.readers.text.brace_shapes import members_of
from understudy.specs.readers.text.page_text import parse_type, steps_of
from understudy.specs.readers.trees import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.readers.pages.page_state import PageState
    from understudy.specs.readers.pages.shown_places import ShownPlaces
    from understudy.specs.readers.text.page_text import Line

MAX_LINE = 2_000
_LEADS = re.compile(
    r"(?:\b(?:returns|(?:will|to)\sreturn|responds?|repl(?:y|ies)|answers?|gives?\sback|sends?\sback|response|you\s(?:get|receive))\b|返回|响应|应答|得到)[^{}.。]{0,40}?[:：]?\s?[*_]{0,2}`?(?P<shape>\{\s?[\"'\w])",
    re.IGNORECASE,
)
_ARROW = re.compile(r"(?:→|->|=>)\s?`?(?P<shape>\{\s?[\"'\w])")
# What the sentence is about, then: an answer that refuses, or what goes to the client's own address.
_OTHERS = re.compile(
    r"\b(?:errors?|fail(?:s|ed|ure)?|invalid|refus\w{1,4}|reject\w{0,3}|webhooks?|callbacks?|[345]\d\d)\b|错误|失败|异常|报错|回调|通知|出错",
    re.IGNORECASE,
)
# What gives something back, then, and is no call: a client in code, a function, or what a reader of the page writes.
_NO_CALL = re.compile(
    r"\b(?:sdks?|librar(?:y|ies)|wrappers?|functions?|helpers?|handlers?|hooks?|internally|wrong|unauthori[sz]ed|denied)\b"
    r"|\b(?:our|the|this)\sclient\b|\b(?:your|my)\s(?:own\s)?(?:\w{1,12}\s)?(?:servers?|endpoints?|back-?end|apps?|application|code|services?)\b"
    r"|SDK|函数|[您你]的(?:服务|接口|后端|应用)",
    re.IGNORECASE,
)
_VALUE = re.compile(r"[\"']([^\"'|]{1,60})[\"']")
_SENTENCE = re.compile(r"(?<=[.。;；])\s{0,3}")


class SaidAnswers:
    """Reads the answers that lines of a page say into its operations."""

    def __init__(self, page: PageState, placed: ShownPlaces) -> None:
        self.page, self.placed = page, placed

    def take(self, line: Line) -> None:
        """A line that is no table, list or block."""
        text = line.text[:MAX_LINE]
        if "{" not in text or self.page.section == "callback" or not self.page.current.path:
            return
        call = OPERATION.search(text)
        led = _ARROW.search(text, call.end()) if call else None
        led = led or _LEADS.search(text, call.end() if call else 0)
        if led is None:
            return
        before = _SENTENCE.split(text[: led.start("shape")])[-1]
        behind = _SENTENCE.split(text[_end(text, led.start("shape")) :])[0]
        if _OTHERS.search(before) or _OTHERS.search(behind) or _NO_CALL.search(before):
            return
        self._shown(text, led.start("shape"), line.number)

    def _shown(self, text: str, start: int, line: int) -> None:
        page = self.page
        before, page.status = page.status, page.status if page.section == "response" else "200"
        if text[start + 1 : start + 4].lstrip()[:1] in "\"'":
            own = page.log
            quiet = FactLog(own.document, own.kind, values_read=own.values_read)
            shown = examples.shown(text, start, line, quiet, quiet=True)
            if shown is not None and isinstance(shown.value, dict):
                self.placed.place(shown, "response")
        elif fields := list(self._fields(text[start:], line)):
            page.show(page.current, page.status, fields)
        page.status = before

    def _fields(self, shape: str, line: int) -> Iterator[Field]:
        """The fields of a shape without quotes, with the types that it says."""
        for one in members_of(shape):
            types = dict(parse_type(one.type) or ()) if one.type else {}
            values = _VALUE.findall(one.type)
            said = "string" if values else types.get("")
            words = (self.page.log.keyword("type", said, line),) if said else ()
            words = (self.page.log.keyword("enum", values, line), *words) if values else words
            yield Field(tuple(steps_of(one.name)), words, line=line)
            if "[]" in types:
                item = self.page.log.keyword("type", types["[]"], line)
                yield Field((*steps_of(one.name), "[]"), (item,), line=line)


def _end(text: str, start: int) -> int:
    """Behind the bracket that ends a shape."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            return at + 1
    return len(text)
