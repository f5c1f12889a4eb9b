"""A request about one task, ready to be sent: what a description's rule and the task's id make of it."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.told_apart import apart, with_query
from understudy.specs.pointers import at, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.contracts.trace import Request
    from understudy.specs.behaviour.axes import BatchRule, CallRule


@dataclass(frozen=True, slots=True)
class Call:
    """A request without the server's address and the key; `body` None: none is sent."""

    method: str
    path: str
    body: bytes | None = None


def call_of(rule: CallRule, name: str) -> Call:
    """The request that `rule` describes for the task of that id, which stands in path, query or body."""
    wanted = quote(name, safe="")
    path = named(rule.path.replace(f"{{{rule.id_name}}}", wanted))
    if rule.id_place == "query":
        path = with_query(path, f"{rule.id_name}={wanted}")
    if rule.id_place != "body":
        return Call(rule.method, path, b"{}" if rule.method == "POST" else None)
    asked: dict[str, Any] = {}
    put(asked, rule.id_path, name)
    return Call(rule.method, path, json.dumps(asked).encode())


def name_in(rule: CallRule, request: Request) -> str:
    """The id by which a request asks for its task, "" for none: the reverse of `call_of`."""
    parts = urlsplit(request.url)
    if rule.id_place == "query":
        return next((value for name, value in parse_qsl(parts.query) if name == rule.id_name), "")
    if rule.id_place == "body":
        return str(at(request.json(), rule.id_path) or "")
    found = _path_pattern(apart(rule.path)[0]).search(parts.path)
    return unquote(found[rule.id_name]) if found is not None and rule.id_name in found.groupdict() else ""


@functools.lru_cache(maxsize=256)
def _path_pattern(path: str) -> re.Pattern[str]:
    """A path with variables at the end of a longer one: /v1/{id} -> /v1/(?P<id>[^/]+)$."""
    parts = VARIABLE.split(path)
    pieces = (
        re.escape(part) if i % 3 == 0 else f"(?P<{part}>{'.+' if parts[i + 1] else '[^/]+'})"
        for i, part in enumerate(parts)
        if i % 3 != 2
    )
    return re.compile(f"{''.join(pieces)}$")


def named(path: str) -> str:
    """A path whose variables have a value: /v1/{model} -> /v1/any-model."""
    return VARIABLE.sub(r"any-\1", path)


def several_call(rule: BatchRule, names: Sequence[str]) -> Call:
    """The request that asks for several tasks at once."""
    if rule.place == "query":
        return Call(rule.method, f"{named(rule.path)}?{rule.ids[-1]}={','.join(map(quote, names))}")
    asked: dict[str, Any] = {}
    put(asked, rule.ids, [*names])
    return Call(rule.method, named(rule.path), json.dumps(asked).encode())
