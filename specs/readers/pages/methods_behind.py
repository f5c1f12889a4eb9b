"""Calls whose method a sentence says behind the address, put in front of it.

向 `/v1/clips` 发送 POST 请求        /v1/clips/{id} に GET リクエストを送ります        send it to `/v1/clips` via POST
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re

_ADDRESS = r"(?P<{0}>(?:https?://[\w.:-]{{1,200}})?/[A-Za-z0-9_~{{}}:./-]{{2,200}}?)"
_METHOD = r"(?P<{0}>POST|GET|PUT|PATCH|DELETE)"
_BEHIND = re.compile(
    r"`?"
    + _ADDRESS.format("ja")
    + r"`?\s?(?:に対して|に向けて|宛てに|に|へ)\s?(?:HTTP\s?)?"
    + _METHOD.format("ja_")
    + r"\s?(?:リクエスト|要求|メソッド|で)"
    r"|(?:向|对|往|给)\s?[`\"“]?"
    + _ADDRESS.format("zh")
    + r"[`\"”]?\s?(?:接口|地址|端点)?\s?(?:发送|发起|发出|提交|进行|发)(?:一个|一次)?\s?(?:HTTP\s?)?"
    + _METHOD.format("zh_")
    + r"\s?(?:请求|调用)?"
    r"|\b(?:to|at|on|calling|call)\s`?"
    + _ADDRESS.format("en")
    + r"`?\s(?:via|using|by|with)\s(?:an?\s)?(?:HTTP\s)?`?"
    + _METHOD.format("en_")
    + r"`?\b(?:\s(?:request|method))?",
    re.ASCII,
)


def with_method_first(text: str) -> str:
    """The line with each method that stands behind the address it is of in front of that."""
    if "/" not in text:
        return text
    return _BEHIND.sub(_turned, text)


def _turned(found: re.Match[str]) -> str:
    groups = found.groupdict()
    address = next(groups[name] for name in ("ja", "zh", "en") if groups[name])
    method = next(groups[name] for name in ("ja_", "zh_", "en_") if groups[name])
    return f" `{method} {address}` "
