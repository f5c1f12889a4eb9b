"""A live provider, asked with witnesses: requests that its document refuses, free unless they are taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from specs.diff.api import media_type
from specs.drift.live import MISSING, Exchange
from specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from specs.drift.finding import Finding

TIMEOUT_SECONDS = 20.0
MAX_BYTES = 2_000_000


class _NoRedirects(HTTPRedirectHandler):
    """A key is sent to the host that was named, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def probe(url: str, findings: Iterable[Finding], *, api_key: str, budget: int) -> tuple[list[Exchange], str]:
    """Send the request witnesses of `findings` that the revision refuses to the provider at `url`.

    They cost nothing while the provider keeps to its document; one that is taken costs one unit, and once
    `budget` units are spent nothing more is sent (so a budget of 0 sends nothing).
    Returns the exchanges and a sentence on what was not sent.
    Raises UnderstudyError when the provider cannot be reached at all.
    """
    if not url.startswith(("http://", "https://")):
        raise UnderstudyError("not a web address", where=url, advice="known schemes: http, https")
    exchanges: list[Exchange] = []
    spent, left_out = 0, 0
    opener = build_opener(_NoRedirects())
    for finding in findings:
        witness = finding.witness
        if witness is None or witness.kind != "payload" or witness.refused_by != "revision":
            continue
        method, path, *rest = witness.surface.split(" ")
        if finding.direction != "request" or "{" in path or rest != ["application/json"]:
            continue
        if spent >= budget:
            left_out += 1
            continue
        exchange = _send(opener, method, path, url, witness.payload, api_key)
        exchanges.append(exchange)
        spent += exchange.status.startswith("2")
    said = f"{left_out} witnesses were not sent: the budget is spent" if left_out else ""
    return exchanges, said


def _send(opener: Any, method: str, path: str, url: str, payload: Any, api_key: str) -> Exchange:
    headers = {"Content-Type": "application/json", "User-Agent": "understudy"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    data = json.dumps(payload).encode()
    request = Request(url.rstrip("/") + path, data, headers, method=method)  # noqa: S310 - checked by probe
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return _exchange(method, path, answer, payload)
    except HTTPError as refusal:
        with refusal:
            return _exchange(method, path, refusal, payload)
    except (URLError, OSError) as error:
        raise UnderstudyError(f"cannot be reached: {getattr(error, 'reason', error)}", where=url) from error


def _exchange(method: str, path: str, answer: Any, payload: Any) -> Exchange:
    raw = answer.read(MAX_BYTES)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = MISSING
    media = media_type(answer.headers.get("Content-Type", ""))
    return Exchange(method, path, str(answer.status), media, body, payload)
