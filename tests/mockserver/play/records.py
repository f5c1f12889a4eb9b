"""A task as tests make one without a server."""

from __future__ import annotations

from typing import Any

from understudy.mockserver.store.tasks import Task, TaskPlan, TaskRequest


def a_task(**changes: Any) -> Task:
    values = {
        "id": "123456789012345678",
        "account": "k",
        "profile": "canonical",
        "family": "multi-image2image",
        "external_id": "",
        "created_at": 1_700_000_000_000,
        "plan": TaskPlan(("submitted", "processing", "succeed"), (0, 500, 2000)),
        "request": TaskRequest(1, "16:9", "5", "cats", None, "", 1),
        "callback_url": "",
        "origin": "http://x",
    }
    return Task(**{**values, **changes})
