"""The workflows of each task family as an Arazzo 1.1 document, by polling and by callback.

    run_NAME                submit, poll until it ends, take the result
    run_NAME_by_callback    submit, wait for the callback that tells the end, ask once, take the result

Everything comes from the canonical spec: the lifecycle from `x-task`, the way from create to query from the
link `query`, callbacks from the AsyncAPI document beside it. Who gets no callback in time polls. Source:
Arazzo Specification 1.1.0, Step Object (`action`, `correlationId`, `timeout`) and Failure Action Object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour import query_link, read
from understudy.specs.pointers import text_of
from understudy.specs.render.asyncapi import channel, record_in_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from understudy.specs.behaviour import TaskFamily
    from understudy.specs.pointers import Path
    from understudy.specs.tree import Object

SOURCE, CALLBACKS = "understudy", "callbacks"

# Ask about twelve times while a usual task runs, and give up after ten usual tasks' time.
POLLS_A_TASK = 12
POLL_LIMIT = 10 * POLLS_A_TASK
# A callback is waited for as long as three usual tasks take; so many that tell no end are taken.
WAIT_TASKS = 3
CALLBACK_LIMIT = 10


def arazzo(canonical: Mapping[str, Any], openapi: str, asyncapi: str) -> Object:
    """The Arazzo document for the OpenAPI document `canonical`.

    `openapi` and `asyncapi` are the relative URLs of that document and of the one with its callbacks.
    """
    families = read(canonical).families
    workflows = [_polling(family, canonical) for family in families]
    workflows += [
        _waiting(family, canonical, place)
        for family in families
        if (place := record_in_message(family)) is not None
    ]
    return {
        "arazzo": "1.1.0",
        "info": {"title": canonical["info"]["title"], "version": canonical["info"]["version"]},
        "sourceDescriptions": [
            {"name": SOURCE, "url": openapi, "type": "openapi"},
            {"name": CALLBACKS, "url": asyncapi, "type": "asyncapi"},
        ],
        "workflows": workflows,
    }


KEY = {"name": "Authorization", "in": "header", "value": "Bearer {$inputs.api_key}"}


def _operation(name: str) -> str:
    """An operation of the OpenAPI document; with two sources, its name says of which."""
    return f"$sourceDescriptions.{SOURCE}.{name}"


def _submit(family: TaskFamily, canonical: Mapping[str, Any]) -> Object:
    create, ident = family.operations.create, family.operations.id_parameter
    return {
        "stepId": "submit",
        "operationId": _operation(create.id),
        "parameters": [KEY],
        "requestBody": {"contentType": "application/json", "payload": "$inputs.request"},
        "successCriteria": [{"condition": "$statusCode == 200"}],
        "outputs": {"task_id": query_link(create, canonical)["parameters"][ident]},
    }


def _poll(family: TaskFamily) -> Object:
    places, life = family.places, family.lifecycle
    record = f"$response.body#{text_of(places.record)}"
    status = f"{record}{text_of(places.status)}"
    succeeded = _one_of(status, life.succeeded)
    running = [name for name in life.names if not life.is_terminal(name)]
    task = {
        "name": family.operations.id_parameter,
        "in": "path",
        "value": "$steps.submit.outputs.task_id",
    }
    return {
        "stepId": "poll",
        "operationId": _operation(family.operations.query.id),
        "parameters": [KEY, task],
        "successCriteria": [
            {"condition": "$statusCode == 200"},
            {"condition": succeeded},
        ],
        "onFailure": [
            {
                "name": "still_running",
                "type": "retry",
                "retryAfter": max(1, round(family.median_ms / 1000 / POLLS_A_TASK)),
                "retryLimit": POLL_LIMIT,
                "criteria": [{"condition": "$statusCode == 200"}, {"condition": _one_of(status, running)}],
            },
            {"name": "task_failed", "type": "end"},
        ],
        "outputs": {
            "status": status,
            "reason": f"{record}{text_of(places.reason)}",
            "result": f"{record}{text_of(family.result.at)}",
        },
    }


def _wait(family: TaskFamily, place: Path) -> Object:
    """The step that takes callbacks about the task until one tells that it has ended."""
    life = family.lifecycle
    status = f"$message.payload#{text_of((*place, *family.places.status))}"
    ended = [name for name in life.names if life.is_terminal(name)]
    running = [name for name in life.names if not life.is_terminal(name)]
    return {
        "stepId": "wait",
        "operationId": f"$sourceDescriptions.{CALLBACKS}.{channel(family)}",
        "action": "receive",
        "correlationId": "$steps.submit.outputs.task_id",
        "timeout": WAIT_TASKS * family.median_ms,
        "successCriteria": [{"condition": _one_of(status, ended)}],
        "onFailure": [
            {
                "name": "still_running",
                "type": "retry",
                "retryAfter": 0,
                "retryLimit": CALLBACK_LIMIT,
                "criteria": [{"condition": _one_of(status, running)}],
            },
            {"name": "no_callback", "type": "goto", "stepId": "poll"},
        ],
        "outputs": {"status": status},
    }


def _polling(family: TaskFamily, canonical: Mapping[str, Any]) -> Object:
    return {
        **_workflow(family, "", "poll it until it ends, take its result"),
        "steps": [_submit(family, canonical), _poll(family)],
        "outputs": OUTPUTS,
    }


def _waiting(family: TaskFamily, canonical: Mapping[str, Any], place: Path) -> Object:
    workflow = _workflow(family, "_by_callback", "wait until a callback tells its end, ask for its result")
    workflow["inputs"]["required"].append("callback_url")
    workflow["inputs"]["properties"]["callback_url"] = {"type": "string", "format": "uri"}
    submit = _submit(family, canonical)
    target = text_of(family.request["callback_url"])
    submit["requestBody"]["replacements"] = [{"target": target, "value": "$inputs.callback_url"}]
    return {**workflow, "steps": [submit, _wait(family, place), _poll(family)], "outputs": OUTPUTS}


OUTPUTS = {
    "task_id": "$steps.submit.outputs.task_id",
    "status": "$steps.poll.outputs.status",
    "result": "$steps.poll.outputs.result",
}


def _workflow(family: TaskFamily, suffix: str, then: str) -> Object:
    return {
        "workflowId": f"run_{family.name.replace('-', '_')}{suffix}",
        "summary": f"Submit a {family.name} task, {then}.",
        "inputs": {
            "type": "object",
            "required": ["api_key", "request"],
            "properties": {"api_key": {"type": "string"}, "request": {"type": "object"}},
        },
    }


def _one_of(expression: str, values: Iterable[str]) -> str:
    return " || ".join(f"{expression} == '{value}'" for value in values)
