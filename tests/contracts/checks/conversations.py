"""A small conversation written by hand: one task of images, from its create to the last look."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from understudy.contracts import trace
from understudy.contracts.checks import judge
from understudy.contracts.failures import Verdict
from understudy.contracts.target import read_target
from understudy.contracts.trace import Conversation, Delivery, Exchange, Request, Response

TARGET = read_target("canonical")
FAMILY = TARGET.family("multi-image2image")
URL = "http://provider.example" + FAMILY.create_path
JSON = (("Content-Type", "application/json"),)
BORN, ENDED = 1_795_252_588_000, 1_795_252_612_000


def record(status: str, **more: Any) -> dict[str, Any]:
    done = {"task_result": {"images": [{"index": 0, "url": "https://cdn.example/1.png"}]}}
    return {
        "task_id": "871263549812736450", "task_status": status, "task_info": {"external_task_id": "order-1"},
        "created_at": BORN, "updated_at": BORN if status == "submitted" else ENDED,
        "task_result": {}, **(done if status == "succeed" else {}), **more,
    }  # fmt: skip


def answer(data: Any, number: int) -> Response:
    body = {"code": 0, "message": "SUCCEED", "request_id": f"r-{number}", "data": data}
    return Response(200, JSON, json.dumps(body).encode())


def exchange(number: int, role: str, data: Any, at: float, **more: Any) -> Exchange:
    method = "POST" if role in trace.CREATES else "GET"
    sent = json.dumps({"external_task_id": "order-1", "n": 1}).encode() if method == "POST" else None
    path = URL if role in (trace.CREATE, trace.LIST) else f"{URL}/871263549812736450"
    made = Exchange(
        number, FAMILY.name, role, "own", Request(method, path, (), sent), answer(data, number),
        BORN + at * 1000, BORN + at * 1000 + 5, task="" if role == trace.LIST else "one",
    )  # fmt: skip
    return replace(made, **more)


def faithful() -> list[Exchange]:
    """A create, two polls, the external id, a list, and the task again at the end."""
    again = {"purpose": trace.AGAIN}
    return [
        exchange(0, trace.CREATE, record("submitted"), 0),
        exchange(1, trace.POLL, record("processing", updated_at=BORN + 500), 1),
        exchange(2, trace.POLL, record("succeed"), 24),
        exchange(3, trace.BY_EXTERNAL_ID, record("succeed"), 24.1),
        exchange(4, trace.POLL, record("succeed"), 24.2, case={"purpose": "burst"}),
        exchange(5, trace.POLL, record("succeed"), 24.2, case={"purpose": "burst"}),
        exchange(6, trace.LIST, [record("succeed")], 25, case={"purpose": "whole", "size": 500}),
        exchange(7, trace.POLL, record("succeed"), 30, case=again),
    ]


def delivery(number: int, data: Any, at: float, **more: Any) -> Delivery:
    """A callback with `data` for the task, `at` seconds after its create."""
    url = "http://receiver.example/1?task=1"
    made = Delivery(number, FAMILY.name, "one", BORN + at * 1000, JSON, json.dumps(data).encode(), url)
    return replace(made, query="task=1", **more)


def broken(exchanges: list[Exchange], deliveries: list[Delivery] | None = None, **about: Any) -> set[str]:
    """The promises that are broken, those that another one explains included."""
    held = Conversation("canonical", "http://provider.example", families=(FAMILY.name,), exchanges=exchanges)
    held.deliveries = deliveries or []
    held.listening, held.reachable = bool(deliveries), True
    held = replace(held, **about)
    found = (Verdict.BROKEN, Verdict.ARGUABLE)
    return {j.promise.id for j in judge(held, TARGET) if j.verdict in found}
