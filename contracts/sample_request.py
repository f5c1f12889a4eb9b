"""The requests that create and query a task of any family that is played: address, headers, body.

Families of an OpenAPI document name their operations there; those of described APIs say in their axes where
the key goes, which headers an operation wants, where a task's id stands, how a callback's address is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from understudy.specs.behaviour.axes import AccountRule
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.told_apart import apart, sent_to
from understudy.specs.pointers import path_of, put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.behaviour import TaskFamily

# What stands for a header that may have any value.
ANY = "1"


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """One request; `target` is the path with its query, below the provider's address."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


def create_request(
    family: TaskFamily, key: str, body: Mapping[str, Any], callback_url: str = ""
) -> SampleRequest:
    """The create of `body`; it asks for callbacks at `callback_url` where that can be asked for at all."""
    axes = family.axes
    sent, wanted = dict(body), {}
    if axes is None:
        if callback_url and family.request.get("callback_url"):
            put(sent, family.request["callback_url"], callback_url)
        create = family.operations.create
        return _with_key(SampleRequest(create.method, create.path, {}, sent), AccountRule(), key)
    rule, query = axes.callback, ""
    if callback_url and rule is not None:
        if rule.place == "body":
            put(sent, path_of(rule.name), callback_url)
        elif rule.place == "query":
            query = urlencode({rule.name: callback_url})
        else:
            wanted[rule.name] = callback_url
    headers = {**_filled_headers(axes.service.headers), **_filled_headers(axes.create.headers), **wanted}
    path = axes.create.paths[0]
    made = SampleRequest(axes.create.method, sent_to(_filled(path), query), headers | _marked(path), sent)
    return _with_key(made, axes.service.account, key)


def query_request(family: TaskFamily, key: str, task_id: str) -> SampleRequest:
    """The query of one task."""
    axes, ident = family.axes, quote(task_id, safe="")
    if axes is None:
        query = family.operations.query
        target = query.path.replace(f"{{{family.operations.id_parameter}}}", ident)
        return _with_key(SampleRequest(query.method, target), AccountRule(), key)
    call = axes.query
    body: dict[str, Any] | None = None
    asked = urlencode({call.id_name: task_id}) if call.id_place == "query" else ""
    target = sent_to(_filled(call.path, ident), asked)
    if call.id_place == "body":
        body = {}
        put(body, call.id_path, task_id)
    headers = _filled_headers(axes.service.headers) | _marked(call.path)
    return _with_key(SampleRequest(call.method, target, headers, body), axes.service.account, key)


def _with_key(request: SampleRequest, rule: AccountRule, key: str) -> SampleRequest:
    value = rule.written(key)
    if rule.place == "header":
        headers = {**request.headers, rule.name: value}
        return SampleRequest(request.method, request.target, headers, request.body)
    sign = "&" if "?" in request.target else "?"
    target = f"{request.target}{sign}{rule.name}={value}"
    return SampleRequest(request.method, target, request.headers, request.body)


def _marked(path: str) -> dict[str, str]:
    """The header that tells a call apart from others at its path."""
    mark = apart(path)[1]
    return mark.headers if mark is not None else {}


def _filled(path: str, ident: str = "") -> str:
    """A path with its variables filled by their own names, but for the task's id."""
    return VARIABLE.sub(lambda found: ident if found[1].rstrip("*") == "id" else found[1].rstrip("*"), path)


def _filled_headers(rules: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value or ANY for name, value in rules.items()}
