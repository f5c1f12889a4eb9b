"""A provider's wire conventions (`x-conventions`) carried into the schemas of its answers.

The mock fills templates; here the same templates become schemas, so that what the mock of a provider sends
is what the provider's effective spec promises. The language is `specs.behaviour.templates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour import creates, operations_of
from understudy.specs.behaviour.answers import read_answers
from understudy.specs.behaviour.family import read_family
from understudy.specs.behaviour.operations import TASK
from understudy.specs.behaviour.situations import CODES, read_refusals
from understudy.specs.behaviour.templates import VALUES, literal, schema_of
from understudy.specs.places import Editor, json_media, operations
from understudy.specs.pointers import text_of
from understudy.specs.tree import copied, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.behaviour import TaskFamily
    from understudy.specs.behaviour.answers import Answers
    from understudy.specs.tree import Object

OK = "200"


def carry(editor: Editor, conventions: Mapping[str, Any]) -> None:
    """Change the answers in the editor's document to what `conventions` say.

    Schemas that several answers share are changed where they stand: conventions are the same for all.
    Raises UnderstudyError when a template names a value that does not exist.
    """
    answers = read_answers(conventions)
    refused = _refusals(editor, conventions)
    if "code" in conventions.get("success", {}):
        for key, _ in list(operations(editor.document)):
            _success(editor.document, editor.media(key, OK), answers)
    for create in list(creates(editor.document)):
        family = read_family(create.raw[TASK], operations_of(create, editor.document), answers)
        for answer, key in _answering(family):
            media = editor.media(key, OK)
            if media is not None:
                _answer(editor.document, media, family, answer)
        for media in _callbacks(create.raw):
            _callback(editor.document, media, family)
        if "create" in answers.templates:
            _links(create.raw, family)
    shared = conventions.get("error", {}).get("http_status")
    if isinstance(shared, int):
        for key, _ in list(operations(editor.document)):
            media = editor.media(key, str(shared))
            if media is not None and refused:
                media["schema"] = {"anyOf": [media["schema"], refused]}


def _refusals(editor: Editor, conventions: Mapping[str, Any]) -> Object:
    """Change the shared schema of refusals; returns a reference to it."""
    error = conventions.get("error", {})
    schema = editor.document.get("components", {}).get("schemas", {}).get("Error")
    if schema is None or not error:
        return {}
    form = read_refusals({}, conventions)
    code = CODES[form.code]
    if "body" in error:
        made = schema_of(form.body, {**VALUES, "code": code})
        schema.clear()
        schema.update(made)
    elif form.code != "integer":
        schema["properties"]["code"] = copied(code)
    return {"$ref": "#/components/schemas/Error"}


def _answering(family: TaskFamily) -> Iterator[tuple[str, str]]:
    """The operations of a task family as (answer, operation key)."""
    yield "create", family.operations.create.key
    if family.operations.list is not None:
        yield "list", family.operations.list.key
    yield "query", family.operations.query.key


def _success(document: Object, media: Object | None, answers: Answers) -> None:
    """Promise the provider's code of success in an answer: of a task, or of what starts none."""
    body = resolved(document, media["schema"]) if media is not None else {}
    code = body.get("properties", {}).get("code")
    # A type that the provider itself declares stays; only the vendor's constant must not.
    if code is not None and "const" in code:
        body["properties"]["code"] = literal(answers.success_code)


def _answer(document: Object, media: Object, family: TaskFamily, answer: str) -> None:
    body = resolved(document, media["schema"])
    holder, key = _record(document, body, family)
    record = resolved(document, holder[key]) if key in holder else {}
    _extra(resolved(document, record.get("items", record)) if answer == "list" else record, family.answers)
    template = family.answers.templates.get(answer)
    if template is not None:
        media["schema"] = schema_of(template, _values(media["schema"], holder.get(key, {}), family))


def _callbacks(create: Mapping[str, Any]) -> Iterator[Object]:
    for expressions in create.get("callbacks", {}).values():
        for item in expressions.values():
            media = json_media(item["post"]["requestBody"])
            if media is not None:
                yield media


def _callback(document: Object, media: Object, family: TaskFamily) -> None:
    _extra(resolved(document, media["schema"]), family.answers)
    template = family.answers.templates.get("callback")
    if template is not None:
        media["schema"] = schema_of(template, _values(media["schema"], media["schema"], family))


def _record(document: Object, body: Object, family: TaskFamily) -> tuple[Object, str]:
    """Where the task's record stands in a body: (its holder, the holder's key)."""
    holder: Object = {"": body}
    key = ""
    for name in family.places.record:
        holder, key = resolved(document, holder.get(key, {})).get("properties", {}), name
    return holder, key


def _extra(record: Object, answers: Answers) -> None:
    for name, template in answers.extra.items():
        record.setdefault("properties", {})[name] = schema_of(template, VALUES)


def _values(body: Object, record: Object, family: TaskFamily) -> dict[str, Object]:
    return {
        **VALUES,
        "code": literal(family.answers.success_code),
        "status": {"type": "string", "enum": list(family.lifecycle.names)},
        "record": record,
        "body": body,
    }


def _links(create: Mapping[str, Any], family: TaskFamily) -> None:
    """Point the links that take the task's id from the create answer at the id's new place."""
    places = family.places
    new = family.answers.id_place("create", places.record, places.id)
    if new is None:
        return
    old = f"$response.body#{text_of((*places.record, *places.id))}"
    for link in create["responses"][OK].get("links", {}).values():
        parameters = link.get("parameters", {})
        for name, expression in parameters.items():
            if expression == old:
                parameters[name] = f"$response.body#{text_of(new)}"
