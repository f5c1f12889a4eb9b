"""The control plane's requests with a word on each, as the overview at `/` lists them."""

from __future__ import annotations

CONTROL = (
    ("GET", "/__understudy__/ready", "200, or 503 while the store cannot be written"),
    ("GET", "/__understudy__/metrics", "numbers for Prometheus (serve --metrics)"),
    ("GET", "/__understudy__/scenarios", "every scenario with a sentence and its parameters"),
    ("GET", "/__understudy__/openapi.json?profile=&openapi=", "the document as it is played (3.2: as that)"),
    ("GET", "/__understudy__/control/openapi.json", "the control plane itself, for clients in any language"),
    ("GET", "/__understudy__/clock", "the time"),
    ("POST", "/__understudy__/clock", '{"rate": 0}: 1 real time, N accelerated, 0 only when advanced'),
    ("POST", "/__understudy__/clock/advance", '{"seconds": 30} or {"to": "next"}; sends what falls due'),
    ("POST", "/__understudy__/pace", '{"pace": "after 3 polls"}: instant, fast, realistic, after N polls'),
    (
        "POST",
        "/__understudy__/scenario",
        '{"scenario": "fail:reason=internal"}: for every request; "" for none',
    ),
    ("POST", "/__understudy__/faults", '{"scenario": "latency:ms=500", "next": 3}: for the next requests'),
    ("POST", "/__understudy__/limits", '{"image": 5, "video": 2, "per_second": 10}'),
    ("GET", "/__understudy__/tasks?limit=&before=", "tasks and their plans, newest first"),
    ("POST", "/__understudy__/tasks/{id}/finish", '{"status": "failed", "reason": "internal"}'),
    ("GET", "/__understudy__/journal?operation=&verdict=&task=&field=", "requests, answers, verdicts"),
    ("GET", "/__understudy__/journal/count?operation=&verdict=", '{"count": 2}'),
    ("GET", "/__understudy__/deliveries?task=", "callbacks: attempts, headers, bodies"),
    (
        "POST",
        "/__understudy__/deliveries/send",
        '{"task": "…"}: a callback again, {"forged": true}: a false one',
    ),
    ("POST", "/__understudy__/reset", "forget an account, or everything"),
)
