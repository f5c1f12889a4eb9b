"""A receiver for callbacks inside the mock, so that nobody needs one of their own to see them."""

from __future__ import annotations

import hashlib
import itertools
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.mockserver.accounts.journal import json_or_text

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_KEPT = 200
MOST_BODY = 65_536
ANSWERS = (200, 204, 302, 400, 404, 410, 429, 500, 503)


@dataclass(frozen=True, slots=True)
class Received:
    """One callback as it came in, for one account's `box`.

    `at` is the wall's time in milliseconds, `answered` the status that it was answered with.
    """

    number: int
    box: str
    at: int
    headers: tuple[tuple[str, str], ...]
    query: str
    body: bytes
    answered: int

    def show(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "at": self.at,
            "headers": dict(self.headers),
            "query": self.query,
            "body": json_or_text(self.body),
            "answered": self.answered,
        }


def box_of(key: str) -> str:
    """The box of an account, which stands in an address: nobody reads a key out of it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Inbox:
    """The last callbacks that came in. `answer` is the status that the next ones are answered with."""

    def __init__(self) -> None:
        self.answer = 200
        self._numbers = itertools.count(1)
        self._kept: deque[Received] = deque(maxlen=MOST_KEPT)

    def take(self, box: str, at: int, headers: Iterable[tuple[str, str]], query: str, body: bytes) -> int:
        """Keep a callback; gives the status to answer."""
        one = Received(next(self._numbers), box, at, tuple(headers), query, body, self.answer)
        self._kept.append(one)
        return self.answer

    def after(self, number: int, box: str | None = None) -> list[Received]:
        """Those with a higher number, oldest first: of one box, or of all."""
        return [one for one in self._kept if one.number > number and box in (None, one.box)]

    def clear(self) -> None:
        self._kept.clear()
