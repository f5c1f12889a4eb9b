"""A description as an OpenAPI 3.1 document: what tools that know nothing of tasks can work with.

Paths, parameters, security, request schemas and callbacks are copied; the schemas of answers are made of
their templates. `x-task` on a create says what its tasks go through; `x-behaviour` at the root is the
description itself, which `specs.behaviour.read` reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.axes import JSON, NO_BODY
from understudy.specs.behaviour.lifecycle import StateClass
from understudy.specs.behaviour.operations import BEHAVIOUR, VARIABLE
from understudy.specs.behaviour.shared_paths import USUAL_METHODS, first_with, together
from understudy.specs.behaviour.template_reading import place_of
from understudy.specs.behaviour.templates import (
    OF_A_LIST,
    STATUS,
    TEXT,
    VALUES,
    is_choice,
    is_each,
    is_json_text,
    names,
    schema_of,
)
from understudy.specs.behaviour.told_headers import tell_headers
from understudy.specs.pointers import Path, path_of, text_of
from understudy.specs.tree import copied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.tree import Object

REFUSED = "#/components/responses/Refused"
BODY = {"code": "$code", "message": "$message", "request_id": "$request_id"}

# The engine's situations with the statuses that HTTP has for them (RFC 9110, 15.5; RFC 6585, 4); a
# description says where its API does otherwise.
SITUATIONS: dict[str, Object] = {
    "authorization_empty": {"status": 401, "message": "No credentials"},
    "authorization_invalid": {"status": 401, "message": "Invalid credentials: {reason}"},
    "authorization_failed": {"status": 401, "message": "Invalid credentials"},
    "authorization_expired": {"status": 401, "message": "Credentials have expired"},
    "authorization_not_yet_valid": {"status": 401, "message": "Credentials are not yet valid"},
    "account_in_arrears": {"status": 402, "message": "Insufficient credit", "permanent": True},
    "no_permission": {"status": 403, "message": "Not permitted"},
    "invalid_request": {"status": 400, "message": "Invalid request: {reason}"},
    "invalid_parameter": {"status": 400, "message": "{field}: {reason}"},
    "invalid_base64": {"status": 400, "message": "{field}: invalid Base64"},
    "content_policy": {"status": 400, "message": "The request breaks the content policy"},
    "duplicate_external_id": {"status": 409, "message": "{id} already exists"},
    "idempotency_conflict": {"status": 409, "message": "The idempotency key was used for another request"},
    "task_ended": {"status": 409, "message": "The task has ended"},
    "task_not_ended": {"status": 400, "message": "The task has not ended"},
    "task_without_result": {"status": 400, "message": "The task has no result: {reason}"},
    "unknown_task": {"status": 404, "message": "Task not found: {id}"},
    "unknown_resource": {"status": 404, "message": "Not found: {path}"},
    "unknown_method": {"status": 405, "message": "Method not allowed: {method}"},
    "body_too_large": {"status": 413, "message": "The body is too large"},
    "too_many_requests": {"status": 429, "message": "Too many requests"},
    "too_many_tasks": {"status": 429, "message": "Too many tasks at once"},
    "internal_error": {"status": 500, "message": "Internal error"},
    "unavailable": {"status": 503, "message": "Service unavailable"},
    "timed_out": {"status": 504, "message": "Timed out"},
}


def situations_of(data: Mapping[str, Any]) -> dict[str, Object]:
    """The refusals of a description as `x-errors`: its own over HTTP's usual ones."""
    own = data.get("refusals", {}).get("situations", {})
    usual = {name: {"code": name, **row} for name, row in SITUATIONS.items()}
    return {
        name: {**usual.get(name, {"code": name, "status": 400}), **own.get(name, {})}
        for name in {**usual, **own}
    }


def document_of(data: Mapping[str, Any]) -> Object:
    """The OpenAPI document of a complete description. `data` is not changed."""
    refusals = data.get("refusals", {})
    paths: dict[str, Object] = {}
    for name in data["families"]:
        for method, path, operation in _operations(name, data["families"]):
            there = paths.setdefault(opened(path), {})
            known = there.get(method.lower())
            there[method.lower()] = operation if known is None else together(known, operation)
    tell_headers(paths, data)
    error = {
        "http_status": refusals.get("http_status", "own"),
        "code": "word",
        "body": refusals.get("body", BODY),
    }
    rows = situations_of(data)
    words = {name: row["code"] for name, row in rows.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": data["title"], "version": str(data["behaviour"])},
        "servers": [{"url": url} for url in data["servers"]],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": _security(data.get("account", {}))},
            "responses": {
                "Refused": {
                    "description": "Refused.",
                    "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}},
                }
            },
            "schemas": {"Error": schema_of(error["body"], {**VALUES, "code": {}})},
        },
        "x-errors": rows,
        "x-conventions": {"error": {**error, "words": words}},
        BEHAVIOUR: copied(dict(data)),
    }


def opened(path: str) -> str:
    """A path as OpenAPI has it: /{model*}/x -> /{model}/x."""
    return VARIABLE.sub(r"{\1}", path)


def _security(account: Mapping[str, Any]) -> Object:
    if account.get("in", "header") == "header" and account.get("scheme", "Bearer").lower() == "bearer":
        return {"type": "http", "scheme": "bearer"}
    scheme = f"{account['scheme']} and the key" if "scheme" in account else "The key"
    return {"type": "apiKey", "in": account["in"], "name": account["name"], "description": scheme}


def _operations(name: str, families: Mapping[str, Any]) -> Iterator[tuple[str, str, Object]]:
    family = families[name]
    create, record = family["create"], schema_of(family["record"], _values(family, {}))
    values = _values(family, record)
    listed = {**values, **OF_A_LIST, "records": {"type": "array", "items": record}}
    paths = {create["path"]: create.get("schema", {"type": "object"}), **create.get("also", {})}
    for number, (path, schema) in enumerate(paths.items()):
        made = _operation(f"create_{name}{f'_{number + 1}' if number else ''}", path, create, values)
        made["requestBody"] = {
            "required": True,
            "content": {media: {"schema": copied(schema)} for media in create.get("media", (JSON,))},
        }
        taken = made["responses"][_status(create)]
        taken["links"] = _links(first_with(families, "query", name), family)
        for key in ("status", "open_status"):
            status = str(create.get("wait", {}).get(key, _status(create)))
            made["responses"].setdefault(status, {k: copied(v) for k, v in taken.items() if k != "links"})
        if "callback" in family:
            made["callbacks"] = _callbacks(family, values)
        if number == 0:
            made["x-task"] = task_of(name, family)
        yield create.get("method", "POST"), path, made
    for kind, method in USUAL_METHODS.items():
        if kind in family and kind != "list":
            call = family[kind]
            yield (
                call.get("method", method),
                call["path"],
                _operation(f"{kind}_{name}", call["path"], call, values),
            )
    if "list" in family:
        call = family["list"]
        made = _operation(f"list_{name}", call["path"], call, listed)
        wanted = [*(call[key] for key in ("position", "size") if key in call), *call.get("filters", ())]
        if call.get("in") == "body":
            schema = _body_schema({**{name: {} for name in wanted}, **_choices(call)})
            made["requestBody"] = {"content": {JSON: {"schema": schema}}}
        else:
            made["parameters"] = [*made.get("parameters", ()), *map(_query_parameter, wanted)]
        yield call.get("method", USUAL_METHODS["list"]), call["path"], made


def _values(family: Mapping[str, Any], record: Object) -> dict[str, Object]:
    return {
        **VALUES,
        "status": {"type": "string", "enum": list(family["states"])},
        "record": record,
        "body": record,
        "code": {},
        "absent": {},
        "item.url": {"type": "string", "format": "uri"},
    }


def _status(call: Mapping[str, Any]) -> str:
    return str(call.get("answer", {}).get("status", 200))


def _operation(ident: str, path: str, call: Mapping[str, Any], values: Mapping[str, Object]) -> Object:
    states = call.get("states", {})
    replies = [call.get("answer", {}), *(states.values() if isinstance(states, dict) else ())]
    responses: Object = {}
    for reply in replies:
        status = str(reply.get("status", _status(call)))
        body = reply.get("body", "$absent" if int(status) in NO_BODY else "$record")
        if "situation" in reply:
            continue
        content = responses.setdefault(status, {"description": "Answered."}).setdefault("content", {})
        if reply.get("bytes"):
            content["*/*"] = {}
        elif body != "$absent":
            content.setdefault(JSON, {"schema": schema_of(body, values)})
    for response in responses.values():
        if not response["content"]:
            del response["content"]
    responses["default"] = {"$ref": REFUSED}
    made: Object = {"operationId": ident.replace("-", "_"), "responses": responses}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name, _ in VARIABLE.findall(path)
    ]
    ident_place = call.get("id", {})
    if ident_place.get("in") == "query":
        parameters.append(_query_parameter(ident_place["name"]) | {"required": True})
    if parameters:
        made["parameters"] = parameters
    return made


def _choices(listing: Mapping[str, Any]) -> dict[str, Object]:
    """The pointer at which the body of a list has its choices -> their schema."""
    rule = listing.get("choices")
    if rule is None:
        return {}
    members: Object = {rule["key"]: dict(TEXT), rule["values"]: {"type": "array"}}
    return {rule["at"]: {"type": "array", "items": {"type": "object", "properties": members}}}


def _body_schema(places: Mapping[str, Object]) -> Object:
    """The schema of an object with values at these pointers: {"/a/b": {}} -> a.b may be anything."""
    schema: Object = {"type": "object", "properties": {}}
    for pointer, inner in places.items():
        *above, last = path_of(pointer)
        node = schema
        for name in above:
            node = node["properties"].setdefault(name, {"type": "object", "properties": {}})
        node["properties"][last] = inner
    return schema


def _query_parameter(name: str) -> Object:
    return {"name": name, "in": "query", "schema": {"type": "string"}}


def _links(asked: str, family: Mapping[str, Any]) -> Object:
    """`asked`: the family whose name the query has."""
    place = id_place(family)
    ident = family["query"].get("id", {"in": "path", "name": "id"})["name"]
    link = {"operationId": f"query_{asked}".replace("-", "_")}
    return {"query": {**link, "parameters": {ident: f"$response.body#{text_of(place)}"}}}


def id_place(family: Mapping[str, Any]) -> Path:
    """Where the create's answer has the task's id, () for nowhere."""
    body = family["create"].get("answer", {}).get("body", "$record")
    place = place_of(body, "id")
    if place is not None:
        return place
    whole = place_of(body, "record")
    return (*(whole or ()), *(place_of(family["record"], "id") or ()))


def _callbacks(family: Mapping[str, Any], values: Mapping[str, Object]) -> Object:
    [(place, name)] = family["callback"]["at"].items()
    where = f"{{$request.body#{name}}}" if place == "body" else f"{{$request.{place}.{name}}}"
    body = family["callback"].get("body", "$record")
    request = {"required": True, "content": {JSON: {"schema": schema_of(body, values)}}}
    return {
        "taskChanged": {
            where: {"post": {"requestBody": request, "responses": {"200": {"description": "Taken."}}}}
        }
    }


def task_of(name: str, family: Mapping[str, Any]) -> Object:
    """The `x-task` of a family: its states and places, as pointers into the record."""
    record, states = family["record"], family["states"]
    result = family["result"]
    at = text_of(result_place(record) or ())
    kinds = {state: StateClass(one["class"]) for state, one in states.items()}
    return {
        "family": name,
        "record": "",
        **{key: text_of(place_of(record, value) or ()) for key, value in PLACES.items()},
        "status": text_of(status_place(record) or ()),
        "request": dict(family.get("request", {})),
        "states": list(states),
        "initial": family.get("initial", next(iter(states))),
        "transitions": {state: list(one.get("next", ())) for state, one in states.items()},
        "classes": {state: str(kind) for state, kind in kinds.items()},
        "carries": {state: [at] for state, kind in kinds.items() if kind is StateClass.SUCCESS and at},
        "result": {"at": at, "item": {}, **{k: copied(v) for k, v in result.items()}},
        "deduction": {"at": "", **family.get("cost", {})},
        "observed_seconds": dict(family.get("observed_seconds", {})),
        "failures": {key: failure["reason"] for key, failure in family.get("failures", {}).items()},
        **{key: copied(family[key]) for key in ("usual_failure", "bad_picture", "rules") if key in family},
    }


PLACES = {
    "id": "id",
    "external_id": "external_id",
    "reason": "reason",
    "created_at": "created_at",
    "updated_at": "updated_at",
}


def status_place(template: Any) -> Path | None:
    """Where a record tells its state: the outermost member with $status, else that chooses by constants."""
    constants: Path | None = None
    pending: list[tuple[Path, Any]] = [((), template)]
    while pending:
        path, node = pending.pop(0)
        if node == "$status":
            return path
        if (
            constants is None
            and is_choice(node)
            and not any(True for _ in names(list(node[STATUS].values())))
        ):
            constants = path
        if isinstance(node, dict) and not (is_choice(node) or is_each(node) or is_json_text(node)):
            pending.extend(((*path, key), part) for key, part in node.items())
    return constants


def result_place(template: Any) -> Path | None:
    """Where a record has its results: the outermost member that is made of them."""
    pending: list[tuple[Path, Any]] = [((), template)]
    while pending:
        path, node = pending.pop(0)
        is_whole = not isinstance(node, dict) or is_each(node) or is_choice(node) or is_json_text(node)
        told = set(names(node)) if is_whole else set()
        if told & {"result_url", "results"} or any(name.startswith("item.") for name in told):
            return path
        if isinstance(node, dict) and not is_whole:
            pending.extend(((*path, key), part) for key, part in node.items())
    return None
