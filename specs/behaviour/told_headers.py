"""Headers of a description in its OpenAPI document: keys of repeated creates, and limits that answers tell.

`Idempotency-Key` as the IETF's draft has it (draft-ietf-httpapi-idempotency-key-header), or whatever the API
calls it; `X-RateLimit-*` and `RateLimit-*` as the API names them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.templates import PLACE, check_template
from understudy.specs.errors import UnderstudyError, known_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.specs.tree import Object

# What becomes of a create that repeats a key with the same body.
SAME = {
    "replay": "gets the first answer again, and makes no second task",
    "reject": "is refused",
    "ignore": "makes a second task",
}
LIMITS = {
    "limit": "How many tasks may run at once, or how many requests are taken.",
    "remaining": "How many of them are left.",
    "reset_seconds": "Seconds until more are.",
    "retry_after": "Seconds to stay away.",
}
LIMIT_PATTERN = "^({0})$|[$][{{]({0})[}}]".format("|".join(LIMITS))


def read_limit_headers(headers: Mapping[str, str], where: str) -> Mapping[str, str]:
    """Headers that tell limits: name -> a word of LIMITS, or a text with ${remaining} in it.

    Raises UnderstudyError for what is neither.
    """
    for name, what in headers.items():
        if not re.search(LIMIT_PATTERN, str(what)):
            advice = f"{known_names(str(what), LIMITS)}, or a text with ${{remaining}} in it"
            raise UnderstudyError(f"{name} tells an unknown thing {what!r}", where=where, advice=advice)
        check_template(what, where, frozenset(LIMITS))
    return dict(headers)


def limit_texts(headers: Mapping[str, str], limit: int, remaining: int) -> Iterator[tuple[str, str]]:
    """(header, value) of an account that has `remaining` of `limit` left.

    {"RateLimit": '"tasks";r=${remaining}'} -> ("RateLimit", '"tasks";r=23')
    """
    values = {"limit": limit, "remaining": remaining, "reset_seconds": 1, "retry_after": 1}
    for name, what in headers.items():
        yield name, str(values[what] if what in values else PLACE.sub(lambda one: str(values[one[1]]), what))


def tell_headers(paths: Mapping[str, Mapping[str, Object]], data: Mapping[str, Any]) -> None:
    """Add to the operations of `paths`, in place, what `data` says of idempotency and limits."""
    key = data.get("idempotency", {}).get("header", "")
    limits = {name: _limit(what) for name, what in data.get("limits", {}).get("headers", {}).items()}
    for operation in _operations(paths):
        if key and "requestBody" in operation:  # a create
            same = data["idempotency"]["same"]
            said = f"A repetition with the same body {SAME[same]}; with another body it is refused."
            operation["parameters"] = [*operation.get("parameters", ()), key_parameter(key, said)]
        for response in operation["responses"].values():
            if limits and "$ref" not in response:
                response["headers"] = {**response.get("headers", {}), **limits}


def key_parameter(name: str, said: str) -> Object:
    """The header in which a create carries a key of its own; `said`: what becomes of a repetition."""
    return {
        "name": name,
        "in": "header",
        "description": f"Names this create. {said}",
        # An empty one is none: nobody refuses it.
        "schema": {"type": "string"},
    }


def _limit(what: str) -> Object:
    if what in LIMITS:
        return {"description": LIMITS[what], "schema": {"type": "integer", "minimum": 0}}
    return {"description": f"The limits, as {what}.", "schema": {"type": "string"}}


def _operations(paths: Mapping[str, Mapping[str, Object]]) -> Iterator[Object]:
    for item in paths.values():
        yield from item.values()
