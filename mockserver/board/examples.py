"""A request to send for every operation of every profile: the smallest that shows what the operation does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.mockserver.play.smallest import smallest
from understudy.specs.behaviour.axes import AccountRule
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.told_apart import apart, sent_to
from understudy.specs.pointers import at, text_of

if TYPE_CHECKING:
    from understudy.mockserver.play.profile import CompiledFamily, PlayedProfile
    from understudy.mockserver.state import ServerState
    from understudy.specs.behaviour.axes import Axes
    from understudy.specs.behaviour.source import SourceRule
    from understudy.specs.pointers import Path

PROMPT = "two paper boats on a pond"
ID = "{id}"


def examples(state: ServerState) -> list[dict[str, Any]]:
    """Rows of {profile, family, operation, method, path, body, headers, key, callback}.

    The first profile is played at the root, the others below their names. `{id}` in a path or a body is a
    task's id. `key` says where the key goes: {place, name, scheme}. `callback` says where the address for
    callbacks goes: {place, name}, of a body as a JSON Pointer; None where none can be given. `source` of a
    create says where it names a result of an earlier task, and whose: {place, families}; None where it does
    not.
    """
    rows = []
    for number, profile in enumerate(state.profiles):
        root = f"/{profile.name}" if number else ""
        for family in profile.families:
            axes = family.behaviour.axes
            made = _of_family(family, profile, root) if axes is None else _described(family, axes, root)
            rows += [{"profile": profile.name, "family": family.name, **row} for row in made]
    return rows


def _of_family(family: CompiledFamily, profile: PlayedProfile, root: str) -> list[dict[str, Any]]:
    """The operations of a family whose document is OpenAPI: POST and GET with JSON and a Bearer key."""
    prefix, request = f"{root}{profile.prefixes[0]}", family.behaviour.request
    common = {"headers": {}, "key": _key(AccountRule())}
    callback = request.get("callback_url")
    body = _body(family.check.source, request.get("prompt"))
    rows = [
        {
            "operation": "create",
            "method": "POST",
            "path": prefix + family.path,
            "body": body,
            "callback": {"place": "body", "name": text_of(callback)} if callback else None,
            "source": _source(family.behaviour.source, body),
            **common,
        },
        {"operation": "query", "method": "GET", "path": f"{prefix}{family.query_path}/{ID}", **common},
    ]
    if family.behaviour.operations.list is not None:
        rows.append({"operation": "list", "method": "GET", "path": prefix + family.path, **common})
    return rows


def _described(family: CompiledFamily, axes: Axes, root: str) -> list[dict[str, Any]]:
    """The operations of a family that a description of its axes describes."""
    common = {"headers": _headers(axes.service.headers), "key": _key(axes.service.account)}
    path, schema = next(iter(axes.create.schemas.items()))
    rule, query = axes.callback, axes.query
    rows = [
        {
            **common,
            "operation": "create",
            "method": axes.create.method,
            "path": root + sent_to(_filled(path)),
            "body": _body(schema, family.behaviour.request.get("prompt")),
            "headers": common["headers"] | _headers(axes.create.headers) | _marked(path),
            "callback": {"place": rule.place, "name": rule.name} if rule is not None else None,
            "source": None,
        },
    ]
    asked = sent_to(_filled(query.path), f"{query.id_name}={ID}" if query.id_place == "query" else "")
    row = {**common, "operation": "query", "method": query.method, "path": root + asked}
    row["headers"] = common["headers"] | _marked(query.path)
    rows.append(row | ({"body": _put({}, query.id_path, ID)} if query.id_place == "body" else {}))
    if axes.listing is not None:
        listing = axes.listing
        row = {**common, "operation": "list", "method": listing.method, "path": root + _filled(listing.path)}
        rows.append(row | ({"body": {}} if listing.in_body else {}))
    return rows


def _marked(path: str) -> dict[str, str]:
    """The header that tells a call apart from others at its path."""
    mark = apart(path)[1]
    return mark.headers if mark is not None else {}


def _key(rule: AccountRule) -> dict[str, str]:
    return {"place": rule.place, "name": rule.name, "scheme": rule.scheme}


def _source(rule: SourceRule | None, body: Any) -> dict[str, Any] | None:
    """Where an example names a result that no account has yet."""
    if rule is None or not isinstance(at(body, rule.field), str):
        return None
    return {"place": text_of(rule.field), "families": list(rule.families)}


def _headers(rules: Any) -> dict[str, str]:
    """The headers that an operation wants; what may be anything is "1"."""
    return {name: value or "1" for name, value in rules.items()}


def _filled(path: str) -> str:
    """A path with its variables filled by their names, but for the task's id."""
    return VARIABLE.sub(lambda found: ID if found[1] == "id" else found[1], path)


def _body(schema: Any, prompt: Path | None) -> Any:
    body: Any = smallest(schema)
    return _put(body, prompt, PROMPT) if prompt and isinstance(body, dict) else body


def _put(body: Any, path: Path, value: Any) -> Any:
    """`body` with `value` at a path, where the body has a place for it."""
    node = body
    for name in path[:-1]:
        if isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, dict):
            node = node.setdefault(name, {})
        else:
            return body
    if isinstance(node, dict):
        node[path[-1]] = value
    return body
