"""The language of wire conventions: templates, and the names in them.

A TEMPLATE is any JSON value. In it a string that begins with "$" is replaced by the value of that name:

    $code $message $request_id    of the envelope;  $http_status $situation: of a refusal
    $record                       the task record (in `list`: the list of them)
    $body                         the whole body as the vendor would send it
    $id $external_id $status $reason $model $result_url ("" when there is none)
    $progress                     0 to 100, the share of the run time that is over;  $progress_percent: "30%"
    $created_at $updated_at       milliseconds;  $created_seconds $updated_seconds: seconds
    $started_seconds $finished_seconds    0 while it has not
    $null                         null, which TOML cannot say

An object with the one member `$status` chooses by the task's state; "*" is every other state:

    {$status: {submitted: NOT_START, processing: IN_PROGRESS, '*': SUCCESS}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.errors import MockError

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = frozenset(
    "code created_at created_seconds body external_id finished_seconds http_status id message model null "  # noqa: SIM905
    "progress progress_percent reason record request_id result_url situation started_seconds status "
    "updated_at updated_seconds".split()
)


def check_template(template: Any, where: str) -> None:
    """Raise MockError when a template names something that it does not know."""
    if isinstance(template, str) and template.startswith("$") and template[1:] not in NAMES:
        known = ", ".join(f"${name}" for name in sorted(NAMES))
        raise MockError(f"no value {template!r}", where=where, advice=f"known: {known}")
    if isinstance(template, dict):
        for value in template.values():
            check_template(value, where)
    elif isinstance(template, list):
        for value in template:
            check_template(value, where)


def fill(template: Any, values: Callable[[str], Any]) -> Any:
    """The template with its names replaced."""
    if isinstance(template, str):
        return values(template[1:]) if template.startswith("$") else template
    if isinstance(template, list):
        return [fill(part, values) for part in template]
    if isinstance(template, dict):
        if template.keys() == {"$status"}:
            choices = template["$status"]
            return fill(choices.get(values("status"), choices.get("*")), values)
        return {name: fill(part, values) for name, part in template.items()}
    return template
