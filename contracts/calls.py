"""A request about one task, ready to be sent: what a description's rule and the task's id make of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        path += f"?{rule.id_name}={wanted}"
    if rule.id_place != "body":
        return Call(rule.method, path, b"{}" if rule.method == "POST" else None)
    asked: dict[str, Any] = {}
    put(asked, rule.id_path, name)
    return Call(rule.method, path, json.dumps(asked).encode())


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
