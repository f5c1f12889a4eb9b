"""Beginnings of addresses to which a page's code gives a name, and addresses in which those names are used.

API = "https://api.example.com/v2"        requests.get(f"{API}/tasks/{task_id}")
this.baseURL = "https://api.example.com"  axios.get(`${this.baseURL}/v2/tasks/${taskId}`)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.documents import Document

MAX_LINES = 3_000
MAX_LINE = 2_000

_BASE = re.compile(
    r"(?<!\w)(?P<name>[A-Za-z_]\w{1,40})\s{0,3}=\s{0,3}f?[\"'`](?P<url>https?://[^\"'`\s]{1,200}?)/?[\"'`]"
)
_USED = re.compile(r"\$?\{(?P<name>[A-Za-z_][\w.]{1,60})\}(?=/)")


def bases(document: Document) -> dict[str, str]:
    """The beginnings of addresses that the page's code gives a name and uses."""
    lines = document.lines[:MAX_LINES]
    found = (match for line in lines if "http" in line for match in _BASE.finditer(line[:MAX_LINE]))
    used = {_last(match["name"]) for line in lines for match in _USED.finditer(line[:MAX_LINE])}
    return {match["name"]: match["url"] for match in found if match["name"] in used}


def whole(line: str, known: Mapping[str, str]) -> str:
    """The line with each of the known names replaced by the beginning of an address that it is of."""
    return _USED.sub(lambda used: known.get(_last(used["name"]), used.group()), line)


def gives_name(line: str, known: Mapping[str, str]) -> bool:
    """Whether a line gives one of them its name: that address is not called itself."""
    base = None if _USED.search(line) else _BASE.search(line)
    return base is not None and base["name"] in known


def _last(name: str) -> str:
    """The name itself of what belongs to an object: `baseURL` of `this.baseURL`."""
    return name.rpartition(".")[2]
