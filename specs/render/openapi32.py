"""An OpenAPI 3.1 document as OpenAPI 3.2, which can also say where the document is, and describe streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.operations import BEHAVIOUR

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "3.2.0"
EVENTS = "text/event-stream"


def as_openapi_32(document: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The document, found at `address` (OpenAPI 3.2, `$self`), with the streams of states that it describes.

    OpenAPI 3.1 has no words for an answer that is a sequence; 3.2 has `itemSchema` (Media Type Object).
    """
    paths = dict(document.get("paths", {}))
    for name, family in document.get(BEHAVIOUR, {}).get("families", {}).items():
        stream = family.get("stream")
        query = paths.get(family["query"]["path"], {}).get(family["query"].get("method", "GET").lower())
        if stream is None or query is None or stream["path"] in paths:
            continue
        beside = {k: v for k, v in paths[family["query"]["path"]].items() if k == "parameters"}
        paths[stream["path"]] = {**beside, "get": _streamed(name, query, stream.get("event", ""))}
    # Where the document is goes first: readers resolve references against it.
    return {"openapi": VERSION, "$self": address, **{k: v for k, v in document.items() if k != "openapi"}} | {
        "paths": paths
    }


def _streamed(name: str, query: Mapping[str, Any], event: str) -> dict[str, Any]:
    """The operation whose answer is one event for each state of a task, each with what a query says then."""
    answer = query["responses"]["200"]["content"]["application/json"]["schema"]
    item: dict[str, Any] = {
        "type": "object",
        "required": ["data"],
        "properties": {
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": answer}
        },
    }
    if event:
        item["properties"]["event"] = {"const": event}
    responses = {code: one for code, one in query["responses"].items() if not code.startswith("2")}
    responses["200"] = {
        "description": "An event for each state; the stream ends with the task.",
        "content": {EVENTS: {"itemSchema": item}},
    }
    kept = {k: v for k, v in query.items() if k in ("parameters", "security", "tags")}
    return {"operationId": f"stream_{name}", **kept, "responses": dict(sorted(responses.items()))}
