"""Every request and answer with its verdict, for a test to ask about afterwards. Memory is bounded.

Writing an entry costs one append: bodies are kept as they came (shortened when big) and read when asked for.
An account's journal is bounded by entries; those of all accounts, together with their logs of callbacks, by
bytes: then the oldest entries go, whoever's they are (`mockserver.logs`).
"""

from __future__ import annotations

import contextlib
import difflib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from mockserver.depth import too_deep
from mockserver.encoding import encode
from mockserver.errors import MockError
from mockserver.logs import Log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_BODY = 16_384
LONG_TEXT = 200
SECRET_HEADERS = frozenset({b"authorization", b"cookie", b"proxy-authorization"})
FILTERS = ("operation", "verdict", "task", "field", "family", "method", "status")


class Entry(NamedTuple):
    """One request and its answer. `at` is the account's time in milliseconds, `verdict` "accepted" or a
    situation.

    `operation` is create, query, list, result or "" for what matched nothing. `body` and `answer` are bytes.
    `number` and `size` are the log's.
    """

    number: int
    size: int
    at: int
    method: str
    path: bytes
    query: bytes
    operation: str
    family: str
    status: int
    verdict: str
    field: str
    task: str
    scenario: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    answer: bytes


# What an entry weighs beside its texts, and a header beside its own, in bytes.
ENTRY = 500
HEADER = 150


class Journal(Log):
    """The last entries of one account, as plain tuples in the order of Entry's fields.

    Making the record is left to who reads it.
    """

    __slots__ = ()

    def entries(self) -> list[Entry]:
        return [Entry._make(entry) for entry in self]


def size_of_head(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """What the headers of a request weigh, in bytes."""
    return sum(len(name) + len(value) + HEADER for name, value in headers)


def check_filters(filters: dict[str, str]) -> None:
    """Raise MockError for a filter that is not known."""
    if unknown := sorted(filters.keys() - set(FILTERS)):
        raise MockError(f"no journal filter {unknown[0]!r}", advice=f"known: {', '.join(FILTERS)}")


def select(entries: Iterable[Entry], filters: dict[str, str]) -> Iterator[Entry]:
    """The entries that match every filter; `verdict=refused` is every verdict but accepted.

    `field=NAME` finds refusals because of that field, and of its parts (image_list: image_list[0].image).
    """
    check_filters(filters)
    for entry in entries:
        if all(_matches(entry, name, wanted) for name, wanted in filters.items()):
            yield entry


def _matches(entry: Entry, name: str, wanted: str) -> bool:
    if name == "verdict" and wanted == "refused":
        return entry.verdict != "accepted"
    if name == "field":
        return bool(re.match(re.escape(wanted) + r"($|[.\[])", entry.field))
    return str(getattr(entry, name)) == wanted


def show(entry: Entry, known: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """An entry as JSON: secrets and long texts shortened. `known` are the (method, path) that exist."""
    shown: dict[str, Any] = {
        "at": entry.at,
        "operation": entry.operation,
        "family": entry.family,
        "method": entry.method,
        "target": target(entry),
        "status": entry.status,
        "verdict": entry.verdict,
        "field": entry.field,
        "task": entry.task,
        "scenario": entry.scenario,
        "headers": {name.decode("latin-1"): header_text(name, value) for name, value in entry.headers},
        "request": json_or_text(entry.body),
        "answer": json_or_text(entry.answer),
    }
    if not entry.operation:
        shown["nearest"] = nearest(entry, known)
    return shown


def target(entry: Entry) -> str:
    """Path and query as they came."""
    return (entry.path + b"?" + entry.query if entry.query else entry.path).decode("latin-1")


def nearest(entry: Entry, known: Sequence[tuple[str, str]]) -> str:
    """The operation that a request that matched none may have meant: "POST /v1/images/…"."""
    path = entry.path.decode("latin-1")
    lines = [f"{method} {known_path}" for method, known_path in known]
    close = difflib.get_close_matches(f"{entry.method} {path}", lines, n=1, cutoff=0.0)
    return close[0] if close else ""


def header_text(name: bytes, value: bytes) -> str:
    text = value.decode("latin-1")
    if name not in SECRET_HEADERS:
        return text
    scheme, _, secret = text.partition(" ")
    return f"{scheme} {shortened_secret(secret)}" if secret else shortened_secret(scheme)


def shortened_secret(text: str) -> str:
    """A key as it may be shown: its first four characters, and not more than a third of it."""
    return text[: min(4, len(text) // 3)] + "…"


def json_or_text(body: bytes) -> Any:
    """A body as JSON with long texts shortened; as text when it is no JSON; None when there is none."""
    if not body:
        return None
    with contextlib.suppress(orjson.JSONDecodeError):
        if not too_deep(body):
            return shorten(orjson.loads(body))
    return shorten(body[:MAX_BODY].decode("utf-8", "replace"))


def shorten(value: Any) -> Any:
    """`value` with long texts cut: "iVBORw0K… (13333336 characters)"."""
    if isinstance(value, str) and len(value) > LONG_TEXT and " " not in value[:LONG_TEXT]:
        return f"{value[:32]}… ({len(value)} characters)"
    if isinstance(value, str) and len(value) > 20 * LONG_TEXT:
        return f"{value[:LONG_TEXT]}… ({len(value)} characters)"
    if isinstance(value, list):
        return [shorten(part) for part in value]
    if isinstance(value, dict):
        return {name: shorten(part) for name, part in value.items()}
    return value


def kept(body: bytes, request: Any) -> bytes:
    """What the journal keeps of a body: all of a small one, a shortened copy of a big one."""
    if len(body) <= MAX_BODY:
        return body
    if request is None:
        return body[:MAX_BODY]
    short = encode(shorten(request))
    return short if len(short) <= 4 * MAX_BODY else short[: 4 * MAX_BODY]
