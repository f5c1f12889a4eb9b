"""Addresses that lines list by what is done at them, rewritten as a block of the page's calls.

- Submit a task: https://api.example.com/v1/clips/submit          POST https://…/submit   # Submit a task
- Query a task: https://api.example.com/v1/clips/query (POST)  →  POST https://…/query    # Query a task

Read where no line of the page says a method before one of them. Of a query whose method is not said either
the page's only method is taken, and else GET; that is noted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.text.page_text import FENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "labelled calls"
MAX_LINES = 10_000
MAX_LINE = 400
MAX_CALLS = 12
# So many lines may stand between two of them.
MAX_BETWEEN = 2

_OF_A_TASK = (
    r"(?:\s(?:a|an|the|your|new|one|of|all|generation|video|image|audio|"
    r"task|job|status|result|state|it)s?){0,4}"
)
# What is done something to, of many kinds: no tickets, keys or projects.
_OBJECT = (
    r"(?:[^\x00-\x7F]{0,8}(?:任务|作业|请求|结果|状态|进度|详情|接口|视频|图片|图像|音频|音乐|歌曲|语音))?"
)
_CREATE = (
    rf"(?:create|submit|start|generate|launch){_OF_A_TASK}|(?:task|job)\s(?:creation|submission)"
    r"|(?:任务|作业)?(?:创建|提交|发起|新建)(?!的|后|时|成功)" + _OBJECT
)
_QUERY = (
    rf"(?:query|poll|check|get|fetch|retrieve){_OF_A_TASK}|(?:(?:task|job)\s)?(?:status|result)(?:\squery)?"
    r"|(?:任务|作业|结果|状态)?(?:查询|轮询|获取)(?!的|后|时|成功|到)" + _OBJECT
)
_DELETE = rf"delete{_OF_A_TASK}|(?:任务|作业)?删除[^\x00-\x7F]{{0,8}}"
_CANCEL = rf"(?:cancel|stop){_OF_A_TASK}|(?:任务|作业)?(?:取消|停止)[^\x00-\x7F]{{0,8}}"
_ADDRESS = r"(?:https?://[\w.-]{1,200}(?::\d{1,5})?)?/(?:[\w~:-]{1,80}|\{\w{1,80}\})(?:/(?:[\w.~:-]{1,80}|\{\w{1,80}\})){1,12}/?"
_LINE = re.compile(
    rf"\s{{0,8}}(?:[-*+•·]\s{{1,3}}|\d{{1,2}}[.)、]\s{{0,3}})?[*`_]{{0,3}}(?P<label>(?P<create>{_CREATE})|(?P<query>{_QUERY})|(?P<delete>{_DELETE})|(?P<cancel>{_CANCEL}))"
    rf"(?:\s?(?:endpoint|url|address|api|接口|地址))?[*`_]{{0,3}}\s?[:：]\s?[*`_<]{{0,3}}(?P<address>{_ADDRESS})[*`_>]{{0,3}}\s{{0,3}}(?:[(（]?(?P<method>POST|GET|DELETE|PUT)[)）]?)?\s*\Z",
    re.IGNORECASE,
)
_METHOD = re.compile(r"(?<![\w])(?P<method>POST|GET)(?!\w)|\.(?P<call>post|get)\(\s?[A-Za-z_\"'f]")
_STATED = re.compile(
    r"(?<!\w)(?:POST|GET|PUT|DELETE)[\s:`*|\"']{1,6}(?:https?://[^/\s`]{1,200})?(?P<path>/[^\s`|\"'?]{1,300})"
)
_COMMAND = re.compile(r"\bcurl\b")
_FILE = re.compile(r"\.(?:mp[34]|mov|wav|m4a|png|jpe?g|webp|gif|zip|pdf|glb|html?|md)/?\Z", re.IGNORECASE)
_PARAMETER = re.compile(r"[{]|/:")


@dataclass(frozen=True, slots=True)
class _Call:
    index: int
    label: str
    does: str
    address: str
    method: str


def recognises(document: Document) -> bool:
    """Whether lines of the page list where a task is created and where it is asked for."""
    return "/" in document.text and bool(_calls(document.lines[:MAX_LINES]))


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a block of calls where those lines stand."""
    lines = document.lines
    calls = {one.index: one for one in _calls(lines[:MAX_LINES])}
    said = _methods([line for index, line in enumerate(lines[:MAX_LINES]) if index not in calls])
    first, last = min(calls), max(calls)
    out: list[tuple[int, str]] = []
    for index, line in enumerate(lines):
        out += [(index + 1, "```")] if index == first else []
        if one := calls.get(index):
            method = one.method or _method_of(one, said)
            if not one.method and one.does == "query":
                what = f"no method is said of {one.address}: it is taken as {method}"
                log.note("problem", what, index + 1)
            out.append((index + 1, f"{method} {one.address}  # {one.label}"))
        elif not first <= index <= last:
            out.append((index + 1, line))
        out += [(index + 1, "```")] if index == last else []
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _calls(lines: Sequence[str]) -> list[_Call]:
    """The calls of the first such list; none where a line says how one of them is called."""
    found: list[_Call] = []
    is_code = False
    for index, line in enumerate(lines):
        if FENCE.match(line[:40]):
            is_code = not is_code
        listed = None if is_code or "/" not in line or len(line) > MAX_LINE else _LINE.match(line)
        if found and index - found[-1].index > MAX_BETWEEN and not listed and _is_list(found):
            break
        if listed is None or _FILE.search(listed["address"]):
            found = [] if line.strip() and not _is_list(found) else found
            continue
        does = next(name for name in ("create", "query", "delete", "cancel") if listed[name])
        method = (listed["method"] or "").upper()
        found.append(_Call(index, listed["label"], does, listed["address"], method))
    is_said = _is_list(found) and not _are_called(found, lines)
    return found[:MAX_CALLS] if is_said else []


def _is_list(found: Sequence[_Call]) -> bool:
    does = [one.does for one in found]
    addresses = {one.address for one in found}
    hosts = {address.rstrip("/").removesuffix(_path(address)) for address in addresses}
    is_pair = does.count("create") == 1 and "query" in does
    return is_pair and len(addresses) == len(found) and len(hosts) == 1


def _are_called(found: Sequence[_Call], lines: Sequence[str]) -> bool:
    paths = {_path(one.address) for one in found}
    for line in lines:
        text = line[:MAX_LINE]
        if "/" in text and any(match["path"].rstrip("/") in paths for match in _STATED.finditer(text)):
            return True
        if _COMMAND.search(text) and any(path in text for path in paths):
            return True
    return False


def _path(address: str) -> str:
    return re.sub(r"https?://[^/]{1,220}", "", address).rstrip("/")


def _methods(lines: Sequence[str]) -> set[str]:
    """The methods of which the page speaks."""
    found = (match for line in lines for match in _METHOD.finditer(line[:MAX_LINE]))
    return {(match["method"] or match["call"]).upper() for match in found}


def _method_of(one: _Call, said: set[str]) -> str:
    if one.does != "query":
        return "DELETE" if one.does == "delete" else "POST"
    return "POST" if said == {"POST"} and not _PARAMETER.search(one.address) else "GET"
