"""The refusals that a page lists, as conventions: which situation each row is, and what it has there.

A code of the canonical table is that situation. Any other row is one by its HTTP status and its words, which
stand in `words.toml`; what nothing tells is missing, by name and line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.templates import IF_ANY
from understudy.specs.importing.template import like, listed_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from understudy.specs.model import Field, FieldPath, ProviderSpec, StatedRefusal


# A member's name in a refusal -> what stands there.
REFUSAL = {
    "code": "$code", "error_code": "$code",
    "message": "$message", "msg": "$message", "error_message": "$message", "errmsg": "$message",
    "detail": "$message", "error": "$message", "request_id": "$request_id", "requestid": "$request_id",
    "type": "$situation", "status": "$http_status", "http_status": "$http_status",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownRefusal:
    """How refusals look: their template, whether their codes are words, and the fields that were read."""

    body: dict[str, Any]
    is_word: bool
    fields: tuple[Field, ...]


def refusal_form(spec: ProviderSpec, but: Collection[str] = ()) -> ShownRefusal | None:
    """The form of the first refusal that the documents show with a message, and without all members `but`."""
    for operation in spec.operations.values():
        for status, fields in sorted(operation.responses.items()):
            if status[:1] not in "45" or not fields:
                continue
            body = _refusal(fields, ())
            if "$message" not in str(body) or (but and body.keys() >= set(but)):
                continue
            code = next((one for one in fields if REFUSAL.get(one.name.lower()) == "$code"), None)
            return ShownRefusal(body, code is not None and code.get("type") == "string", fields)
    return None


def _refusal(fields: Sequence[Field], above: FieldPath) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for one in fields:
        if len(one.path) != len(above) + 1 or one.path[:-1] != above:
            continue
        inner = any(other.path[: len(one.path)] == one.path and other is not one for other in fields)
        if inner:
            out[one.name] = _refusal(fields, one.path)
        else:
            out[one.name] = REFUSAL.get(one.name.lower()) or _nothing(one)
    return out


def usual_form(answer: Sequence[Field], *, has_codes: bool) -> dict[str, Any]:
    """How refusals may look of which no page shows one: as the envelope of answers that went well. Nothing
    of it is promised: each member may be left out.

    {code: 200, msg: "ok", data: {…}} -> {code: $http_status, msg: $message}
    """
    outer = [one for one in answer if len(one.path) == 1]
    is_wrapped = any(one.get("type") == "object" for one in outer)
    told = {one.name: one for one in outer if is_wrapped and one.get("type") in ("string", "integer")}
    body: dict[str, Any] = {}
    for name, one in told.items():
        kind = REFUSAL.get(name.lower())
        if kind == "$code" and one.get("type") == "integer":
            body[name] = {IF_ANY: "$http_status"}
        elif kind in ("$code", "$message") and one.get("type") == "string":
            body[name] = {IF_ANY: kind}
    if {IF_ANY: "$message"} not in body.values():
        body = {"message": {IF_ANY: "$message"}}
    if has_codes and not any("code" in name.lower() for name in body):
        body = {"code": {IF_ANY: "$code"}, **body}
    return body


def _nothing(one: Field) -> Any:
    """What stands where no name says anything; whether all went well is said by a boolean."""
    if one.get("type") == "boolean":
        return False
    return like(one, one.get("type")) if one.get("type") is not None else "$null"


def situations(
    stated: Sequence[StatedRefusal], errors: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Any]], dict[str, str], list[StatedRefusal]]:
    """(situation -> what the pages say of it otherwise, situation -> its word, the rows that are none).

    `errors` is the canonical `x-errors`. A situation takes the first row that is one of it. Words are codes
    that are no numbers; with them the other dictionary has statuses and messages alone.
    """
    found: dict[str, dict[str, Any]] = {}
    words: dict[str, str] = {}
    left: list[StatedRefusal] = []
    by_word = any(one.code and not _is_number(one.code) for one in stated)
    taken: set[str] = set()
    for one in stated:
        names = [name for name in _situations(one, errors) if name not in taken]
        if not names:
            left.append(one)
            continue
        taken.update(names)
        for name in names:
            said = _otherwise(one, errors[name], alone=len(names) == 1)
            if said:
                found[name] = said
            if by_word and one.code:
                words[name] = one.code
    return found, words, left


def _situations(one: StatedRefusal, errors: Mapping[str, Any]) -> list[str]:
    by_code = [name for name, row in errors.items() if one.code and str(row.get("code")) == one.code]
    if by_code:
        return by_code
    text = f"{one.message} {one.meaning} {one.code}".lower().replace("_", " ")
    groups = listed_words("refusals")
    if one.status is not None:
        groups = [group for group in groups if one.status in group["statuses"]]
    spoken = [group for group in groups if any(word in text for word in group["words"])]
    chosen = (spoken or (groups if one.status is not None else []))[:1]
    return [name for group in chosen for name in group["situations"] if name in errors]


def _otherwise(one: StatedRefusal, row: Mapping[str, Any], *, alone: bool) -> dict[str, Any]:
    """What a row of a page says that the canonical row does not. A message that several situations share in
    the vendor's table says too little to replace theirs."""
    said: dict[str, Any] = {}
    if one.status is not None and one.status != row["status"]:
        said["status"] = one.status
    if one.code and _is_number(one.code) and one.code != str(row.get("code")):
        said["code"] = int(one.code)
    if one.message and alone and one.message != row.get("message"):
        said["message"] = one.message.replace("{", "(").replace("}", ")")
    return said


def _is_number(code: str) -> bool:
    return code.lstrip("-").isdigit()
