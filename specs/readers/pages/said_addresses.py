"""The method and the address of an operation that a line says by their names: "Method: POST", "URL: https://…"."""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re

from understudy.specs.readers.text.page_text import ACTION, METHODS, path_of
from understudy.specs.readers.trees.examples import is_media

_METHOD = "|".join(METHODS)
_ADDRESS = re.compile(
    r"(?<![A-Za-z])(?:(?:(?:request\s+|api\s?|接口|请求)?(?:url|uri|endpoint|path|address|地址|路径|端点)|接口)(?:(?!\]\()[^\w/]){1,8}|(?:接口|请求)(?:地址|路径)(?=/|http))(?P<host>https?://[^/\s`()\[\]]+)?(?:(?<=[\w])/(?=/))?(?P<path>/(?!/)(?:(?a:[\w.~/{}:-]*[\w}])(?:/(?=[\s`*|]|\Z))?|(?="
    rf"{ACTION})))",
    re.IGNORECASE,
)
# What a line or a cell is called that says an address or a method alone.
NAMES_ADDRESS = re.compile(
    r"(?:(?:request|api|http)\s+)?(?:url|uri|endpoint|address|path)\Z|(?:请求|接口|访问|api\s?)?(?:url|地址|路径|端点|接口)\Z",
    re.IGNORECASE,
)
NAMES_METHOD = re.compile(
    r"(?:(?:http|request)\s+)?(?:method|verb)\Z|(?:http\s*)?(?:请求)?(?:方式|方法)\Z", re.IGNORECASE
)
# Before an address that is one of the client.
_OF_CLIENT = re.compile(
    r"\b(?:callback|webhook)s?\b|\byour\s(?:own\s)?(?:server|application|app)\b|回调|您的服务", re.IGNORECASE
)
_PAGE = re.compile(r"\.(?:html?|pdf|md)\Z|/(?:swagger|redoc)(?:-ui)?/?\Z", re.IGNORECASE)
_METHOD_LINE = re.compile(
    rf"(?:(?:(?:http\s+|request\s+)?method|m[ée]todo|méthode|methode|метод|(?:请求)?(?:方式|方法))\W{{1,8}}|(?:请求)(?:方式|方法))(?P<method>{_METHOD})\b",
    re.IGNORECASE,
)


def half_of_operation(text: str) -> tuple[str, str, str]:
    """The method (lower case), the host and the path that a line says by their names; "" for what it does not:
    "Method: POST", "请求地址：https://a.example/v1/x"."""
    method, address = _METHOD_LINE.search(text), _ADDRESS.search(text)
    if address and _OF_CLIENT.search(text, 0, address.start()):
        address = None  # "Webhook URL: https://…", "it is sent to your endpoint (/hook)"
    if address and (_PAGE.search(address["path"]) or is_media(address["path"])):
        address = None  # where something is described, or a result
    host = re.sub(r"https?://", "", (address["host"] or "") if address else "")
    return (method["method"].lower() if method else ""), host, path_of(address) if address else ""
