"""Structured logs on request: one line of JSON on standard error for each request and each warning.

Keys are never logged: an account is named by the first characters of its key, as the journal shows it.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.accounts.journal import header_text, target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from understudy.mockserver.accounts.journal import Entry

AUTHORIZATION = b"authorization"


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def write_line(fields: Mapping[str, Any]) -> None:
    sys.stderr.write(orjson.dumps(fields).decode() + "\n")
    sys.stderr.flush()


class RequestLog:
    """Writes a line for each request. `real_seconds` is the wall clock."""

    def __init__(
        self, real_seconds: Callable[[], float], write: Callable[[Mapping[str, Any]], None] = write_line
    ) -> None:
        self._real_seconds = real_seconds
        self._write = write

    def __call__(self, entry: Entry) -> None:
        key = next((value for name, value in entry.headers if name == AUTHORIZATION), b"")
        fields = {
            "time": stamp(self._real_seconds()),
            "level": "info",
            "event": "request",
            "method": entry.method,
            "target": target(entry),
            "status": entry.status,
            "operation": entry.operation,
            "family": entry.family,
            "verdict": entry.verdict,
            "field": entry.field,
            "task": entry.task,
            "scenario": entry.scenario,
            "account": header_text(AUTHORIZATION, key) if key else "",
        }
        self._write({name: value for name, value in fields.items() if value != ""})


class JsonFormatter(logging.Formatter):
    """Log records as lines of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": stamp(record.created),
            "level": record.levelname.lower(),
            "event": "log",
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(fields).decode()


def log_as_json() -> None:
    """Have warnings written as JSON, by every logger of this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
