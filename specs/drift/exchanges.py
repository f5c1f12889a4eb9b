"""What was said between a client and a provider: exchanges, read from a HAR 1.2 recording."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from understudy.specs.diff.api import media_type
from understudy.specs.har import HarEntry, HarLog, parse_har, read_har_log

if TYPE_CHECKING:
    from pathlib import Path

MISSING: Any = object()
# Roles of `understudy verify --har` in which a create may be refused though its schema takes it.
DOUBTFUL = ("doubtful", "dated")


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """A request with its answer; a body that is not JSON, or not there, is MISSING.

    `doubtful`: it may be refused though its schema takes it, as a picture that is too small may.
    """

    method: str
    path: str
    status: str
    media: str
    answer: Any
    asked: Any = MISSING
    doubtful: bool = False


@dataclass(slots=True)
class Asked:
    """What a live provider was asked. `spent` is in units, for `tasks` that were followed to their end.

    notes    what was not asked, and why
    stopped  why nothing more could be asked; "" when everything was
    """

    exchanges: list[RecordedExchange] = field(default_factory=list)
    spent: Decimal = Decimal(0)
    tasks: int = 0
    notes: list[str] = field(default_factory=list)
    stopped: str = ""


def read_har(path: Path) -> list[RecordedExchange]:
    """The exchanges of a HAR 1.2 file. Raises UnderstudyError when it is none."""
    return _exchanges(read_har_log(path))


def from_har(data: dict[str, Any]) -> list[RecordedExchange]:
    """The exchanges of a HAR 1.2 object; one that was never answered (status 0) is left out,
    and so is what `verify` sent to addresses where the API was not.

    Raises KeyError, TypeError, ValueError or AttributeError when it is none.
    """
    return _exchanges(parse_har(data))


def _exchanges(log: HarLog) -> list[RecordedExchange]:
    return [_exchange(entry) for entry in log.entries if entry.status and not _elsewhere(entry)]


def _elsewhere(entry: HarEntry) -> bool:
    """Whether `verify` sent this while it looked for the API, and found it at another address."""
    label = entry.label
    return label.get("family") == "" and (label.get("case") or {}).get("purpose") == "locate"


def _exchange(entry: HarEntry) -> RecordedExchange:
    return RecordedExchange(
        entry.method,
        urlsplit(entry.url).path,
        str(entry.status),
        media_type(entry.response.media_type),
        json_value(entry.response.data),
        json_value(entry.request.data),
        entry.label.get("role") in DOUBTFUL,
    )


def json_value(text: Any) -> Any:
    """The JSON value that a text is, or MISSING."""
    try:
        return json.loads(text) if isinstance(text, str | bytes) and text else MISSING
    except (ValueError, RecursionError):
        return MISSING
