"""A conversation as a HAR 1.2 file, and back. Keys were blotted out before they got here.

What HAR has no word for (why a request was sent, callbacks, the budget) stands under `_understudy`, as the
format allows for names that begin with an underscore.
"""

from __future__ import annotations

import base64
import datetime
import json
from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.failures import TargetError

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1


def write_har(conversation: trace.Conversation, path: Path, version: str = "") -> None:
    """Write the file; raises TargetError when it cannot be written."""
    try:
        text = json.dumps(to_har(conversation, version), indent=1, ensure_ascii=False)
        # Half a character, which UTF-8 has no bytes for, becomes the escape that JSON has for it.
        path.write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        raise TargetError(f"cannot write: {error.strerror}", where=str(path)) from error


def read_har(path: Path) -> trace.Conversation:
    """The conversation in a file that `--har` wrote; raises TargetError for any other file."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise TargetError(f"cannot read: {error.strerror}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise TargetError(f"not JSON: {error}", where=str(path)) from error
    try:
        return from_har(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TargetError(
            f"not a conversation recorded by understudy verify: {type(error).__name__} {error}",
            where=str(path),
            advice="record one with understudy verify URL --har FILE",
        ) from error


def to_har(conversation: trace.Conversation, version: str = "") -> dict[str, Any]:
    """The HAR object of a conversation."""
    about = {
        "version": VERSION,
        "provider": conversation.provider,
        "url": conversation.url,
        "seed": conversation.seed,
        "budget": conversation.budget,
        "spent": conversation.spent,
        "listening": conversation.listening,
        "reachable": conversation.reachable,
        "other_account": conversation.other_account,
        "families": list(conversation.families),
        "stopped": conversation.stopped,
        "skipped": [[f, p, why] for (f, p), why in sorted(conversation.skipped.items())],
        "notes": conversation.notes,
        "callbacks": [_delivery(d) for d in conversation.deliveries],
    }
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "understudy", "version": version},
            "entries": [_entry(e) for e in conversation.exchanges],
            "_understudy": about,
        }
    }


def _entry(exchange: trace.Exchange) -> dict[str, Any]:
    response = exchange.response
    took = max(0.0, exchange.ended - exchange.started)
    request: dict[str, Any] = {
        "method": exchange.request.method,
        "url": exchange.request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(exchange.request.headers),
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(exchange.request.body or b""),
    }
    if exchange.request.body is not None:
        kind = trace.header(exchange.request.headers, "content-type")
        request["postData"] = {"mimeType": kind, **_text(exchange.request.body)}
    answer: dict[str, Any] = {
        "status": exchange.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(response.headers if response else ()),
        "content": {
            "size": len(response.body) if response else 0,
            "mimeType": trace.header(response.headers, "content-type") if response else "",
            **_text(response.body if response else b""),
        },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(response.body) if response else 0,
    }
    return {
        "startedDateTime": _time(exchange.started),
        "time": took,
        "request": request,
        "response": answer,
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_understudy": {
            "family": exchange.family,
            "role": exchange.role,
            "account": exchange.account,
            "task": exchange.task,
            "case": dict(exchange.case),
            "problem": exchange.problem,
            "answered": response is not None,
            "superseded": exchange.superseded,
            "started": exchange.started,
            "ended": exchange.ended,
        },
    }


def _time(milliseconds: float) -> str:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).isoformat(
        timespec="milliseconds"
    )


def _headers(headers: trace.Headers) -> list[dict[str, str]]:
    return [{"name": n, "value": v} for n, v in headers]


def _text(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(data).decode(), "encoding": "base64"}


def _bytes(content: dict[str, Any]) -> bytes:
    text = str(content.get("text", ""))
    return base64.b64decode(text) if content.get("encoding") == "base64" else text.encode("utf-8")


def _pairs(headers: list[dict[str, str]]) -> trace.Headers:
    return tuple((h["name"], h["value"]) for h in headers)


def _delivery(delivery: trace.Delivery) -> dict[str, Any]:
    return {
        "family": delivery.family,
        "task": delivery.task,
        "received": delivery.received,
        "headers": _headers(delivery.headers),
        "body": _text(delivery.body),
    }


def from_har(data: dict[str, Any]) -> trace.Conversation:
    """The conversation that a HAR object of ours holds; KeyError, TypeError or ValueError for any other."""
    log = data["log"]
    about = log["_understudy"]
    if about["version"] != VERSION:
        raise ValueError(f"version {about['version']}, this is {VERSION}")
    conversation = trace.Conversation(
        str(about["provider"]),
        str(about["url"]),
        int(about["seed"]),
        str(about["budget"]),
        str(about["spent"]),
        listening=bool(about["listening"]),
        reachable=bool(about["reachable"]),
        other_account=bool(about["other_account"]),
        families=tuple(about["families"]),
        stopped=str(about["stopped"]),
        skipped={(f, p): why for f, p, why in about["skipped"]},
        notes=list(about["notes"]),
    )
    conversation.exchanges += [_exchange(n, e) for n, e in enumerate(log["entries"])]
    conversation.deliveries += [
        trace.Delivery(
            n, d["family"], d["task"], float(d["received"]), _pairs(d["headers"]), _bytes(d["body"])
        )
        for n, d in enumerate(about["callbacks"])
    ]
    return conversation


def _exchange(number: int, entry: dict[str, Any]) -> trace.Exchange:
    label, request, answer = entry["_understudy"], entry["request"], entry["response"]
    body = _bytes(request["postData"]) if "postData" in request else None
    response = trace.Response(int(answer["status"]), _pairs(answer["headers"]), _bytes(answer["content"]))
    return trace.Exchange(
        number,
        label["family"],
        label["role"],
        label["account"],
        trace.Request(request["method"], request["url"], _pairs(request["headers"]), body),
        response if label["answered"] else None,
        float(label["started"]),
        float(label["ended"]),
        label["problem"],
        label["task"],
        label["case"],
        bool(label["superseded"]),
    )
