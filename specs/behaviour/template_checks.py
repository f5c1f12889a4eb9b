"""What the templates of a description must be: known values, known states, an id, and states that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.axes import NO_BODY
from understudy.specs.behaviour.lifecycle import StateClass
from understudy.specs.behaviour.problems import Problem
from understudy.specs.behaviour.template_reading import place_of
from understudy.specs.behaviour.templates import (
    ALONE,
    LIKE,
    NAMES,
    OF_A_CHALLENGE,
    OF_A_LIST,
    STATUS,
    is_choice,
    is_each,
    is_json_text,
    is_known,
    is_like,
    names,
    of_state,
)
from understudy.specs.errors import known_names
from understudy.specs.pointers import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# By which of these values an answer to a create tells which task it has made.
_TELLS_A_TASK = frozenset(
    ["id", "external_id", "record", "body", "query_url", "results_url", "cancel_url", "stream_url"]
)
ENDINGS = ("cancel", "delete")
# The operations that name a task by its id.
WITH_ID = ("query", "results", *ENDINGS)


def state_classes(family: Mapping[str, Any]) -> dict[str, StateClass]:
    return {name: StateClass(state["class"]) for name, state in family["states"].items()}


def template_problems(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    every = set(family["states"])
    for pointer, template, known in _every_template(at, family):
        yield from unknown_values(pointer, template, known)
        yield from _unknown_states(pointer, template, every)
        yield from misplaced(pointer, template)
        if pointer.startswith((f"{at}/record", f"{at}/query/")):
            yield from _told_in_texts(pointer, template)
    created = family["create"].get("answer", {})
    told = {*names([created.get("body"), *created.get("headers", {}).values()])}
    if "body" in created and created["body"] != "$absent" and not told & _TELLS_A_TASK:
        advice = "a member with $id, such as id: $id, or its address, $query_url"
        yield Problem(f"{at}/create/answer/body", 0, "does not tell the new task's id", advice)
    if place_of(family["record"], "id") is None and _id_comes_from(family) is None:
        yield Problem(
            f"{at}/record", 0, "does not contain the task's id", "a member with $id, such as id: $id"
        )
    yield from _alike(at, family)


def _id_comes_from(family: Mapping[str, Any]) -> Any:
    body = family["create"].get("answer", {}).get("body")
    return (
        None
        if body is None
        else next((n for n in ("id", "query_url") if place_of(body, n) is not None), None)
    )


def _alike(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    """Two states that no answer tells apart, though a client must: one has ended, or succeeded, alone."""
    query = family["query"]
    replies = {name: query.get("states", {}).get(name, {}) for name in family["states"]}
    answers = {name: repr(_looks(reply, name, family)) for name, reply in replies.items()}
    for one, other, word in _confused(family, answers):
        yield Problem(
            f"{at}/record", 0,
            f"answers show {one!r} and {other!r} alike, though only one of them {word}",
            "write $status, or {$status: {…}} with a word for each, or an HTTP status for each",
        )  # fmt: skip
        return
    records = {name: repr(_shown("$record", name, family)) for name in family["states"]}
    for one, other, word in _confused(family, records):
        yield Problem(
            f"{at}/record", 0,
            f"records of {one!r} and {other!r} are alike, though only one of them {word}",
            "a member with $status: the record names the state, also where the HTTP status alone tells it",
        )  # fmt: skip
        return


def _looks(reply: Mapping[str, Any], state: str, family: Mapping[str, Any]) -> tuple[Any, Any]:
    """The HTTP status and the body with which a query is answered in a state; `reply`: what is its own."""
    usual = family["query"].get("answer", {})
    own = reply or usual
    is_file = own.get("bytes") or own.get("redirect")
    body = "the file" if is_file else reply.get("body", usual.get("body", "$record"))
    return reply.get("status", usual.get("status", 200)), _shown(body, state, family)


def _confused(family: Mapping[str, Any], looks: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(state, another that looks the same, what only one of them is)."""
    kinds = state_classes(family)
    shown: dict[str, str] = {}
    for name, kind in kinds.items():
        first = shown.setdefault(looks[name], name)
        if kind.terminal != kinds[first].terminal:
            yield first, name, "is terminal"
        elif kind is not kinds[first] and StateClass.SUCCESS in (kind, kinds[first]):
            yield first, name, "has succeeded"


def hands_over(call: Mapping[str, Any]) -> bool:
    """Whether an operation is answered with the result itself, in some state."""
    replies = [call.get("answer", {}), *call.get("states", {}).values()]
    return any(reply.get("bytes") or reply.get("redirect") for reply in replies)


def _shown(template: Any, state: str, family: Mapping[str, Any]) -> Any:
    """What a template shows of a state; values that differ between tasks stand for themselves."""
    return _with_state(of_state(_with_record(template, family["record"]), state), state)


def _with_record(template: Any, record: Any) -> Any:
    """A template with the record wherever it stands in it."""
    if isinstance(template, dict):
        return {name: _with_record(part, record) for name, part in template.items()}
    if isinstance(template, list):
        return [_with_record(part, record) for part in template]
    return record if template == "$record" else template


def _with_state(template: Any, state: str) -> Any:
    if isinstance(template, dict) and not is_each(template):
        return {name: _with_state(part, state) for name, part in template.items()}
    if isinstance(template, list):
        return [_with_state(of_state(part, state), state) for part in template]
    return state if template == "$status" else template


def _every_template(at: str, family: Mapping[str, Any]) -> Iterator[tuple[str, Any, frozenset[str]]]:
    yield f"{at}/record", family["record"], NAMES
    listing = NAMES | OF_A_LIST.keys()
    for name in ("create", *WITH_ID, "list"):
        operation = family.get(name, {})
        known = listing if name == "list" else NAMES
        for key in ("answer", "otherwise"):
            if "body" in operation.get(key, {}):
                yield f"{at}/{name}/{key}/body", operation[key]["body"], known
            for header, value in operation.get(key, {}).get("headers", {}).items():
                yield f"{at}/{name}/{key}/headers/{escape(header)}", value, known
        states = operation.get("states", {})
        for state, reply in states.items() if isinstance(states, dict) else ():
            if "body" in reply:
                yield f"{at}/{name}/states/{escape(state)}/body", reply["body"], known
    if "body" in family["query"].get("batch", {}):
        yield f"{at}/query/batch/body", family["query"]["batch"]["body"], listing
    callback = family.get("callback", {})
    if "body" in callback:
        yield f"{at}/callback/body", callback["body"], NAMES
    for part in ("body", "answer"):
        if part in callback.get("challenge", {}):
            yield (
                f"{at}/callback/challenge/{part}",
                callback["challenge"][part],
                NAMES | OF_A_CHALLENGE.keys(),
            )
    if "body" in family.get("stream", {}):
        yield f"{at}/stream/body", family["stream"]["body"], NAMES


def bodiless(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    """Answers with a status that HTTP gives no body to, and a body all the same."""
    for name in ("create", *WITH_ID, "list"):
        operation = family.get(name, {})
        states = operation.get("states", {})
        replies = {key: operation[key] for key in ("answer", "otherwise") if key in operation}
        for state, reply in states.items() if isinstance(states, dict) else ():
            replies[f"states/{escape(state)}"] = reply
        for place, reply in replies.items():
            status = reply.get("status")
            if status in NO_BODY and (reply.get("bytes") or reply.get("body", "$absent") != "$absent"):
                pointer = f"{at}/{name}/{place}/{'bytes' if reply.get('bytes') else 'body'}"
                yield Problem(pointer, 0, f"an answer with status {status} has no body", "leave it out")


def unknown_values(pointer: str, template: Any, known: frozenset[str]) -> Iterator[Problem]:
    for name in names(template):
        if not is_known(name, known):
            yield Problem(pointer, 0, f"unknown value '${name}'", known_names(name, sorted(known)))


def misplaced(pointer: str, template: Any, *, as_it_stands: bool = False) -> Iterator[Problem]:
    """What would be sent as it stands, though it reads as a template: `$json` beside another member, `$id` in
    what is only alike."""
    inner = (
        template.values() if isinstance(template, dict) else template if isinstance(template, list) else ()
    )
    if isinstance(template, dict) and len(template) > 1:
        for name in ALONE:
            if name in template:
                advice = "an object of its own, without other members"
                yield Problem(
                    pointer, 0, f"{name} stands beside other members, and says nothing there", advice
                )
    if as_it_stands and isinstance(template, str):
        for name in names(template):
            if is_known(name, NAMES):
                advice = f"an example of such a value; or {template} alone, which promises it"
                yield Problem(pointer, 0, f"${name} in {LIKE} would be sent as it stands", advice)
    for part in inner:
        yield from misplaced(pointer, part, as_it_stands=as_it_stands or is_like(template))


def _told_in_texts(pointer: str, record: Any) -> Iterator[Problem]:
    """The id or the state in a text of the record, where no tool looks for them."""
    if is_json_text(record):
        for name in dict.fromkeys(names(record)):
            if name in ("id", "status", "record", "body"):
                advice = "a member of the record itself, beside the text"
                yield Problem(
                    pointer, 0, f"${name} stands in a text that is JSON, where it is not found", advice
                )
        return
    inner = record.values() if isinstance(record, dict) else record if isinstance(record, list) else ()
    for part in inner:
        yield from _told_in_texts(pointer, part)


def _unknown_states(pointer: str, template: Any, known: set[str]) -> Iterator[Problem]:
    if is_choice(template):
        for state in template[STATUS]:
            if state != "*" and state not in known:
                yield Problem(
                    pointer, 0, f"$status names an unknown state {state!r}", known_names(state, known)
                )
    inner = (
        template.values() if isinstance(template, dict) else template if isinstance(template, list) else ()
    )
    for part in inner:
        yield from _unknown_states(pointer, part, known)


def every_name(family: Mapping[str, Any]) -> Iterator[str]:
    for _, template, _ in _every_template("", family):
        yield from names(template)
