"""What a HAR file holds to be played back: answers, the results that they link to, and callbacks."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from understudy.mockserver.errors import MockError
from understudy.specs.errors import UnderstudyError
from understudy.specs.har import body_bytes, header_pairs, read_har_log
from understudy.specs.pointers import Path as Place
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from understudy.specs.har import HarEntry, HarLog

# What concerned the recorded connection, or the bytes as they were packed then.
NOT_REPLAYED = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-connection",
        "transfer-encoding",
        "trailer",
        "upgrade",
        "content-length",
        "date",
        "server",
        "set-cookie",
    ]
)
# Below this, results of other hosts are played back.
RESULTS = "/__replay__/"
MOST_DELAY_MS = 5000
FIRST_FINAL_STATUS = 200
LAST_STATUS = 599


@dataclass(frozen=True, slots=True)
class RecordedCallback:
    """A callback: what was sent, how long after its create (milliseconds), and where in the create's body the
    address stood that it was sent to.
    """

    place: Place
    delay_ms: float
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One exchange: what was asked, and the answer as it goes out again.

    missing: how many bytes the answer's body had when it was not kept whole;  url: as it was asked for then
    """

    method: str
    target: str
    body: Any
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    answer: bytes
    url: str = ""
    missing: int = 0
    callbacks: tuple[RecordedCallback, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that is played back. `links`: URL in an answer that was followed -> the path that it has here."""

    answers: list[RecordedAnswer]
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def callbacks(self) -> int:
        return sum(len(one.callbacks) for one in self.answers)


def read_recording(path: Path) -> Recorded:
    """The answered exchanges of a HAR 1.2 file, in their order.

    Paths are taken from below the address that was recorded, where the file names it. Raises MockError for a
    file that cannot be read, is no HAR, or holds no answer.
    """
    try:
        log = read_har_log(path)
    except UnderstudyError as error:
        raise MockError(error.what, where=str(path), advice=error.advice) from error
    for number, entry in enumerate(log.entries, 1):
        if entry.status and not 100 <= entry.status <= LAST_STATUS:
            said = f"entry {number} has the status {entry.status}, which is not an HTTP status"
            raise MockError(said, where=str(path), advice="a number from 200 to 599 (RFC 9110, 15)")
    # Before 200 they are no answers yet: 101 of a WebSocket, 103 Early Hints.
    answered = [entry for entry in log.entries if entry.status >= FIRST_FINAL_STATUS]
    if not answered:
        raise MockError("holds no answered request", where=str(path))
    base = urlsplit(str(log.label.get("url", ""))).path.rstrip("/")
    links = _links(
        answered,
        [body_bytes(told["body"]) or b"" for told in log.label.get("callbacks", ())],
        str(log.label.get("url", "")),
    )
    callbacks = _callbacks(log, answered)
    return Recorded([_answer(entry, base, links, callbacks[i]) for i, entry in enumerate(answered)], links)


def bare(url: str) -> str:
    """A URL without its query: signed links differ there from poll to poll."""
    return url.partition("?")[0]


def value_of(body: bytes) -> Any:
    """A body as it is compared: its JSON value, or its bytes."""
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return body


def _answer(
    entry: HarEntry, base: str, links: Mapping[str, str], callbacks: list[RecordedCallback]
) -> RecordedAnswer:
    parts = urlsplit(entry.url)
    path = parts.path.removeprefix(base) if base and parts.path.startswith(f"{base}/") else parts.path
    target = f"{path}?{parts.query}" if parts.query else path
    if entry.method == "GET" and links.get(bare(entry.url), "").startswith(RESULTS):
        target = links[bare(entry.url)]
    kept = NOT_REPLAYED if entry.response.packed else NOT_REPLAYED | {"content-encoding"}
    headers = tuple(
        (name.lower().encode("latin-1", "replace"), value.encode("utf-8", "surrogateescape"))
        for name, value in entry.response_headers
        if name.lower() not in kept and "\n" not in value and "\r" not in value
    )
    data = entry.response.data or b""
    return RecordedAnswer(
        method=entry.method,
        target=target,
        body=value_of(entry.request.data or b""),
        status=entry.status,
        headers=headers,
        answer=data,
        url=entry.url,
        missing=0 if entry.response.whole else entry.response.size,
        callbacks=tuple(callbacks),
    )


def _links(entries: list[HarEntry], callbacks: list[bytes], provider: str) -> dict[str, str]:
    """What was asked for at a URL that stands in another answer, or in a callback.

    Results have a place of ours. What the provider itself answers with JSON, as where a task is to be polled,
    keeps its path: clients may make it themselves. `provider`: the URL that was recorded, or "".
    """
    bodies = [*map(data, entries), *callbacks]
    named = {bare(text) for body in bodies for text in _urls(body)}
    base = provider.rstrip("/")
    links: dict[str, str] = {}
    for entry in entries:
        url = bare(entry.url)
        if url not in named or url in links:
            continue
        if base and url.startswith(f"{base}/") and isinstance(value_of(data(entry)), dict):
            links[url] = url.removeprefix(base)
        elif entry.method == "GET":
            name = urlsplit(url).path.rpartition("/")[2]
            links[url] = f"{RESULTS}{len(links) + 1}/{name}"
    return links


def data(entry: HarEntry) -> bytes:
    """What was answered, b"" for nothing."""
    return entry.response.data or b""


def _urls(data: bytes) -> Iterator[str]:
    if b"http" not in data or data[:1] not in (b"{", b"["):
        return
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    for _, text in texts(value):
        if text.startswith(("http://", "https://")):
            yield text


def texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text in a JSON value with its place."""
    todo = [(place, value)]
    while todo:
        where, one = todo.pop()
        if isinstance(one, str):
            yield where, one
        elif isinstance(one, dict):
            todo += [((*where, name), part) for name, part in one.items()]
        elif isinstance(one, list):
            todo += [((*where, str(n)), part) for n, part in enumerate(one)]


def _callbacks(log: HarLog, entries: list[HarEntry]) -> dict[int, list[RecordedCallback]]:
    """Index of a create -> the callbacks that it asked for: those sent to an address in its body."""
    found: dict[int, list[RecordedCallback]] = defaultdict(list)
    creates = [
        (i, {text: place for place, text in texts(value_of(entry.request.data or b""))})
        for i, entry in enumerate(entries)
        if entry.method == "POST" and entry.request.data
    ]
    for told in log.label.get("callbacks", ()):
        url = told.get("url", "")
        asked = next(((i, places[url]) for i, places in creates if url and url in places), None)
        if asked is not None:
            index, place = asked
            delay = float(told["received"]) - entries[index].started
            headers = dict(header_pairs(told["headers"]))
            body = body_bytes(told["body"]) or b""
            found[index].append(RecordedCallback(place, min(max(0.0, delay), MOST_DELAY_MS), headers, body))
    return found


def address_in(body: Any, place: Place) -> str:
    """The client's own address for callbacks in its request, "" for none."""
    value = at(body, place, "")
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else ""
