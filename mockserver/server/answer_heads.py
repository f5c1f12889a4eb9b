"""The beginnings of JSON answers as bytes, from the status line to the length of the body."""

from __future__ import annotations

import http

from understudy.mockserver.wire import JSON_TYPE


class AnswerHeads:
    """The beginnings of JSON answers, kept for as long as uvicorn's own headers (the date) stay the same."""

    __slots__ = ("_defaults", "_heads")

    def __init__(self) -> None:
        self._defaults: list[tuple[bytes, bytes]] = []
        self._heads: dict[int, bytes] = {}

    def of(self, status: int, defaults: list[tuple[bytes, bytes]]) -> bytes:
        """Everything before the number of the body's bytes."""
        if defaults is not self._defaults:
            self._defaults = defaults
            self._heads.clear()
        head = self._heads.get(status)
        if head is None:
            line = b"HTTP/1.1 %d %s\r\n" % (status, http.HTTPStatus(status).phrase.encode())
            fields = b"".join(b"%s: %s\r\n" % field for field in (*defaults, JSON_TYPE))
            head = self._heads[status] = line + fields + b"content-length: "
        return head


ANSWER_HEADS = AnswerHeads()
