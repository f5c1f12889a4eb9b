"""The callbacks of each task family as an AsyncAPI 3.0 document: what the workflow of `arazzo` waits for.

The provider is the application: it sends a message to the address that a create named. Payloads are those of
the OpenAPI document, by reference; the task's id tells which create a message belongs to. Source: AsyncAPI
Specification 3.0.0, sections Channel Object (an address that is known at run time is null), Correlation ID
Object, Multi Format Schema Object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour import read
from understudy.specs.pointers import escape, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.behaviour import TaskFamily
    from understudy.specs.pointers import Path
    from understudy.specs.tree import Object

OPENAPI = "application/vnd.oai.openapi+yaml;version=3.1.0"


def channel(family: TaskFamily) -> str:
    """The name of a family's channel, and of the operation on it."""
    return f"{family.name.replace('-', '_')}_changed"


def record_in_message(family: TaskFamily) -> Path | None:
    """Where the task's record stands in a callback's body; None when the family calls nobody back."""
    called_back = family.operations.create.raw.get("callbacks") and family.request.get("callback_url")
    return family.answers.record_place("callback", family.places.record) if called_back else None


def asyncapi(canonical: Mapping[str, Any], openapi: str) -> Object:
    """The AsyncAPI document for the OpenAPI document `canonical`, found at the relative URL `openapi`."""
    families = [one for one in read(canonical).families if record_in_message(one) is not None]
    names = [channel(family) for family in families]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{canonical['info']['title']}: callbacks",
            "version": canonical["info"]["version"],
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, family) for name, family in zip(names, families, strict=True)},
        "operations": {name: _operation(name) for name in names},
        "components": {
            "messages": {
                name: _message(family, openapi) for name, family in zip(names, families, strict=True)
            }
        },
    }


def _channel(name: str, family: TaskFamily) -> Object:
    place = text_of(family.request["callback_url"])
    return {
        "address": None,
        "description": f"The URL that a create names in {place}, once for each change of the task.",
        "messages": {"changed": {"$ref": f"#/components/messages/{name}"}},
    }


def _operation(name: str) -> Object:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "bindings": {"http": {"method": "POST"}},
    }


def _message(family: TaskFamily, openapi: str) -> Object:
    record = record_in_message(family) or ()
    return {
        "contentType": "application/json",
        "correlationId": {"location": f"$message.payload#{text_of((*record, *family.places.id))}"},
        "payload": {"schemaFormat": OPENAPI, "schema": {"$ref": f"{openapi}#{_schema(family)}"}},
    }


def _schema(family: TaskFamily) -> str:
    """The pointer of the schema of a callback's body in the OpenAPI document."""
    create = family.operations.create
    name, expressions = next(iter(create.raw["callbacks"].items()))
    expression, item = next(iter(expressions.items()))
    schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
    reference: str = schema.get("$ref", "")
    if reference.startswith("#"):
        return reference.removeprefix("#")
    way = ("callbacks", name, expression, "post", "requestBody", "content", "application/json", "schema")
    return create.pointer + "".join(f"/{escape(part)}" for part in way)
