"""Which part of a call what stands below a heading is of: "Request body", 返回示例, "Callback".

Unlike a line that heads a part though nothing marks it as a heading, a heading may say it beside other words.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re

from understudy.specs.readers.pages.said_statuses import STATUS_LINE
from understudy.specs.readers.text import words_abroad as abroad

_SECTIONS = (
    (
        "callback",
        re.compile(
            r"callback[\s-]*(?:body|payload|notification|request|format|protoc|протокол|message|example)|webhook|回调(?:通知|内容|参数|协议|格式|示例|报文)"
            rf"|{abroad.CALLBACK}",
            re.IGNORECASE,
        ),
    ),
    (
        "response",
        re.compile(
            r"responses?\b|returns?\b|returned|output|callback|result\b|\banswers?\b|\breply\b|\byou\s(?:receive|get)\b|返回|响应|出参|输出|回调|应答"
            rf"|{abroad.ANSWER}",
            re.IGNORECASE,
        ),
    ),
    ("path", re.compile(rf"path\s*(?:param|参数)|url\s*param|路径参数|{abroad.PATH}", re.IGNORECASE)),
    (
        "query",
        re.compile(
            rf"query\s*(?:string|param|arg|field|参数)|\bquery\Z|查询(?:字符串)?参数|{abroad.QUERY}",
            re.IGNORECASE,
        ),
    ),
    ("header", re.compile(rf"headers?\b|请求头|{abroad.HEADERS}", re.IGNORECASE)),
    (
        "body",
        re.compile(
            rf"body|request|param|input|payload|arguments|请求|入参|参数|输入(?:示例|样例)|{abroad.BODY}",
            re.IGNORECASE,
        ),
    ),
)
_OF_REQUEST = re.compile(rf"request|input|请求|入参|{abroad.REQUEST}", re.IGNORECASE)
_OF_ANSWER = re.compile(
    rf"respon|return|output|answer|reply|callback|返回|响应|出参|输出|回调|应答|{abroad.ANSWER}",
    re.IGNORECASE,
)
# Of an answer that refuses, and says no status: "Error response example", 错误返回示例.
_OF_REFUSAL = re.compile(
    rf"^(?!.*(?:success|成功)).*?(?:\berrors?\b|错误|报错|异常(?:响应|返回)|{abroad.REFUSAL})", re.IGNORECASE
)
_CALL = re.compile(r"\b[A-Za-z_]\w{0,79}\([^()]{0,400}\)?")


def section_of(text: str) -> str:
    """The part that a heading says: callback, response, path, query, header or body; "" where it says none."""
    # What a call takes names no part: "create(image, callback_url)".
    spoken = _CALL.sub(" ", text)
    section = next((name for name, pattern in _SECTIONS if pattern.search(spoken)), "")
    if STATUS_LINE.match(text.strip("#*:： ")):
        return "response"  # "400 Bad Request" heads no request
    if section == "response" and _OF_REQUEST.search(text) and not _OF_ANSWER.search(text):
        return "body"  # "Result request parameters" are sent
    return section


def says_call(text: str) -> bool:
    """Whether a heading speaks of a request or an answer to one, not of what is sent to the client."""
    return _OF_REQUEST.search(text) is not None or _OF_ANSWER.search(text) is not None


def is_of_refusal(text: str) -> bool:
    """Whether what stands below a heading is an answer that refuses, of which it says no status."""
    return _OF_REFUSAL.search(text) is not None
