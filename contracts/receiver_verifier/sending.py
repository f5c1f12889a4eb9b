"""One callback sent to a receiver, and what came back."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from understudy.contracts.problems import SYSTEM
from understudy.contracts.user_check import answer_to_check
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class SentCallback:
    """What a receiver did: the HTTP status that it answered, None for none and then why, after so many ms."""

    status: int | None
    ms: int
    problem: str = ""
    body: bytes = b""

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        return self.status is not None and 400 <= self.status < 500

    def __str__(self) -> str:
        return f"{self.status if self.status is not None else self.problem} after {self.ms} ms"


def check_receiver_url(url: str) -> str:
    """The URL; raises UnderstudyError when it is none of http."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnderstudyError(
            f"{url!r} is no URL", where="URL", advice="the receiver's: http://127.0.0.1:3000/hook"
        )
    return url


def send(url: str, raw: bytes, headers: Mapping[str, str], seconds: float) -> SentCallback:
    """POST a callback; the receiver has `seconds` to answer."""
    request = urllib.request.Request(url, data=raw, method="POST")  # noqa: S310 - checked to be http
    for name, value in headers.items():
        request.add_header(name, value)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    began = time.monotonic()

    def took() -> int:
        return round((time.monotonic() - began) * 1000)

    try:
        with opener.open(request, timeout=seconds) as answer:
            said = answer.read(MOST_ANSWER)
            return SentCallback(answer.status, took(), body=said)
    except urllib.error.HTTPError as error:
        with error:
            return SentCallback(error.code, took())
    except TimeoutError:
        return SentCallback(None, took(), f"no answer within {seconds:g} s")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        known = SYSTEM.get(getattr(reason, "errno", 0) or 0, reason)
        late = isinstance(reason, TimeoutError)
        return SentCallback(
            None, took(), f"no answer within {seconds:g} s" if late else f"no answer: {known}"
        )


def counted(check: str, task: str) -> int:
    """How often the end of a task was acted on, as `check` says: a URL to GET, or a command; {task} in it is
    replaced by the task's id. Raises UnderstudyError when that is no number.
    """
    text = answer_to_check(check, {"task": task}, where="--check")
    try:
        return int(text.strip())
    except ValueError:
        raise UnderstudyError(
            f"is no number: {text.strip()[:80]!r}",
            where="--check",
            advice="it says how often the end of {task} was acted on: 0, 1, 2…",
        ) from None
