"""The workflow of each task family as an Arazzo 1.0.1 document: submit, poll until it ends, take the result.

Everything comes from the canonical spec: the lifecycle from `x-task`, the way from create to query from the
link `query`. Source: Arazzo Specification 1.0.1, sections 4.6.1 to 4.6.13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specs.places import operations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specs.tree import Object

SOURCE = "understudy"
LINK = "query"

# Ask about twelve times while a usual task runs, and give up after ten usual tasks' time.
POLLS_A_TASK = 12
POLL_LIMIT = 10 * POLLS_A_TASK


def arazzo(canonical: Mapping[str, Any], openapi: str) -> Object:
    """The Arazzo document for the OpenAPI document `canonical`, found at the relative URL `openapi`."""
    workflows = [
        _workflow(operation)
        for _, operation in operations(canonical)
        if "x-task" in operation and LINK in operation["responses"].get("200", {}).get("links", {})
    ]
    return {
        "arazzo": "1.0.1",
        "info": {"title": canonical["info"]["title"], "version": canonical["info"]["version"]},
        "sourceDescriptions": [{"name": SOURCE, "url": openapi, "type": "openapi"}],
        "workflows": workflows,
    }


def _workflow(create: Mapping[str, Any]) -> Object:
    task = create["x-task"]
    link = create["responses"]["200"]["links"][LINK]
    ident = next(iter(link["parameters"]))
    status = f"$response.body#{task['record']}{task['status']}"
    ends = [state for state in task["states"] if not task["transitions"][state]]
    good = [state for state in ends if task["result"]["at"] in task["carries"].get(state, [])]
    running = [state for state in task["states"] if state not in ends]
    key = {"name": "Authorization", "in": "header", "value": "Bearer {$inputs.api_key}"}
    submit: Object = {
        "stepId": "submit",
        "operationId": create["operationId"],
        "parameters": [key],
        "requestBody": {"contentType": "application/json", "payload": "$inputs.request"},
        "successCriteria": [{"condition": "$statusCode == 200"}],
        "outputs": {"task_id": link["parameters"][ident]},
    }
    poll: Object = {
        "stepId": "poll",
        "operationId": link["operationId"],
        "parameters": [key, {"name": ident, "in": "path", "value": "$steps.submit.outputs.task_id"}],
        "successCriteria": [{"condition": "$statusCode == 200"}, {"condition": _one_of(status, good)}],
        "onFailure": [
            {
                "name": "still_running",
                "type": "retry",
                "retryAfter": max(1, round(task["observed_seconds"]["median"] / POLLS_A_TASK)),
                "retryLimit": POLL_LIMIT,
                "criteria": [{"condition": "$statusCode == 200"}, {"condition": _one_of(status, running)}],
            },
            {"name": "task_failed", "type": "end"},
        ],
        "outputs": {
            "status": status,
            "reason": f"$response.body#{task['record']}{task['reason']}",
            "result": f"$response.body#{task['record']}{task['result']['at']}",
        },
    }
    return {
        "workflowId": f"run_{task['family'].replace('-', '_')}",
        "summary": f"Submit a {task['family']} task, poll it until it ends, take its result.",
        "inputs": {
            "type": "object",
            "required": ["api_key", "request"],
            "properties": {"api_key": {"type": "string"}, "request": {"type": "object"}},
        },
        "steps": [submit, poll],
        "outputs": {
            "task_id": "$steps.submit.outputs.task_id",
            "status": "$steps.poll.outputs.status",
            "result": "$steps.poll.outputs.result",
        },
    }


def _one_of(expression: str, values: list[str]) -> str:
    return " || ".join(f"{expression} == '{value}'" for value in values)
