"""Calls at one address that a parameter of the query or a header tells apart, as signed cloud APIs have them.

/?Action=SubmitLoop          the calls of `/` whose query has Action=SubmitLoop
/#X-Acme-Action=SubmitLoop   those that carry the header X-Acme-Action: SubmitLoop
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

# In a description, and in the paths of an OpenAPI document that is made of it.
PATH_PATTERN = "^/[^?#]*([?#][A-Za-z][A-Za-z0-9_-]*=[A-Za-z0-9_.-]+)?$"
_MARK = re.compile(r"(?P<sign>[?#])(?P<name>[A-Za-z][\w-]*)=(?P<value>[\w.-]+)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells a call apart: `place` is query or header."""

    place: str
    name: str
    value: str

    def is_on(self, query: str, header: str) -> bool:
        """Whether a request with this query has it, or with `header`, the value of its header."""
        if self.place == "header":
            return header == self.value
        return (self.name, self.value) in parse_qsl(query, keep_blank_values=True)

    @property
    def headers(self) -> dict[str, str]:
        """The header that a request must carry to have it."""
        return {self.name: self.value} if self.place == "header" else {}


@functools.lru_cache(maxsize=1024)
def apart(path: str) -> tuple[str, Mark | None]:
    """A path without its mark, and that: "/?Action=Submit" → "/", Action=Submit of the query."""
    found = _MARK.search(path)
    if found is None:
        return path, None
    place = "query" if found["sign"] == "?" else "header"
    return path[: found.start()], Mark(place, found["name"], found["value"])


def with_query(path: str, query: str) -> str:
    """The path with `query` behind its own, and before the mark of a header."""
    target, sign, header = path.partition("#")
    return f"{target}{'&' if '?' in target else '?'}{query}{sign}{header}"


def sent_to(path: str, query: str = "") -> str:
    """Where a request goes; the header of a mark is no part of it."""
    target = path.partition("#")[0]
    return with_query(target, query) if query else target
