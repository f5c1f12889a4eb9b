"""The language of templates: how a body is made of a task's values, read back, and what its schema is.

A TEMPLATE is any JSON value. In it a string that begins with "$" stands for the value of that name, and
"${id}" inside a longer text for its text ("models/${path.model}/operations/${id}"):

    $code $message $request_id    of the envelope;  $http_status $situation: of a refusal
    $retry_after                  of a refusal: seconds to stay away; left out where waiting does not help
    $record                       the task record (in `list`: the list of them)
    $body                         the whole body as the vendor would send it
    $id $external_id $status $model
    $reason $reason_code          why it failed, in words and as the vendor's code; "" when it did not
    $result_url                   the first result's address, "" when there is none
    $results                      the list of the results' items, [] when there is none
    $result_count                 how many there are, 0 when there is none
    $progress                     0 to 100, the share of the run time that is over;  $progress_percent: "30%";
    $progress_share               0 to 1;  $queue_position: 0 when it is not queued
    $created_at $updated_at       milliseconds;  $created_seconds $updated_seconds: seconds
    $started_seconds $finished_seconds    0 while it has not
    $created_time $started_time $finished_time $expires_time
                                  "2026-11-29T02:00:00.000Z", null while it has not
    $expires_seconds              when results are gone, 0 while there are none
    $run_seconds                  how long it has run
    $units $units_text            what it costs: 2, "2"
    $query_url $results_url $cancel_url $stream_url    where the task's other operations are
    $request $request.a.b         what the create asked for, or one member of it; null when it is absent
    $path.name                    a variable segment of the create's path
    $query.name                   a parameter of the query string of the create
    $item.url $item.index $item.id $item.duration $item.watermark_url    of one result, inside `$each`
    $next $next_url $previous $total $count $page $page_size $has_more $first_id $last_id    of a list
    $challenge                    of a challenge: what must come back
    $null                         null, which TOML cannot say;  $absent: the member is left out

An object with the one member `$status` chooses by the task's state; "*" is every other state. One with the
one member `$each` is the list of all results, each made from its template. One with the one member
`$if_any` is what stands there, and is left out when that is null or empty. One with the one member `$json`
is a text: the JSON of what is made from its template. One with the one member `$like` is that value, and
promises no more than its type: others of the type are fine too, and so is none:

    {$status: {submitted: NOT_START, processing: IN_PROGRESS, '*': SUCCESS}}
    {$each: {url: $item.url}}
    {$if_any: $records}
    {credits: {$like: 4}}
    {$json: {urls: {$each: $item.url}}}    "{\\"urls\\":[\\"https://…\\"]}"
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError
from understudy.specs.tree import Object, copied

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

STATUS = "$status"
OTHERWISE = "*"
# What a value is that makes its member be left out.
MISSING: Any = object()
TEXT = {"type": "string"}
SECONDS = {"type": "integer", "minimum": 0}
TIME = {"type": "string", "format": "date-time"}
TIME_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
URL = {"type": "string", "format": "uri"}

# The schema of each "$name" that is the same for all operations.
VALUES: dict[str, Object] = {
    "request_id": TEXT,
    "id": {"type": "string", "minLength": 1},
    "external_id": TEXT,
    "reason": TEXT,
    "model": TEXT,
    "result_url": TEXT,
    "situation": TEXT,
    "message": TEXT,
    "http_status": {"type": "integer"},
    "retry_after": {"type": "integer", "minimum": 0},
    "progress": {"type": "integer", "minimum": 0, "maximum": 100},
    "progress_percent": {"type": "string", "pattern": "^[0-9]+%$"},
    "created_at": {"type": "integer"},
    "updated_at": {"type": "integer"},
    "created_seconds": SECONDS,
    "updated_seconds": SECONDS,
    "started_seconds": SECONDS,
    "finished_seconds": SECONDS,
    "results": {"type": "array"},
    "result_count": {"type": "integer", "minimum": 0},
    "reason_code": TEXT,
    "progress_share": {"type": "number", "minimum": 0, "maximum": 1},
    "queue_position": {"type": "integer", "minimum": 0},
    "created_time": TIME,
    "started_time": TIME_OR_NULL,
    "finished_time": TIME_OR_NULL,
    "expires_time": TIME_OR_NULL,
    "expires_seconds": SECONDS,
    "run_seconds": {"type": "number", "minimum": 0},
    "units": {"type": "number"},
    "units_text": TEXT,
    "query_url": URL,
    "results_url": URL,
    "cancel_url": URL,
    "stream_url": URL,
    "request": {},
    "null": {"type": "null"},
}
# Of a list, of a challenge, and of what is sent along with a task.
OF_A_LIST: dict[str, Object] = {
    "records": {"type": "array"},
    "next": {"type": ["string", "null"]},
    "next_url": {"type": ["string", "null"]},
    "previous": {"type": ["string", "null"]},
    "total": {"type": "integer", "minimum": 0},
    "count": {"type": "integer", "minimum": 0},
    "page": {"type": "integer"},
    "page_size": {"type": "integer"},
    "has_more": {"type": "boolean"},
    "first_id": {"type": ["string", "null"]},
    "last_id": {"type": ["string", "null"]},
}
OF_A_CHALLENGE: dict[str, Object] = {"challenge": TEXT}
# Names with members: what stands below them depends on the request.
MEMBERS = ("request", "path", "query", "item")
ITEM_PARTS = ("url", "index", "id", "duration", "watermark_url")
ABSENT = "absent"
# What some answers leave out, in whatever state the task is.
LEFT_OUT = (f"${ABSENT}", "$retry_after")
EACH = "$each"
IF_ANY = "$if_any"
JSON_TEXT = "$json"
LIKE = "$like"
# What an object with the one member of this name says; beside other members none of them says anything.
ALONE = (STATUS, EACH, IF_ANY, JSON_TEXT, LIKE)
PLACE = re.compile(r"\$\{([a-z_.A-Z0-9-]+)\}")
# Names whose schema depends on the operation or on the provider.
OF_A_BODY = ("body", "code", "record", "status")
NAMES = frozenset({*VALUES, *OF_A_BODY, ABSENT})


def is_choice(template: Any) -> bool:
    """Whether a template is an object that chooses by the task's state."""
    return isinstance(template, dict) and template.keys() == {STATUS}


def is_each(template: Any) -> bool:
    """Whether a template is the list of all results."""
    return isinstance(template, dict) and template.keys() == {EACH}


def is_if_any(template: Any) -> bool:
    """Whether a template is one that is left out when there is nothing to write."""
    return isinstance(template, dict) and template.keys() == {IF_ANY}


def is_json_text(template: Any) -> bool:
    """Whether a template is a text that is JSON."""
    return isinstance(template, dict) and template.keys() == {JSON_TEXT}


def is_like(template: Any) -> bool:
    """Whether a template is a value of which nothing but its type is promised."""
    return isinstance(template, dict) and template.keys() == {LIKE}


def names(template: Any) -> Iterator[str]:
    """Every value that a template names, in order: {"id": "$id"} -> "id"."""
    if isinstance(template, str):
        yield from named(template)
    elif isinstance(template, dict):
        for part in template.values() if not is_like(template) else ():
            yield from names(part)
    elif isinstance(template, list):
        for part in template:
            yield from names(part)


def named(text: str) -> list[str]:
    if text.startswith("$") and not text.startswith("${"):
        return [text[1:]]
    return PLACE.findall(text)


def members_telling(template: Any, told: Collection[str]) -> Iterator[str]:
    """The members of a template, at any depth, that tell one of these values: "done" for "$progress" in
    {"done": "$progress"}."""
    if isinstance(template, list):
        for part in template:
            yield from members_telling(part, told)
    elif isinstance(template, dict):
        for member, part in template.items():
            may_be = part[IF_ANY] if is_if_any(part) else part
            if (isinstance(may_be, str) or is_choice(may_be)) and not set(told).isdisjoint(names(may_be)):
                yield member
            yield from members_telling(part, told)


def check_template(template: Any, where: str, known: frozenset[str] = NAMES) -> None:
    """Raise UnderstudyError when a template names a value that is not among `known`."""
    for name in names(template):
        if not is_known(name, known):
            listed = ", ".join(f"${one}" for one in sorted(known))
            raise UnderstudyError(f"unknown value '${name}'", where=where, advice=f"known: {listed}")


def is_known(name: str, known: Collection[str]) -> bool:
    """Whether a template may name this value: one of `known`, or a member such as request.prompt."""
    base, dot, rest = name.partition(".")
    if base == "item":
        return rest in ITEM_PARTS
    return name in known or bool(dot and rest and base in MEMBERS)


def fill(template: Any, values: Callable[[str], Any]) -> Any:
    """The template with its names replaced: fill({"a": "$id"}, {"id": "7"}.get) == {"a": "7"}.

    `values` gives MISSING for a member that is to be left out, and for `$each` functions like itself.
    """
    if isinstance(template, str):
        if template.startswith("$") and not template.startswith("${"):
            return values(template[1:])
        return PLACE.sub(lambda place: text(values(place[1])), template) if "${" in template else template
    if isinstance(template, list):
        return [value for part in template if (value := fill(part, values)) is not MISSING]
    if isinstance(template, dict):
        if len(template) == 1:
            [name] = template
            if name in _FILLED:
                return _FILLED[name](template[name], values)
        filled = ((name, fill(part, values)) for name, part in template.items())
        return {name: value for name, value in filled if value is not MISSING}
    return template


def _chosen_by_state(choices: Mapping[str, Any], values: Callable[[str], Any]) -> Any:
    return fill(choices.get(values("status"), choices.get(OTHERWISE)), values)


def _json_text(template: Any, values: Callable[[str], Any]) -> Any:
    value = fill(template, values)
    return MISSING if value is MISSING else json_text(value)


def _each(template: Any, values: Callable[[str], Any]) -> list[Any]:
    return [value for one in values(EACH) if (value := fill(template, one)) is not MISSING]


def _if_any(template: Any, values: Callable[[str], Any]) -> Any:
    value = fill(template, values)
    return MISSING if value is MISSING or value is None or value in ("", [], {}) else value


# What an object with the one member of this name is filled to, given what the member is.
_FILLED: dict[str, Callable[[Any, Callable[[str], Any]], Any]] = {
    STATUS: _chosen_by_state,
    EACH: _each,
    IF_ANY: _if_any,
    JSON_TEXT: _json_text,
    LIKE: lambda value, _: copied(value),
}


def json_text(value: Any) -> str:
    """A value as a text of JSON, as short as it can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text(value: Any) -> str:
    """A value inside a longer text; nothing for null."""
    return "" if value is None else str(value)


def may_be_absent(template: Any) -> bool:
    """Whether a member with this template is left out, at least in some state."""
    if is_choice(template):
        choices: Mapping[str, Any] = template[STATUS]
        return any(map(may_be_absent, choices.values()))
    if is_json_text(template):
        return may_be_absent(template[JSON_TEXT])
    if is_if_any(template) or is_like(template):
        return True
    return template in LEFT_OUT if isinstance(template, str) else False


def chosen(template: Any, state: str) -> Any:
    """What a template is in `state`: itself, unless it chooses."""
    if is_choice(template):
        return chosen(template[STATUS].get(state, template[STATUS].get(OTHERWISE)), state)
    return template


def of_state(template: Any, state: str) -> Any:
    """A template without choices: every one of them made for `state`."""
    template = chosen(template, state)
    if is_if_any(template):
        return of_state(template[IF_ANY], state)
    if is_like(template):
        return template
    if isinstance(template, dict) and not is_each(template):
        return {name: of_state(part, state) for name, part in template.items()}
    return template


def schema_of(template: Any, values: Mapping[str, Object]) -> Object:
    """The schema of everything that a template can be filled to.

    schema_of({"id": "$id", "object": "video"}, ...) -> an object that requires both, `object` being constant.
    Raises UnderstudyError when it names an unknown value.
    """
    if isinstance(template, str) and "$" in template and named(template):
        check_template(template, "x-conventions", frozenset(values))
        made: Object = (
            TEXT if not template.startswith("$") or "${" in template else values.get(template[1:], {})
        )
        return dict(copied(made))
    if is_choice(template):
        told = [choice for choice in template[STATUS].values() if choice != f"${ABSENT}"]
        return _either([schema_of(choice, values) for choice in told])
    if is_each(template):
        return {"type": "array", "items": schema_of(template[EACH], values)}
    if is_if_any(template):
        return schema_of(template[IF_ANY], values)
    if is_like(template):
        return _type_of(template[LIKE])
    if is_json_text(template):
        # JSON Schema 2020-12, Validation, section 8: what the text holds is annotated, not asserted.
        held = schema_of(template[JSON_TEXT], values)
        return {**TEXT, "contentMediaType": "application/json", "contentSchema": held}
    if isinstance(template, dict):
        inner = {n: schema_of(part, values) for n, part in template.items() if part != f"${ABSENT}"}
        required = [name for name in inner if not may_be_absent(template[name])]
        return {"type": "object", "required": required, "properties": inner}
    if isinstance(template, list):
        return {"type": "array", "items": _either([schema_of(part, values) for part in template])}
    return literal(template)


def literal(value: Any) -> Object:
    """The schema of one value: 0 -> {"type": "integer", "const": 0}."""
    return {"type": _KINDS[type(value)], "const": value}


def _type_of(value: Any) -> Object:
    """The schema of all values of the type of this one, any for null: 0 -> {"type": "integer"}."""
    return {} if value is None else {"type": _KINDS[type(value)]}


_KINDS = {
    bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", list: "array",
    dict: "object",
}  # fmt: skip


def _either(choices: list[Object]) -> Object:
    """One schema for several choices, without repeating equal ones; constants become an enum."""
    once = [choice for i, choice in enumerate(choices) if choice not in choices[:i]]
    if len(once) == 1:
        return once[0]
    kinds = {str(choice.get("type")) for choice in once}
    if len(kinds) == 1 and all("const" in choice for choice in once):
        return {"type": once[0].get("type"), "enum": [choice["const"] for choice in once]}
    if kinds == {"string"}:
        return dict(TEXT)
    return {"anyOf": once} if once else {}
