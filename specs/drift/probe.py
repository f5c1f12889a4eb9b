"""A live API that is not about tasks: it is asked what may be asked freely, and nothing is changed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from understudy.specs.diff.api import media_type, read
from understudy.specs.diff.bundle import Bundler
from understudy.specs.drift.exchanges import Asked, RecordedExchange, json_value
from understudy.specs.errors import UnderstudyError
from understudy.specs.witness.message import Side

if TYPE_CHECKING:
    from ssl import SSLContext

    from understudy.specs.diff.document import ApiDocument

TIMEOUT_SECONDS = 20.0
MAX_BYTES = 2_000_000
# GETs that are sent at most.
MOST = 200


class _NoRedirects(HTTPRedirectHandler):
    """A key is sent to the host that was named, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def probe(
    url: str, document: ApiDocument, *, api_key: str, proxy: str = "", tls: SSLContext | None = None
) -> Asked:
    """Send the GETs of `document` that want nothing made up: no id in the path; small values in the query.

    Nothing but GETs is sent: what else would do to a foreign API is not known. `proxy` is the URL of the
    proxy that leads there, "" for none; `tls` says which certificates are trusted. Raises UnderstudyError
    when the URL is none, or nobody is there.
    """
    _check(url)
    api = read(document)
    side = Side(api, {"request": Bundler(document, "request"), "response": Bundler(document, "response")})
    asked = Asked()
    ways = ProxyHandler({"http": proxy, "https": proxy} if proxy else {})
    opener = build_opener(_NoRedirects(), ways, HTTPSHandler(context=tls))
    left_out = 0
    for operation in sorted(api.operations.values(), key=lambda op: op.key):
        if operation.inverted:
            continue
        message = side.request(operation, "request") if operation.method == "GET" else None
        if message is None or "{" in operation.path or len(asked.exchanges) == MOST:
            left_out += 1
            continue
        parts = {place: wire for place, wire in message.parameters.items() if wire}
        query = [pair for (place, _), wire in parts.items() if place == "query" for pair in wire]
        headers = {name: wire[0][1] for (place, name), wire in parts.items() if place == "header"}
        path = operation.path + (f"?{urlencode(query)}" if query else "")
        asked.exchanges.append(_send(opener, path, url, headers, api_key))
    if left_out:
        asked.notes.append(
            f"{left_out} operations were not asked: only GETs without an id in their path are; "
            "record a client at work for the rest, and give the HAR file"
        )
    return asked


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        raise UnderstudyError("not a web address", where=url, advice="for example http://127.0.0.1:8585")


def _send(opener: Any, path: str, url: str, more: dict[str, str], api_key: str) -> RecordedExchange:
    headers = {"Accept": "application/json", "User-Agent": "understudy", **more}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    request = Request(url.rstrip("/") + path, headers=headers)  # noqa: S310 - checked by probe
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return _exchange(path, answer)
    except HTTPError as refusal:
        with refusal:
            return _exchange(path, refusal)
    except (URLError, OSError, ValueError) as error:
        raise UnderstudyError(f"cannot be reached: {getattr(error, 'reason', error)}", where=url) from error


def _exchange(path: str, answer: Any) -> RecordedExchange:
    body = json_value(answer.read(MAX_BYTES))
    media = media_type(answer.headers.get("Content-Type", ""))
    return RecordedExchange("GET", urlsplit(path).path, str(answer.status), media, body)
