"""JSON Pointers (RFC 6901): reading them, writing them, and what stands where they point.

A pointer is text ("/task_info/external_task_id") in documents, and a Path, a tuple of names, where it is used
often: ("task_info", "external_task_id"). Every function takes either.
"""

from __future__ import annotations

import functools
from typing import Any

Path = tuple[str, ...]


def unescape(token: str) -> str:
    """One token of a pointer as the key that it names (RFC 6901, section 4): "a~1b" -> "a/b"."""
    return token.replace("~1", "/").replace("~0", "~")


def escape(name: str) -> str:
    """A key as one token of a pointer: "a/b" -> "a~1b"."""
    return name.replace("~", "~0").replace("/", "~1")


@functools.lru_cache(maxsize=4096)
def path_of(text: str) -> Path:
    """A pointer's text as names: "/a/b~1c" -> ("a", "b/c"); "" -> ()."""
    return tuple(unescape(part) for part in text.removeprefix("/").split("/")) if text else ()


def text_of(path: Path) -> str:
    """Names as a pointer's text: ("a", "b/c") -> "/a/b~1c"; () -> ""."""
    return "".join(f"/{escape(name)}" for name in path)


def at(value: Any, pointer: str | Path, default: Any = None) -> Any:
    """The value where `pointer` points, or `default`: at({"a": [1]}, "/a/0") == 1."""
    for name in path_of(pointer) if isinstance(pointer, str) else pointer:
        if isinstance(value, dict):
            if name not in value:
                return default
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return default
    return value


def put(value: dict[str, Any], pointer: str | Path, new: Any) -> None:
    """Set the member where `pointer` points, making the objects on the way; it must name one."""
    *way, last = path_of(pointer) if isinstance(pointer, str) else pointer
    for name in way:
        value = value.setdefault(name, {})
    value[last] = new


def with_member(value: dict[str, Any], pointer: str | Path, new: Any) -> dict[str, Any]:
    """A copy in which the member where `pointer` points is `new`, as `put` sets it.

    All but the objects on the way is shared with `value`.
    """
    *way, last = path_of(pointer) if isinstance(pointer, str) else pointer
    copied = here = dict(value)
    for name in way:
        here[name] = dict(here.get(name, {}))
        here = here[name]
    here[last] = new
    return copied
