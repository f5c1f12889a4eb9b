"""One task more: what the stores are tested with."""

from __future__ import annotations

from mockserver.tasks import Plan, Task, Wish

PLAN = Plan(("submitted", "processing", "succeed"), (0, 500, 2000))
LATER = Plan(("submitted", "failed"), (0, 700), "Image pixel is invalid")


def task(number: int, account: str = "key", family: str = "images", external_id: str = "") -> Task:
    wish = Wish(2, "3:2", "", "two boats ⛵", watermark=None, model="m", slots=2)
    return Task(
        f"{10**17 + number}", account, "canonical", family, external_id, 1_000 * number, PLAN, wish,
        "http://127.0.0.1:9/", "http://mock", "fail:reason=internal",
    )  # fmt: skip
