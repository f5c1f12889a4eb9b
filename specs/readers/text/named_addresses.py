"""Beginnings of addresses to which a page's code gives a name, and addresses in which those names are used.

API = "https://api.example.com/v2"        requests.get(f"{API}/tasks/{task_id}")
PATH = "/tasks/state"                     requests.get(f"{API}{PATH}?task_id={task['id']}")
this.baseURL = "https://api.example.com"  axios.get(`${this.baseURL}/v2/tasks/${taskId}`)
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.specs.documents import Document

MAX_LINES = 3_000
MAX_LINE = 2_000

_BASE = re.compile(
    r"(?<!\w)(?P<name>[A-Za-z_]\w{1,40})\s{0,3}=\s{0,3}f?[\"'`](?P<url>https?://[^\"'`\s]{1,200}?)/?[\"'`]"
)
_USED = re.compile(r"\$?\{(?P<name>[A-Za-z_][\w.]{1,60})\}(?=/|\$?\{[A-Za-z_][\w.]{1,60}\}[?\"'`])")
# A path that has a name of its own, and its use behind a beginning.
_PATH = re.compile(
    r"(?<!\w)(?P<name>[A-Za-z_]\w{1,40})\s{0,3}=\s{0,3}[\"'`](?P<path>(?:/[\w.~-]{1,80}){1,8})[\"'`]"
)
_BEHIND = re.compile(
    r"(?:(?<=\})|(?P<host>https?://[\w.:-]{1,200}(?:/[\w.-]{1,60}){0,6}))\$?\{(?P<name>[A-Za-z_][\w.]{1,60})\}(?=[?\"'`])"
)

# A member of something that an address has in it: {job['id']}, ${job.data["id"]}, {job.get("id")}.
_MEMBER = re.compile(
    r"(?P<open>\$?\{)[A-Za-z_][\w.]{0,60}(?:\[[\"']\w{1,60}[\"']\]){0,4}(?:\[[\"'](?P<key>\w{1,60})[\"']\]|\.get\([\"'](?P<got>\w{1,60})[\"']\))\}"
)


def bases(document: Document) -> dict[str, str]:
    """The beginnings of addresses that the page's code gives a name and uses."""
    lines = document.lines[:MAX_LINES]
    found = (match for line in lines if "http" in line for match in _BASE.finditer(line[:MAX_LINE]))
    used = {_last(match["name"]) for line in lines for match in _USED.finditer(line[:MAX_LINE])}
    out = {match["name"]: match["url"] for match in found if match["name"] in used}
    return {**_paths(lines), **out} if out else out


def _paths(lines: Sequence[str]) -> dict[str, str]:
    """The paths that have a name, each one alone, and stand behind a beginning of addresses."""
    behind = {
        _last(match["name"]) for line in lines if "}" in line for match in _BEHIND.finditer(line[:MAX_LINE])
    }
    out: dict[str, str] = {}
    several: set[str] = set()
    for line in lines if behind else ():
        for match in _PATH.finditer(line[:MAX_LINE]):
            if out.setdefault(match["name"], match["path"]) != match["path"]:
                several.add(match["name"])
    return {name: path for name, path in out.items() if name in behind and name not in several}


def whole(line: str, known: Mapping[str, str]) -> str:
    """The line with each of the known names replaced by the beginning of an address that it is of, and the members of
    what a program knows by their own names: `{job['id']}` is `{id}`."""
    if "]}" in line or ")}" in line:
        line = _MEMBER.sub(lambda one: f"{one['open']}{one['key'] or one['got']}}}", line)
    line = _USED.sub(lambda used: known.get(_last(used["name"]), used.group()), line)
    return _BEHIND.sub(lambda used: _with_path(used, known), line) if "}" in line else line


def _with_path(used: re.Match[str], known: Mapping[str, str]) -> str:
    path = known.get(_last(used["name"]), "")
    return f"{used['host']}{path}" if used["host"] and path.startswith("/") else used.group()


def gives_name(line: str, known: Mapping[str, str]) -> bool:
    """Whether a line gives one of them its name: that address is not called itself."""
    base = None if _USED.search(line) else _BASE.search(line) or _PATH.search(line)
    return base is not None and base["name"] in known


def _last(name: str) -> str:
    """The name itself of what belongs to an object: `baseURL` of `this.baseURL`."""
    return name.rpartition(".")[2]
