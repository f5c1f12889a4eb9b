"""Templates read backwards: what the names of one stand for in a body, and of which states that can be."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.templates import (
    ABSENT,
    EACH,
    IF_ANY,
    JSON_TEXT,
    OTHERWISE,
    PLACE,
    STATUS,
    chosen,
    is_choice,
    is_each,
    is_if_any,
    is_json_text,
    is_like,
    may_be_absent,
    named,
    names,
)
from understudy.specs.pointers import Path, at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


_NOTHING = frozenset(["null", ABSENT])


def fits(template: Any, body: Any) -> bool:
    """Whether a body has the members of the template; their values may be anything."""
    if is_if_any(template):
        return fits(template[IF_ANY], body)
    if is_json_text(template):
        return isinstance(body, str)
    if is_like(template):
        return True
    if isinstance(template, dict) and not is_choice(template) and not is_each(template):
        return isinstance(body, dict) and all(
            may_be_absent(v) or (k in body and fits(v, body[k])) for k, v in template.items()
        )
    return True


def is_of_state(template: Any, body: Any, state: str) -> bool:
    """Whether a body can be what the template is filled to for a task in `state`."""
    if is_choice(template):
        choices: Mapping[str, Any] = template[STATUS]
        return is_of_state(choices.get(state, choices.get(OTHERWISE)), body, state)
    if isinstance(template, str):
        if template == "$status":
            return bool(body == state)
        return body is None if template == "$null" else "$" in template or bool(body == template)
    if is_each(template) or isinstance(template, list):
        return isinstance(body, list)
    if is_if_any(template):
        return is_of_state(template[IF_ANY], body, state)
    if is_json_text(template):
        return is_of_state(template[JSON_TEXT], held_in(body), state)
    if is_like(template):
        return True
    if isinstance(template, dict):
        return isinstance(body, dict) and all(
            (name not in body)
            if chosen(part, state) == f"${ABSENT}"
            or ((is_if_any(part) or is_like(chosen(part, state))) and name not in body)
            else name in body and is_of_state(part, body[name], state)
            for name, part in template.items()
        )
    return type(body) is type(template) and bool(body == template)


def states_in(template: Any, body: Any, states: Iterable[str]) -> tuple[str, ...]:
    """The states, in their order, of which a body can be what the template is filled to."""
    return tuple(state for state in states if is_of_state(template, body, state))


def held_in(body: Any) -> Any:
    """The value in a text that is JSON; None for a text that is none, and for what is no text."""
    try:
        return json.loads(body) if isinstance(body, str) else None
    except (ValueError, RecursionError):
        return None


def values_in(template: Any, body: Any) -> dict[str, Any]:
    """What the template's names stand for in a body, the reverse of `fill`: {"id": "17", "status": …}.

    A status that the body writes in another word is the state's name again, unless no state is written so.
    """
    return dict(_values_in(template, body))


def _values_in(template: Any, body: Any) -> Iterator[tuple[str, Any]]:
    if is_like(template):
        return
    if isinstance(template, str):
        yield from _values_in_text(template, body)
    elif is_choice(template):
        yield from _values_in_choice(template[STATUS], body)
    elif is_if_any(template):
        yield from _values_in(template[IF_ANY], body)
    elif is_json_text(template):
        yield from _values_in(template[JSON_TEXT], held_in(body))
    elif is_each(template):
        if isinstance(body, list):
            yield "results", [values_in(template[EACH], one) for one in body]
    elif isinstance(template, dict) and isinstance(body, dict):
        for name, inner in template.items():
            if name in body:
                yield from _values_in(inner, body[name])


def _values_in_choice(choices: Mapping[str, Any], body: Any) -> Iterator[tuple[str, Any]]:
    """What stands in a body that depends on the state: the state, where each has a word; else what the one of
    the templates names that can be what the body is: a list is made of `$each`, a text of "$reason"."""
    if all(isinstance(word, str) and not word.startswith("$") for word in choices.values()):
        yield "status", next((s for s, word in choices.items() if word == body and s != OTHERWISE), body)
    elif body is not None and not any(type(one) is type(body) and one == body for one in choices.values()):
        made = (one for one in choices.values() if isinstance(one, dict) or not {*names(one)} <= _NOTHING)
        yield from _values_in(next((one for one in made if _may_be_made_of(one, body)), None), body)


def _may_be_made_of(template: Any, body: Any) -> bool:
    if is_each(template) or isinstance(template, list):
        return isinstance(body, list)
    if isinstance(template, str):
        return not isinstance(body, (dict, list))
    return fits(template, body)


def _values_in_text(template: str, body: Any) -> Iterator[tuple[str, Any]]:
    if template.startswith("$") and not template.startswith("${"):
        yield template[1:], body
    elif "${" in template and isinstance(body, str):
        found = text_pattern(template).fullmatch(body)
        yield from zip(PLACE.findall(template), found.groups(), strict=True) if found else ()


@functools.lru_cache(maxsize=1024)
def text_pattern(template: str) -> re.Pattern[str]:
    """A text with places as a pattern that reads them: "a/${id}" -> a/(.+?)."""
    parts = PLACE.split(template)
    return re.compile("".join("(.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts)))


def place_of(template: Any, name: str) -> Path | None:
    """Where a template writes the value `name`; the outermost place, None when it does not.

    >>> place_of({"data": {"id": "$id"}}, "id")
    ('data', 'id')
    """
    pending: list[tuple[Path, Any]] = [((), template)]
    while pending:
        path, node = pending.pop(0)
        node = node[IF_ANY] if is_if_any(node) else node
        if is_like(node):
            continue
        if isinstance(node, str) and name in named(node):
            return path
        if isinstance(node, dict) and not is_choice(node) and not is_each(node) and not is_json_text(node):
            pending.extend(((*path, key), part) for key, part in node.items())
    return None


def member(template: Any, name: str, body: Any) -> Any:
    """The value `name` of a body that a template describes, or None."""
    place = place_of(template, name)
    return None if place is None else at(body, place)
