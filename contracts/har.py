"""A conversation as a HAR 1.2 file, and back. Our own keys never got here; other secrets are blotted out.

What HAR has no word for (why a request was sent, callbacks, the budget) stands under `_understudy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.contracts import skips, trace
from understudy.contracts.failures import TargetError
from understudy.specs.errors import UnderstudyError
from understudy.specs.har import (
    HarBody,
    HarEntry,
    HarLog,
    body_bytes,
    body_object,
    har_object,
    har_text,
    header_objects,
    header_pairs,
    parse_har,
    read_har_log,
)
from understudy.specs.secrets import blot_body, blot_headers, blot_url

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1


def write_har(conversation: trace.Conversation, path: Path, version: str = "") -> None:
    """Write the file; raises TargetError when it cannot be written."""
    try:
        path.write_text(har_text(_log(conversation), version), "utf-8")
    except OSError as error:
        raise TargetError(f"cannot write: {error.strerror}", where=str(path)) from error


def read_har(path: Path) -> trace.Conversation:
    """The conversation in a file that `--har` wrote; raises TargetError for any other file."""
    try:
        log = read_har_log(path)
    except UnderstudyError as error:
        raise TargetError(error.what, where=str(path), advice=error.advice) from error
    try:
        return _conversation(log)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TargetError(
            f"not a conversation recorded by understudy verify: {type(error).__name__} {error}",
            where=str(path),
            advice="record one with understudy verify URL --har FILE",
        ) from error


def to_har(conversation: trace.Conversation, version: str = "") -> dict[str, Any]:
    """The HAR object of a conversation."""
    return har_object(_log(conversation), version)


def from_har(data: dict[str, Any]) -> trace.Conversation:
    """The conversation that a HAR object of ours holds; KeyError, TypeError or ValueError for any other."""
    return _conversation(parse_har(data))


def _log(conversation: trace.Conversation) -> HarLog:
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
        "skipped": [
            [f, p, skips.to_json(why)]
            for (f, p), why in sorted(conversation.skipped.items(), key=lambda i: i[0])
        ],
        "notes": conversation.notes,
        "stalls": [list(one) for one in conversation.stalls],
        "callbacks": [_delivery(d) for d in conversation.deliveries],
    }
    return HarLog([_entry(e) for e in conversation.exchanges], about)


def _entry(exchange: trace.Exchange) -> HarEntry:
    request, response = exchange.request, exchange.response
    return HarEntry(
        method=request.method,
        url=blot_url(request.url),
        request_headers=blot_headers(request.headers),
        request=_body(request.headers, request.body, request.size, request.packed),
        status=exchange.status,
        response_headers=blot_headers(response.headers) if response else (),
        response=_body(response.headers, response.body, response.size, response.packed)
        if response
        else HarBody(b""),
        started=exchange.started,
        took=max(0.0, exchange.ended - exchange.started),
        label={
            "family": exchange.family,
            "role": exchange.role,
            "account": exchange.account,
            "task": exchange.task,
            "case": dict(exchange.case),
            "problem": exchange.problem,
            "answered": response is not None,
            "superseded": exchange.superseded,
            **_meant(request),
            "started": exchange.started,
            "ended": exchange.ended,
        },
    )


def _meant(request: trace.Request) -> dict[str, Any]:
    return {} if request.meant is None else {"meant": request.meant.decode("utf-8", "replace")}


def _body(headers: trace.Headers, data: bytes | None, size: int | None, packed: str) -> HarBody:
    clean = data if packed else blot_body(data or b"") or data
    whole = len(clean or b"") if size is None or size == len(data or b"") else size
    return HarBody(clean, trace.header(headers, "content-type"), whole, packed)


def _delivery(delivery: trace.Delivery) -> dict[str, Any]:
    return {
        "family": delivery.family,
        "task": delivery.task,
        "received": delivery.received,
        "url": delivery.url,
        "headers": header_objects(delivery.headers),
        "body": body_object(delivery.body),
        "method": delivery.method,
        "query": delivery.query,
        "answered": delivery.answered,
    }


def _conversation(log: HarLog) -> trace.Conversation:
    about = log.label
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
        skipped={(f, p): skips.from_json(why) for f, p, why in about["skipped"]},
        notes=list(about["notes"]),
        stalls=[(float(at), float(late)) for at, late in about.get("stalls", ())],
    )
    conversation.exchanges += [_exchange(n, e) for n, e in enumerate(log.entries)]
    conversation.deliveries += [
        trace.Delivery(
            n,
            d["family"],
            d["task"],
            float(d["received"]),
            header_pairs(d["headers"]),
            body_bytes(d["body"]) or b"",
            str(d.get("url", "")),
            str(d.get("method", "POST")),
            str(d.get("query", "")),
            int(d.get("answered", 200)),
        )
        for n, d in enumerate(about["callbacks"])
    ]
    return conversation


def _exchange(number: int, entry: HarEntry) -> trace.Exchange:
    label = entry.label
    written = label.get("meant")
    meant = written.encode() if isinstance(written, str) else None
    asked, back = entry.request, entry.response
    response = trace.Response(entry.status, entry.response_headers, back.data or b"", _cut(back), back.packed)
    return trace.Exchange(
        number,
        label["family"],
        label["role"],
        label["account"],
        trace.Request(
            entry.method, entry.url, entry.request_headers, asked.data, _cut(asked), asked.packed, meant
        ),
        response if label["answered"] else None,
        float(label["started"]),
        float(label["ended"]),
        label["problem"],
        label["task"],
        label["case"],
        bool(label["superseded"]),
    )


def _cut(body: HarBody) -> int | None:
    return None if body.whole else body.size
