"""A provider's wire conventions (`x-conventions`) carried into the schemas of its answers.

The mock fills templates; here the same templates become schemas, so that what the mock of a provider sends
is what the provider's effective spec promises. The language is the mock's (`mockserver.templates`): in a
TEMPLATE a string "$name" is a value, and an object {"$status": {...}} chooses by the task's state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specs.errors import UnderstudyError
from specs.places import Editor, json_media, operation_key, operations
from specs.tree import copied, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specs.tree import Object

ANSWERS = ("create", "query", "list", "callback")
OK = "200"
TEXT = {"type": "string"}
SECONDS = {"type": "integer", "minimum": 0}

# The schema of each "$name" that does not depend on the operation.
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
    "progress": {"type": "integer", "minimum": 0, "maximum": 100},
    "progress_percent": {"type": "string", "pattern": "^[0-9]+%$"},
    "created_at": {"type": "integer"},
    "updated_at": {"type": "integer"},
    "created_seconds": SECONDS,
    "updated_seconds": SECONDS,
    "started_seconds": SECONDS,
    "finished_seconds": SECONDS,
}
CODES: dict[str, Object] = {
    "integer": {"type": "integer", "minimum": 1},
    "string": {"type": "string", "pattern": "^[1-9][0-9]*$"},
    "word": {"type": "string", "minLength": 1},
}


def carry(editor: Editor, conventions: Mapping[str, Any]) -> None:
    """Change the answers in the editor's document to what `conventions` say.

    Schemas that several answers share are changed where they stand: conventions are the same for all.
    Raises UnderstudyError when a template names a value that does not exist.
    """
    refused = _refusals(editor, conventions.get("error", {}))
    for key, create in list(operations(editor.document)):
        if "x-task" not in create:
            continue
        for answer, operation in _answering(editor, key, create):
            media = editor.media(operation, OK)
            if media is not None:
                _answer(editor.document, media, conventions, create["x-task"], answer)
        for media in _callbacks(create):
            _callback(editor.document, media, conventions, create["x-task"])
        if "create" in conventions.get("answers", {}):
            _links(create, conventions["answers"]["create"], create["x-task"])
    shared = conventions.get("error", {}).get("http_status")
    if isinstance(shared, int):
        for key, _ in list(operations(editor.document)):
            media = editor.media(key, str(shared))
            if media is not None and refused:
                media["schema"] = {"anyOf": [media["schema"], refused]}


def _refusals(editor: Editor, error: Mapping[str, Any]) -> Object:
    """Change the shared schema of refusals; returns a reference to it."""
    reference = "#/components/schemas/Error"
    schema = editor.document.get("components", {}).get("schemas", {}).get("Error")
    if schema is None or not error:
        return {}
    code = CODES.get(error.get("code", "integer"))
    if code is None:
        raise UnderstudyError(
            f"no kind of code {error['code']!r}",
            where="x-conventions.error",
            advice=f"known: {', '.join(CODES)}",
        )
    if "body" in error:
        made = schema_of(error["body"], {**VALUES, "code": code})
        schema.clear()
        schema.update(made)
    elif error.get("code", "integer") != "integer":
        schema["properties"]["code"] = copied(code)
    return {"$ref": reference}


def _answering(editor: Editor, key: str, create: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The operations of a task family as (answer, operation key)."""
    path = key.split(" ", 1)[1]
    yield "create", key
    yield "list", operation_key("GET", path)
    links = create.get("responses", {}).get(OK, {}).get("links", {})
    linked = {link.get("operationId") for link in links.values()}
    for other, operation in operations(editor.document):
        if operation.get("operationId") in linked:
            yield "query", other


def _answer(
    document: Object, media: Object, conventions: Mapping[str, Any], task: Mapping[str, Any], answer: str
) -> None:
    body = resolved(document, media["schema"])
    success = conventions.get("success", {})
    code = body.get("properties", {}).get("code")
    # A type that the provider itself declares stays; only the vendor's constant must not.
    if "code" in success and code is not None and "const" in code:
        body["properties"]["code"] = _literal(success["code"])
    holder, key = _record(document, body, task)
    record = resolved(document, holder[key]) if key in holder else {}
    _extra(resolved(document, record.get("items", record)) if answer == "list" else record, conventions)
    template = conventions.get("answers", {}).get(answer)
    if template is not None:
        values = _values(media["schema"], holder.get(key, {}), conventions, task)
        media["schema"] = schema_of(template, values)


def _callbacks(create: Mapping[str, Any]) -> Iterator[Object]:
    for expressions in create.get("callbacks", {}).values():
        for item in expressions.values():
            media = json_media(item["post"]["requestBody"])
            if media is not None:
                yield media


def _callback(
    document: Object, media: Object, conventions: Mapping[str, Any], task: Mapping[str, Any]
) -> None:
    _extra(resolved(document, media["schema"]), conventions)
    template = conventions.get("answers", {}).get("callback")
    if template is not None:
        values = _values(media["schema"], media["schema"], conventions, task)
        media["schema"] = schema_of(template, values)


def _record(document: Object, body: Object, task: Mapping[str, Any]) -> tuple[Object, str]:
    """Where the task's record stands in a body: (its holder, the holder's key)."""
    holder: Object = {"": body}
    key = ""
    for name in filter(None, task.get("record", "").split("/")):
        holder, key = resolved(document, holder.get(key, {})).get("properties", {}), name
    return holder, key


def _extra(record: Object, conventions: Mapping[str, Any]) -> None:
    for name, template in conventions.get("record", {}).items():
        record.setdefault("properties", {})[name] = schema_of(template, VALUES)


def _values(
    body: Object, record: Object, conventions: Mapping[str, Any], task: Mapping[str, Any]
) -> dict[str, Object]:
    return {
        **VALUES,
        "code": _literal(conventions.get("success", {}).get("code", 0)),
        "status": {"type": "string", "enum": list(task["states"])},
        "record": record,
        "body": body,
    }


def schema_of(template: Any, values: Mapping[str, Object]) -> Object:
    """The schema of everything that a template can be filled to.

    schema_of({"id": "$id", "object": "video"}, ...) -> an object that requires both, `object` being constant.
    Raises UnderstudyError when it names an unknown value.
    """
    if isinstance(template, str) and template.startswith("$"):
        if template[1:] not in values:
            known = ", ".join(f"${name}" for name in sorted(values))
            raise UnderstudyError(f"no value {template!r}", where="x-conventions", advice=f"known: {known}")
        made: Object = copied(values[template[1:]])
        return made
    if isinstance(template, dict) and template.keys() == {"$status"}:
        return _either([schema_of(choice, values) for choice in template["$status"].values()])
    if isinstance(template, dict):
        inner = {name: schema_of(part, values) for name, part in template.items()}
        return {"type": "object", "required": list(inner), "properties": inner}
    if isinstance(template, list):
        return {"type": "array", "items": _either([schema_of(part, values) for part in template])}
    return _literal(template)


def _literal(value: Any) -> Object:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return {"type": kinds[type(value)], "const": value}


def _either(choices: list[Object]) -> Object:
    """One schema for several choices, without repeating equal ones; constants become an enum."""
    once = [choice for i, choice in enumerate(choices) if choice not in choices[:i]]
    if len(once) == 1:
        return once[0]
    kinds = {choice.get("type") for choice in once}
    if len(kinds) == 1 and all("const" in choice for choice in once):
        return {"type": kinds.pop(), "enum": [choice["const"] for choice in once]}
    if kinds == {"string"}:
        return dict(TEXT)
    return {"anyOf": once} if once else {}


def _links(create: Object, template: Any, task: Mapping[str, Any]) -> None:
    """Point the links that take the task's id from the create answer at the id's new place."""
    at = _id_in(template, task)
    if at is None:
        return
    old = f"$response.body#{task.get('record', '')}{task['id']}"
    for link in create["responses"][OK].get("links", {}).values():
        parameters = link.get("parameters", {})
        for name, expression in parameters.items():
            if expression == old:
                parameters[name] = f"$response.body#{at}"


def _id_in(template: Any, task: Mapping[str, Any]) -> str | None:
    """The pointer to the task's id in what the template is filled to; the outermost one."""
    pending = [("", template)]
    while pending:
        at, node = pending.pop(0)
        if node == "$id":
            return at
        if node == "$record":
            return f"{at}{task['id']}"
        if node == "$body":
            return f"{at}{task.get('record', '')}{task['id']}"
        if isinstance(node, dict):
            pending.extend((f"{at}/{name}", part) for name, part in node.items())
    return None
