"""Every request and answer with its verdict, for a test to ask about afterwards. Memory is bounded.

Writing an entry costs one append: bodies are kept as they came (shortened when big) and read when asked for.
An account's journal is bounded by entries; those of all accounts, together with their logs of callbacks, by
bytes: then the oldest entries go, whoever's they are (`understudy.mockserver.accounts.logs`).
"""

from __future__ import annotations

import contextlib
import difflib
import re
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from understudy.mockserver.accounts.logs import EntryLog
from understudy.mockserver.errors import MockError
from understudy.mockserver.jsontext import encode, too_deep
from understudy.specs.pointers import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence

    from understudy.mockserver.accounts.logs import ByteBudget

MAX_BODY = 16_384
LONG_TEXT = 200
# Of a path that is compared with those that exist, so many bytes; and how alike two must be, from 0 to 1.
MOST_COMPARED = 200
LIKE = 0.5
# By which texts that are not shown can still be told apart: nobody can try what they may have been.
FINGERPRINTS = secrets.token_bytes(16)
# A user and a password in an address.
USER = re.compile(r"(?<=://)[^/\s@]*@")
FILTERS = ("operation", "verdict", "task", "field", "family", "method", "status")


# What an entry weighs beside its texts, and a header beside its own, in bytes.
ENTRY = 500
HEADER = 150


def size_of_head(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The size of a request's headers, in bytes."""
    return sum(len(name) + len(value) + HEADER for name, value in headers)


class Noted(Protocol):
    """What an entry is made of: a request (ASGI's `scope`), and what was found out about it."""

    scope: MutableMapping[str, Any]
    operation: str
    family: str
    field: str
    task: str
    text: str
    body: bytes


class Entry(NamedTuple):
    """One request and its answer. `at` is the account's time in milliseconds, `verdict` "accepted" or a
    situation.

    `operation` is create, query, list, result or "" for what matched nothing. `scenario` is the text of all
    that were chosen. `body` and `answer` are bytes. `number` and `size` (bytes) are the log's.
    """

    number: int
    size: int
    at: int
    method: str
    path: bytes
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    operation: str
    family: str
    field: str
    task: str
    scenario: str
    status: int
    verdict: str
    body: bytes
    answer: bytes


# Every request makes an entry: twice as fast by the tuple's own constructor as by the record's.
_made: Callable[[type[Entry], tuple[Any, ...]], Entry] = tuple.__new__


def entry_of(number: int, at: int, noted: Noted, status: int, verdict: str, answer: bytes) -> Entry:
    """The entry of a request that is answered now."""
    scope = noted.scope
    headers = scope["headers"]
    head = scope["understudy.head"] if "understudy.head" in scope else size_of_head(headers)
    body = noted.body
    return _made(
        Entry,
        (
            number,
            ENTRY + head + len(body) + len(answer),
            at,
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            headers,
            noted.operation,
            noted.family,
            noted.field,
            noted.task,
            noted.text,
            status,
            verdict,
            body,
            answer,
        ),
    )


class Journal(EntryLog[Entry]):
    """The last requests of one account."""

    __slots__ = ()


class ObservedJournal(Journal):
    """A journal that also passes each entry to observers: metrics and the request log."""

    __slots__ = ("_observers",)

    def __init__(self, most: int, budget: ByteBudget, observers: Sequence[Callable[[Entry], None]]) -> None:
        super().__init__(most, budget)
        self._observers = observers

    def add(self, entry: Entry) -> None:
        super().add(entry)
        for observer in self._observers:
            observer(entry)


def check_filters(filters: dict[str, str]) -> None:
    """Raise MockError for a filter that is not known."""
    if unknown := sorted(filters.keys() - set(FILTERS)):
        raise MockError(f"unknown journal filter {unknown[0]!r}", advice=f"known: {', '.join(FILTERS)}")


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


def show(entry: Entry, known: Sequence[tuple[str, str]], notes: Sequence[str] = ()) -> dict[str, Any]:
    """An entry as JSON: secrets and long texts shortened, and in `cut` told apart where any are. `known` are
    the (method, path) that exist, `notes` what else is to be said of it; without any it has no `notes`."""
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
    if cut := fingerprints(entry.body, shown["request"]):
        shown["cut"] = cut
    if notes:
        shown["notes"] = list(notes)
    if not entry.operation:
        shown["nearest"] = nearest(entry.method, entry.path, known)
    return shown


def target(entry: Entry) -> str:
    """Path and query as they came, without the keys in them."""
    whole = (entry.path + b"?" + entry.query if entry.query else entry.path).decode("latin-1")
    # Here: its patterns take 1 ms to compile, and entries are shown to few.
    from understudy.specs.secrets import blot_url

    return blot_url(whole) if entry.query else whole


def nearest(method: str, path: bytes, known: Sequence[tuple[str, str]]) -> str:
    """The operation that a request that matched none may have meant: "POST /v1/images/…"; "" for no idea."""
    text = path[:MOST_COMPARED].decode("latin-1")
    lines = [f"{one} {known_path}" for one, known_path in known]
    close = difflib.get_close_matches(f"{method} {text}", lines, n=1, cutoff=LIKE)
    return close[0] if close else ""


def header_text(name: bytes, value: bytes) -> str:
    text = value.decode("latin-1")
    from understudy.specs.secrets import is_secret_header  # here, as above

    if not is_secret_header(name.decode("latin-1")):
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
    from understudy.specs.secrets import blot_body  # here, as in `target`

    return shorten(blot_body(body[:MAX_BODY]).decode("utf-8", "replace"))


def shorten(value: Any) -> Any:
    """`value` with long texts cut ("iVBORw0K… (13333336 characters)"), and secrets blotted out."""
    from understudy.specs.secrets import BLOT, is_secret_name  # here, as in `target`

    if isinstance(value, str) and "://" in value:
        value = without_secrets(value)
    if isinstance(value, str) and len(value) > LONG_TEXT and " " not in value[:LONG_TEXT]:
        return f"{value[:32]}… ({len(value)} characters)"
    if isinstance(value, str) and len(value) > 20 * LONG_TEXT:
        return f"{value[:LONG_TEXT]}… ({len(value)} characters)"
    if isinstance(value, list):
        return [shorten(part) for part in value]
    if isinstance(value, dict):
        return {
            name: BLOT if part and isinstance(part, str) and is_secret_name(name) else shorten(part)
            for name, part in value.items()
        }
    return value


def fingerprints(body: bytes, shown: Any) -> dict[str, str]:
    """JSON Pointer -> fingerprint of each text in `body` that is not shown as it came; {} for none.

    In one process equal texts have equal fingerprints, other ones others; what the text was they do not tell.
    A body that is kept shortened has none.
    """
    with contextlib.suppress(orjson.JSONDecodeError):
        if isinstance(shown, dict | list) and not too_deep(body):
            return dict(_cut_in(orjson.loads(body), shown, ""))
    return {}


def _cut_in(whole: Any, shown: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(whole, dict):
        for name, part in whole.items():
            yield from _cut_in(part, shown[name], f"{pointer}/{escape(name)}")
    elif isinstance(whole, list):
        for n, part in enumerate(whole):
            yield from _cut_in(part, shown[n], f"{pointer}/{n}")
    elif isinstance(whole, str) and whole != shown:
        text = whole.encode("utf-8", "surrogatepass")
        yield pointer, blake2b(text, key=FINGERPRINTS, digest_size=6).hexdigest()


def without_secrets(text: str) -> str:
    """`text` with users, passwords and keys in its addresses blotted out: "http://…@host/hook"."""
    from understudy.specs.secrets import ADDRESS, blot_url  # here, as in `target`

    def shown(found: re.Match[str]) -> str:
        scheme, _, rest = blot_url(found[0]).partition("://")
        return f"{scheme}://{'…@' if USER.search(found[0]) else ''}{rest}"

    return ADDRESS.sub(shown, text)


def kept(body: bytes, request: Any) -> bytes:
    """What the journal keeps of a body: all of a small one, a shortened copy of a big one."""
    if len(body) <= MAX_BODY:
        return body
    if request is None:
        return body[:MAX_BODY]
    short = encode(shorten(request))
    return short if len(short) <= 4 * MAX_BODY else short[: 4 * MAX_BODY]
