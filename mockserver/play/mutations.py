"""Bodies as a scenario wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour import StateClass
from understudy.specs.behaviour.templates import JSON_TEXT, is_each, is_json_text, json_text, of_state
from understudy.specs.pointers import at, put

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.behaviour import TaskFamily

RESULT_URL = "$result_url"
# What other vendors call a state of each class; the first letters of their documents.
FOREIGN = {
    StateClass.QUEUED: "QUEUED",
    StateClass.THROTTLED: "THROTTLED",
    StateClass.RUNNING: "IN_PROGRESS",
    StateClass.SUCCESS: "SUCCESS",
    StateClass.FAILED: "FAILURE",
    StateClass.MODERATED: "CONTENT_MODERATED",
    StateClass.CANCELLED: "CANCELED",
    StateClass.EXPIRED: "EXPIRED",
}


def mutate(value: Any, mutations: tuple[str, ...], family: TaskFamily) -> Any:
    """A body as a scenario wants it; `family` says where its records have their parts."""
    for mutation in mutations:
        value = _mutated(value, MUTATIONS[mutation], family)
    return value


def _mutated(value: Any, change: Callable[[dict[str, Any], TaskFamily], None], family: TaskFamily) -> Any:
    if isinstance(value, list):
        return [_mutated(part, change, family) for part in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _mutated(part, change, family) for name, part in value.items()}
    change(changed, family)
    return changed


def _extra_fields(one: dict[str, Any], _: TaskFamily) -> None:
    """A field that nobody names. Among texts alone it is a text, as a new link in a map of links is."""
    texts = bool(one) and all(isinstance(value, str) for value in one.values())
    one["x_understudy_extra"] = "unknown" if texts else {"unknown": [1, "two", None]}


def _code_as_string(one: dict[str, Any], _: TaskFamily) -> None:
    if isinstance(one.get("code"), int):
        one["code"] = str(one["code"])


def _null_for_object(one: dict[str, Any], _: TaskFamily) -> None:
    one.update({name: None for name, part in one.items() if part == {}})


def _unknown_status(one: dict[str, Any], family: TaskFamily) -> None:
    _set_status(one, family, "x_understudy_unknown")


def _foreign_status(one: dict[str, Any], family: TaskFamily) -> None:
    kind = family.lifecycle.kind(str(family.status_of(one)))
    if kind is not None:
        _set_status(one, family, FOREIGN[kind])


def _stale(one: dict[str, Any], family: TaskFamily) -> None:
    """The record as it was when the task was new."""
    if family.lifecycle.kind(str(family.status_of(one))) is not None:
        _set_status(one, family, family.lifecycle.initial)
        _set_results(one, family, 0)


def _partial(one: dict[str, Any], family: TaskFamily) -> None:
    """A record without its status and its results."""
    *way, last = family.places.status or ("",)
    holder = at(one, tuple(way))
    if isinstance(holder, dict) and last in holder:
        del holder[last]
        _set_results(one, family, 0)


def _no_results(one: dict[str, Any], family: TaskFamily) -> None:
    _set_results(one, family, 0)


def _fewer_results(one: dict[str, Any], family: TaskFamily) -> None:
    found = family.results_of(one)
    if isinstance(found, list):
        _set_results(one, family, len(found) - 1)
    elif found:
        _set_results(one, family, 0)


def _progress_in_fractions(one: dict[str, Any], family: TaskFamily) -> None:
    """30 of a hundred as 0.3, "30%" as "30.5%"."""
    for name in family.progress_members & one.keys():
        told = one[name]
        if type(told) is int:
            one[name] = told / 100
        elif isinstance(told, str) and told.endswith("%"):
            one[name] = f"{told[:-1]}.5%" if told != "100%" else "100.0%"


def _set_status(one: dict[str, Any], family: TaskFamily, word: str) -> None:
    place = family.places.status
    if place and isinstance(at(one, place), str):
        put(one, place, word)


def _set_results(one: dict[str, Any], family: TaskFamily, count: int) -> None:
    found = family.results_of(one) if family.result.at else None
    if isinstance(found, list):
        put(one, family.result.at, found[: max(0, count)])
    elif found is not None and family.axes is not None and count <= 0:
        template = at(of_state(family.axes.record, family.lifecycle.success), family.result.at)
        if is_json_text(template):
            put(one, family.result.at, json_text(_emptied(template[JSON_TEXT], found)))
        else:
            put(one, family.result.at, _emptied(template, found))


def _emptied(template: Any, found: Any) -> Any:
    """What a template has told, without the results in it."""
    if template == RESULT_URL:
        return None
    if is_each(template):
        return []
    if isinstance(template, dict) and isinstance(found, dict):
        return {name: _emptied(template.get(name), part) for name, part in found.items()}
    return found


MUTATIONS: dict[str, Callable[[dict[str, Any], TaskFamily], None]] = {
    "extra-fields": _extra_fields,
    "code-as-string": _code_as_string,
    "null-for-object": _null_for_object,
    "unknown-status": _unknown_status,
    "foreign-status": _foreign_status,
    "stale": _stale,
    "partial": _partial,
    "progress-in-fractions": _progress_in_fractions,
    "no-results": _no_results,
    "fewer-results": _fewer_results,
}
# Those that are about the task itself, and so change its callbacks too.
OF_THE_TASK = ("no-results", "fewer-results")
# Those that change the word for its state.
OF_THE_STATUS = ("unknown-status", "foreign-status", "stale", "partial")
