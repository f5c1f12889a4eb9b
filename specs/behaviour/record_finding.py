"""Finding a task's record in a body: by a template, from the parts that a body tells, or by a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from understudy.specs.behaviour.template_reading import (
    fits,
    is_of_state,
    states_in,
    values_in,
)
from understudy.specs.behaviour.templates import (
    EACH,
    MISSING,
    fill,
    of_state,
)
from understudy.specs.pointers import Path, at, put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.behaviour.axes import Axes, Reply
    from understudy.specs.behaviour.family_parts import Places, ResultRule
    from understudy.specs.behaviour.lifecycle import Lifecycle

# What the parts of a wrapper say about a record. Times in seconds are not the record's own.
OF_A_RECORD = ("id", "status", "external_id", "reason", "created_at", "updated_at")


class RecordReader(Protocol):
    """What is needed of a family to find its records."""

    @property
    def places(self) -> Places: ...
    @property
    def result(self) -> ResultRule: ...
    @property
    def lifecycle(self) -> Lifecycle: ...
    def is_record(self, value: Any) -> bool: ...
    def status_of(self, record: Any) -> Any: ...


def described_record(body: Any, family: RecordReader, axes: Axes) -> dict[str, Any] | None:
    """The record in an answer or callback of a described API; of one that tells less, as much of a record."""
    if states_in(axes.record, body, family.lifecycle.names):
        return body if isinstance(body, dict) else None
    if _says_unknown(body, axes):
        return None
    told = axes.callback.body if axes.callback is not None else None
    return (
        _called_back(body, told, family, axes)
        or _created(body, axes.create.reply.body, family)
        or innermost_record(body, family)
        or _with_id(body, family)
    )


def told_by_status(
    status: int, body: Any, ident: str, family: RecordReader, axes: Axes
) -> dict[str, Any] | None:
    """As much of the record of task `ident` as an answer to its query tells by its HTTP status.

    `body` is its JSON value, None where it is none. None where it can be that of tasks that go on and of
    tasks that have ended, or of such as succeeded and such as did not.
    """
    replies = axes.query.replies
    told = [
        state for state in family.lifecycle.names if _may_answer(replies.of(state), status, body, state, axes)
    ]
    ends = {(family.lifecycle.is_terminal(state), state in family.lifecycle.succeeded) for state in told}
    if len(ends) != 1:
        return None
    template = replies.of(told[0]).body
    values = values_in(template, body) if isinstance(template, dict) else {}
    known: dict[str, Any] = {"id": ident, **values, "status": told[0], "absent": MISSING, EACH: ()}
    made: dict[str, Any] = fill(of_state(axes.record, told[0]), known.get)
    return made


def _may_answer(reply: Reply, status: int, body: Any, state: str, axes: Axes) -> bool:
    """Whether an answer can be this one, of a task in `state`; what is no JSON can be a file, or nothing."""
    if reply.status != status:
        return False
    if reply.is_file or reply.body is MISSING:
        return body is None
    return is_of_state(axes.record if reply.body in (None, "$record") else reply.body, body, state)


def _says_unknown(body: Any, axes: Axes) -> bool:
    """Whether a body is the one for an id that does not exist, which may hold that id."""
    reply = axes.unknown_reply
    template = reply.body if reply is not None else None
    return isinstance(template, dict) and is_of_state(template, body, "") and _as_empty(template, body)


def _as_empty(template: Any, body: Any) -> bool:
    """Whether every list that a template has empty is so in a body."""
    if isinstance(template, list) and not template:
        return bool(body == [])
    if isinstance(template, dict) and isinstance(body, dict):
        return all(_as_empty(part, body.get(name)) for name, part in template.items())
    return True


def _created(body: Any, template: Any, family: RecordReader) -> dict[str, Any] | None:
    """As much of a record as an answer to create tells that is none: the id, and the client's own."""
    if family.is_record(body) or not isinstance(template, dict) or not fits(template, body):
        return None
    told = values_in(template, body)
    if told.get("id") in (None, "") or not family.places.id:
        return None
    made: dict[str, Any] = {}
    put(made, family.places.id, told["id"])
    if family.places.external_id and "external_id" in told:
        put(made, family.places.external_id, told["external_id"])
    return made


def _with_id(body: Any, family: RecordReader) -> dict[str, Any] | None:
    return body if isinstance(body, dict) and family.is_record(body) else None


def _called_back(body: Any, template: Any, family: RecordReader, axes: Axes) -> dict[str, Any] | None:
    """As much of a record as a callback with a body of its own tells: the id and the state."""
    if not isinstance(template, dict) or not fits(template, body):
        return None
    rule = axes.callback
    states = states_in(template, body, rule.on if rule is not None else family.lifecycle.names)
    ident = values_in(template, body).get("id")
    if not states or ident in (None, ""):
        return None
    # What is not told is null, and there are no results.
    known: dict[str, Any] = {"id": str(ident), "status": states[0], "absent": MISSING, EACH: ()}
    made: dict[str, Any] = fill(of_state(axes.record, states[0]), known.get)
    return made


def unwrapped_record(values: Mapping[str, Any], family: RecordReader) -> dict[str, Any] | None:
    """The record from the parts of a wrapper."""
    if "body" in values:
        found = at(values["body"], family.places.record)
        return found if family.is_record(found) else None
    record = values.get("record")
    if isinstance(record, dict):
        return record
    made: dict[str, Any] = {}
    for name in OF_A_RECORD:
        place: Path = getattr(family.places, name)
        if name in values and place:
            put(made, place, values[name])
    if results := _results(values.get("results"), family):
        put(made, family.result.at, results)
    return made if family.is_record(made) else None


def _results(told: Any, family: RecordReader) -> list[Any]:
    """The results that a wrapper lists, each under the names that the family's records have for its parts."""
    parts = family.result.item
    return [
        {wire: one[f"item.{part}"] for part, wire in parts.items() if f"item.{part}" in one}
        if isinstance(one, dict) and any(name.startswith("item.") for name in one)
        else one
        for one in (told if isinstance(told, list) else [])
    ]


def innermost_record(value: Any, family: RecordReader) -> dict[str, Any] | None:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        found = innermost_record(one, family)
        if found is not None:
            return found
    both = family.is_record(value) and family.status_of(value) is not None
    return value if both else None
