"""What was said between a client and a provider: exchanges, read from a HAR 1.2 recording."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from specs.diff.api import media_type
from specs.errors import UnderstudyError

if TYPE_CHECKING:
    from pathlib import Path

MISSING: Any = object()
# Roles of `understudy verify --har` in which a create may be refused though its schema takes it.
DOUBTFUL = ("doubtful", "dated")


@dataclass(frozen=True, slots=True)
class Exchange:
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

    exchanges: list[Exchange] = field(default_factory=list)
    spent: Decimal = Decimal(0)
    tasks: int = 0
    notes: list[str] = field(default_factory=list)
    stopped: str = ""


def read_har(path: Path) -> list[Exchange]:
    """The exchanges of a HAR 1.2 file. Raises UnderstudyError when it is none."""
    try:
        return from_har(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UnderstudyError(f"cannot read: {error.strerror}", where=str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnderstudyError(
            f"is not a HAR file: {type(error).__name__} {error}", where=str(path), advice="HAR 1.2"
        ) from error


def from_har(data: dict[str, Any]) -> list[Exchange]:
    """The exchanges of a HAR 1.2 object; one that was never answered (status 0) is left out,
    and so is what `verify` sent to addresses where the API was not.

    Raises KeyError, TypeError, ValueError or AttributeError when it is none.
    """
    found = [_exchange(entry) for entry in data["log"]["entries"] if not _elsewhere(entry)]
    return [exchange for exchange in found if exchange.status != "0"]


def _elsewhere(entry: dict[str, Any]) -> bool:
    """Whether `verify` sent this while it looked for the API, and found it at another address."""
    label = entry.get("_understudy") or {}
    return label.get("family") == "" and (label.get("case") or {}).get("purpose") == "knock"


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    content = response.get("content") or {}
    text = content.get("text")
    if text is not None and content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            text = None
    return Exchange(
        str(request["method"]).upper(),
        urlsplit(request["url"]).path,
        str(response["status"]),
        media_type(content.get("mimeType") or ""),
        json_value(text),
        json_value((request.get("postData") or {}).get("text")),
        (entry.get("_understudy") or {}).get("role") in DOUBTFUL,
    )


def json_value(text: Any) -> Any:
    """The JSON value that a text is, or MISSING."""
    try:
        return json.loads(text) if isinstance(text, str | bytes) and text else MISSING
    except (ValueError, RecursionError):
        return MISSING
