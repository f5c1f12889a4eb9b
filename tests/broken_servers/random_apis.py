"""Random descriptions of APIs along all axes: what a vendor might have done.

`description(seed)` is the same for the same seed, and complete: `specs check` has nothing to say about it.
"""

from __future__ import annotations

import random
from typing import Any

OPEN_WORDS = ["new", "waiting", "PENDING", "in_queue", "Working", "RUNNING", "cooking", "step 2"]
WORDS = {
    "success": ["done", "SUCCEEDED", "Ready", "ok"],
    "failed": ["broken", "FAILED", "Error", "no"],
    "moderated": ["refused", "MODERATED"],
    "cancelled": ["stopped", "CANCELLED"],
    "expired": ["late", "EXPIRED"],
}


def description(seed: int) -> dict[str, Any]:
    """The data of one `api.yaml`."""
    dice = random.Random(seed)
    states = _states(dice)
    by_class = {one["class"]: name for name, one in states.items()}
    family: dict[str, Any] = {
        "states": states,
        "record": _record(dice, states, by_class["success"]),
        "request": {"prompt": dice.choice(["/prompt", "/input/text"])},
        "create": {"path": dice.choice(["/jobs", "/v2/{model}/jobs"]), "schema": {"type": "object"}},
        "query": _query(dice),
        # Pictures more often: a film takes seconds to draw, and to look at.
        "result": dice.choice([
            *[{"kind": "image", "media_type": "image/png"} for _ in range(5)],
            {
                "kind": "video", "media_type": "video/mp4",
                "duration_seconds": {"field": "/seconds", "default": 2},
            },
        ]),
        "failures": {"fire": {"reason": "It burnt", "code": "F1"}},
    }  # fmt: skip
    status = dice.choice([200, 201, 202])
    family["create"]["answer"] = {"status": status} | dice.choice([{}, {"body": {"job": "$id"}}])
    if dice.random() < 0.5:
        family["create"]["headers"] = {"X-Mode": "async"}
    _endings(dice, family, by_class)
    for kind in ("moderated", "expired"):
        if kind in by_class:
            family["failures"][kind] = {"reason": kind, "state": by_class[kind]}
    if dice.random() < 0.6:
        by = dice.choice(["page", "offset", "cursor", "none"])
        family["list"] = {"path": "/jobs", "by": by, "size": "size", "answer": {"body": {"jobs": "$records"}}}
        family["list"] |= {} if by == "none" else {"position": by}
    if dice.random() < 0.7:
        family["callback"] = _callback(dice, states)
        family["request"]["callback_url"] = "/hook"
        family["request"]["callback_secret"] = "/hook_secret"
    more = random.Random(f"{seed} more")
    _besides(more, family, by_class)
    service = _service(more)
    further = random.Random(f"{seed} further")
    _asked(further, family, service)
    _shown(further, family, by_class)
    if "callback" in family:
        _called(further, family["callback"], by_class)
    _told_by_status(random.Random(f"{seed} status"), family, by_class)
    _in_text(random.Random(f"{seed} text"), family, by_class["success"])
    return {
        **service,
        "behaviour": 1,
        "name": "random",
        "title": f"Random {seed}",
        "servers": ["https://api.random.example"],
        "evidence": {"families": f"seed {seed}"},
        "account": dice.choice([
            {"in": "header", "name": "Authorization", "scheme": "Bearer"},
            {"in": "header", "name": "Authorization", "scheme": "Key"},
            {"in": "header", "name": "x-key"},
            {"in": "query", "name": "key"},
        ]),
        "refusals": dice.choice([
            {"body": {"error": {"type": "$code", "message": "$message"}}},
            {"body": {"detail": "$message"}},
            {"body": {"code": "$code", "msg": "$message"}, "http_status": 200},
        ]),
        "families": {"jobs": family},
    }  # fmt: skip


def _states(dice: random.Random) -> dict[str, Any]:
    words = dice.sample(OPEN_WORDS, dice.randint(1, 3))
    ends = {kind: dice.choice(names) for kind, names in WORDS.items() if kind in ("success", "failed")}
    ends |= {k: dice.choice(n) for k, n in WORDS.items() if k not in ends and dice.random() < 0.4}
    states: dict[str, Any] = {}
    for i, word in enumerate(words):
        kind = "running" if i == len(words) - 1 else "queued"
        following = [words[i + 1]] if i + 1 < len(words) else [ends["success"], ends["failed"]]
        states[word] = {"class": kind, "next": following}
    return states | {word: {"class": kind} for kind, word in ends.items()}


def _record(dice: random.Random, states: dict[str, Any], success: str) -> dict[str, Any]:
    word = dice.choice(["word", "number", "flag", "map"])
    shown: dict[str, Any] = {"state": "$status"}
    if word == "number":
        shown = {"state": {"$status": {name: i for i, name in enumerate(states)}}}
    elif word == "map":
        shown = {"state": {"$status": {name: f"S-{name}" for name in states}}}
    elif word == "flag":
        ended = {name: True for name, one in states.items() if "next" not in one}
        shown = {"done": {"$status": {**ended, "*": False}}, "state": "$status"}
    result = dice.choice([
        {"url": {"$status": {success: "$result_url", "*": "$absent"}}},
        {"urls": {"$status": {success: {"$each": "$item.url"}, "*": []}}},
        {"output": {"$status": {success: {"files": {"$each": {"href": "$item.url"}}}, "*": "$null"}}},
    ])  # fmt: skip
    record = {"job": "$id", **shown, **result, "made": "$created_time", "percent": "$progress"}
    return {"data": record} if dice.random() < 0.3 else record


def _in_text(dice: random.Random, family: dict[str, Any], success: str) -> None:
    """Results as JSON in a text."""
    record = family["record"].get("data", family["record"])
    if "urls" in record and dice.random() < 0.4:
        text = {"$json": {"urls": {"$each": "$item.url"}}}
        record["urls"] = {"$status": {success: text, "*": ""}}


def _query(dice: random.Random) -> dict[str, Any]:
    return dice.choice([
        {"path": "/jobs/{id}"},
        {"path": "/jobs/{id}/status", "method": "POST"},
        {"path": "/job", "id": {"in": "query", "name": "job"}},
        {"path": "/ask", "method": "POST", "id": {"in": "body", "name": "/job/id"}},
    ])  # fmt: skip


def _endings(dice: random.Random, family: dict[str, Any], by_class: dict[str, str]) -> None:
    if "cancelled" in by_class:
        family["cancel"] = {"path": "/jobs/{id}/stop", "becomes": by_class["cancelled"]}
    if dice.random() < 0.4:
        family["delete"] = {"path": "/jobs/{id}", "removes": True, "states": list(family["states"])}


def _besides(dice: random.Random, family: dict[str, Any], by_class: dict[str, str]) -> None:
    """Results by a request of their own, streams of states, synchronous waiting, what is forgotten."""
    success, failed = by_class["success"], by_class["failed"]
    if dice.random() < 0.5:
        whole: dict[str, Any] = {"bytes": True}
        sheet = {"files": {"$each": "$item.url"}}
        results: dict[str, Any] = {
            "path": "/jobs/{id}/result",
            "answer": {"situation": "task_not_ended"},
            "states": {
                success: dice.choice([whole, {"status": 200, "body": sheet}]),
                failed: {"situation": "task_without_result"},
            },
        }
        if results["states"][success] is whole and dice.random() < 0.5:
            own = family["result"]["media_type"]
            results |= {"variant": "form", "variants": {"whole": own, "small": "image/jpeg"}}
        family["results"] = results
    if dice.random() < 0.4:
        family["stream"] = {"path": "/jobs/{id}/events"}
    if dice.random() < 0.4:
        family["create"]["wait"] = {"header": "Prefer", "most_seconds": 5, "status": 200}
    if dice.random() < 0.3:
        family["retention_seconds"] = 3600
    if "cancel" in family and dice.random() < 0.5:
        family["cancel"] |= {"states": [next(iter(family["states"]))]} | dice.choice([
            {"answer": {"status": 204}}, {"method": "PUT", "answer": {"status": 202, "body": {"job": "$id"}}},
        ])  # fmt: skip


def _asked(dice: random.Random, family: dict[str, Any], service: dict[str, Any]) -> None:
    """Answers with headers, several tasks at once, lists asked for in a body, keys in a field of the body."""
    create, query = family["create"], family["query"]
    if dice.random() < 0.4:
        create["answer"]["headers"] = dice.choice([{"Location": "$query_url"}, {"X-Job": "job-${id}"}])
    if dice.random() < 0.3:
        create["method"] = "PUT"
    if dice.random() < 0.3:
        create["media"] = ["application/json", "multipart/form-data"]
    if dice.random() < 0.4:
        several = {"path": "/jobs/several", "body": {"jobs": "$records"}}
        query["batch"] = several | dice.choice([
            {"ids": "/jobs", "most": 20}, {"in": "query", "method": "GET", "ids": "/ids"},
        ])  # fmt: skip
    if dice.random() < 0.4:
        query["states"] = {name: {"status": 202} for name, one in family["states"].items() if "next" in one}
    listing = family.get("list", {})
    if listing.get("by", "none") != "none" and dice.random() < 0.4:
        places = {key: f"/{listing[key]}" for key in ("position", "size")}
        listing |= {"method": "POST", "path": "/jobs/list", "in": "body", **places}
    if listing and dice.random() < 0.5:
        listing["answer"]["body"] = {
            "jobs": "$records",
            "all": "$total",
            "next": "$next",
            "more": "$has_more",
        }
    if dice.random() < 0.3:
        service["headers"] = {"X-Version": dice.choice(["2026-11-01", None])}
    if "idempotency" in service and dice.random() < 0.3:
        service["idempotency"] = {"field": "/once", "same": service["idempotency"]["same"]}


def _shown(dice: random.Random, family: dict[str, Any], by_class: dict[str, str]) -> None:
    """What a record tells beside: why it failed, how far it is, what it cost; and how an unknown id looks."""
    record = family["record"].get("data", family["record"])
    if dice.random() < 0.6:
        bad = [by_class[kind] for kind in ("failed", "moderated", "expired") if kind in by_class]
        told = dice.choice(["$reason", {"code": "$reason_code", "message": "$reason"}])
        record["problem"] = {"$status": {**dict.fromkeys(bad, told), "*": dice.choice(["$absent", "$null"])}}
    record["percent"] = dice.choice(["$progress", "$progress_share", "$progress_percent"])
    if dice.random() < 0.3:
        record["waiting"] = "$queue_position"
    if dice.random() < 0.4:
        family["cost"] = {"units_each": dice.choice([1, 0.5])}
        record["price"] = {"$status": {by_class["success"]: "$units", "*": "$absent"}}
        if "body" in family["create"]["answer"]:
            family["create"]["answer"]["body"]["price"] = "$units"
    if dice.random() < 0.3:
        family["result"]["valid_seconds"] = 86400
    if dice.random() < 0.2:
        family["result"]["needs_key"] = True
    if dice.random() < 0.3:
        family["unknown_answer"] = {"status": 200, "body": {"job": "$id", "state": "no such job"}}
    if "delete" in family and "cancelled" in by_class and dice.random() < 0.4:
        family["delete"]["becomes"] = by_class["cancelled"]


def _called(dice: random.Random, rule: dict[str, Any], by_class: dict[str, str]) -> None:
    """Callbacks that the create chooses, that must be proven, that come again."""
    if "on" not in rule and dice.random() < 0.4:
        words = {"good": [by_class["success"]], "bad": [by_class["failed"]]}
        rule["filter"] = {"field": "/events", "words": words, "usual": ["good", "bad"]}
    if dice.random() < 0.4:
        said = {"challenge": "$challenge"}
        rule["challenge"] = {"body": said, "answer": said}
    if dice.random() < 0.4:
        rule["retry"] = {"after_seconds": [2, 4], "timeout_seconds": 5}


def _told_by_status(dice: random.Random, family: dict[str, Any], by_class: dict[str, str]) -> None:
    """Tasks of which the HTTP status of a query tells all that there is to know, until they have ended: then
    it is answered with the result, or with the record."""
    if dice.random() > 0.2 or family["query"].get("method") or "results" in family:
        return
    # What is answered with the result tells no cost.
    success = {"bytes": True} if dice.random() < 0.5 and "cost" not in family else {}
    ended = [name for name, one in family["states"].items() if "next" not in one]
    family["query"] |= {
        "answer": {"status": 202, "body": "$absent"},
        "states": {name: {"status": 200, "body": "$record"} for name in ended},
    }
    family["query"]["states"][by_class["success"]] = {"status": 200, **(success or {"body": "$record"})}


def _service(dice: random.Random) -> dict[str, Any]:
    """Repeated creates and limits, which are the whole account's."""
    found: dict[str, Any] = {}
    if dice.random() < 0.4:
        same = dice.choice(["replay", "reject", "ignore"])
        found["idempotency"] = {"header": "X-Once", "same": same}
    if dice.random() < 0.5:
        found["limits"] = dice.choice([
            {"active": 20, "over": "refused"},
            {"per_second": 500, "headers": {"X-Limit": "limit", "X-Left": "remaining"}},
            {"active": 24, "over": "refused", "headers": {"RateLimit": "jobs;r=${remaining}"}},
        ])  # fmt: skip
    return found


def _callback(dice: random.Random, states: dict[str, Any]) -> dict[str, Any]:
    ends = [name for name, one in states.items() if "next" not in one]
    rule: dict[str, Any] = {"at": dice.choice([{"body": "/hook"}, {"query": "hook"}, {"header": "X-Hook"}])}
    if dice.random() < 0.5:
        rule["on"] = ends
    if dice.random() < 0.3:
        rule["body"] = {"event": "job.${status}", "job": "$id", "state": "$status"}
    rule["signature"] = dice.choice([
        {"scheme": "none"},
        {"scheme": "standard-webhooks"},
        {"scheme": "standard-webhooks-ed25519", "keys": "/jwks.json"},
        {
            "scheme": "ed25519", "over": "${timestamp}.${body}", "header": "X-Sign", "keys": "/jwks.json",
            "headers": {"X-Time": "${timestamp}"},
        },
        {
            "scheme": "ed25519", "over": "${id}\n${sha256}", "header": "X-Sign", "keys": "/jwks.json",
            "encoding": "base64", "headers": {"X-Id": "${id}"},
        },
        {"scheme": "hmac", "secret": "account", "over": "${body}", "header": "X-Sign"},
        {
            "scheme": "hmac", "secret": "request", "over": "${timestamp}.${body}", "encoding": "base64",
            "header": "X-Sign", "value": "t=${timestamp},v1=${signature}",
        },
    ])  # fmt: skip
    return rule
