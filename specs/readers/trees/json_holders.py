"""Which objects hold a name in the examples of a page: task_id in output of `{"output": {"task_id": 1}}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINE = 400
# Objects in one another; more are no example that somebody wrote.
MAX_NESTED = 100
_JSON = re.compile(r"\"(?P<key>\w{1,80})\"\s{0,3}:|\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|(?P<sign>[\[\]{}])")


def holders_of(lines: Sequence[str]) -> dict[str, set[str]]:
    """For each name in the JSON of a page the objects that hold it, by their places: "" for the outermost."""
    found: dict[str, set[str]] = {}
    open_: list[str] = []
    last = ""
    for line in lines:
        begins = not open_ and "{" in line
        for token in _JSON.finditer(line[:MAX_LINE]) if open_ or begins else ():
            if token["key"]:
                last = token["key"]
                found.setdefault(last, set()).add(".".join(filter(None, open_)))
            elif token["sign"] in ("{", "["):
                if len(open_) == MAX_NESTED:
                    open_.clear()
                open_.append(last)
                last = ""  # a list is no holder of its own
            elif token["sign"] and open_:
                open_.pop()
    return found
