"""One task more: what the stores are tested with."""

from __future__ import annotations

from understudy.mockserver.store.tasks import Task, TaskPlan, TaskRequest

PLAN = TaskPlan(("submitted", "processing", "succeed"), (0, 500, 2000))
LATER = TaskPlan(("submitted", "failed"), (0, 700), "Image pixel is invalid")


def task(number: int, account: str = "key", family: str = "images", external_id: str = "") -> Task:
    request = TaskRequest(2, "3:2", "", "two boats ⛵", watermark=None, model="m", slots=2)
    return Task(
        f"{10**17 + number}", account, "canonical", family, external_id, 1_000 * number, PLAN, request,
        "http://127.0.0.1:9/", "http://mock", "fail:reason=internal",
    )  # fmt: skip
