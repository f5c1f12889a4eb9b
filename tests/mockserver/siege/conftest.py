"""The siege: raw sockets against a real server, and a watch over what it logs."""

from __future__ import annotations

import json
import logging
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from tests.mocks import mock_account

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.contracts.handle import Account

LONG = os.environ.get("UNDERSTUDY_LONG") == "1"
KEY = "besieger"
IMAGE = "/v1/images/multi-image2image"
BODY = b'{"subject_image_list":[{"subject_image":"https://pictures.example/cat.png"}]}'


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def told(self) -> tuple[int, int]:
        """(HTTP status, code of the envelope)."""
        return self.status, self.json["code"]


class Wire:
    """One TCP connection: bytes in, answers out. Times out after `seconds` without a byte."""

    def __init__(self, mock: Account, seconds: float = 10) -> None:
        place = urlsplit(mock.url)
        self.socket = socket.create_connection((place.hostname, place.port), seconds)
        self.rest = b""

    def send(self, *parts: bytes) -> Wire:
        self.socket.sendall(b"".join(parts))
        return self

    def more(self) -> bool:
        """Wait for more bytes; False at the connection's end."""
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        self.rest += data
        return bool(data)

    def answer(self, method: str = "GET") -> Answer:
        """The next answer; fails when the connection ends before it."""
        while b"\r\n\r\n" not in self.rest:
            assert self.more(), self.rest
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        size = 0 if method == "HEAD" or first.split()[1] == "100" else int(headers["content-length"])
        while len(self.rest) < size:
            assert self.more(), self.rest
        raw, self.rest = self.rest[:size], self.rest[size:]
        return Answer(int(first.split()[1]), headers, raw)

    def ended(self) -> bool:
        """Whether the connection ends, and nothing more comes before."""
        while self.more():
            pass
        return not self.rest

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def head(method: str = "POST", path: str = IMAGE, *lines: str, key: str = KEY) -> bytes:
    """A request's head, without the empty line's blessing of a body unless `lines` declare one."""
    said = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {key}", *lines, "", ""]
    return "\r\n".join(said).encode("latin-1")


def post(body: bytes, path: str = IMAGE, *lines: str, key: str = KEY) -> bytes:
    return head("POST", path, f"Content-Length: {len(body)}", *lines, key=key) + body


class Listener(logging.Handler):
    """Keeps what servers log as wrong."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "no callback is sent to" in record.msg:
            return  # told on purpose: it is no mistake of the server
        self.records.append(logging.Formatter().format(record))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[Listener]:
    """No server in this process may log a mistake: no unhandled exception, no lost task."""
    listener = Listener()
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "asyncio", "understudy")]
    for logger in loggers:
        logger.addHandler(listener)
    yield listener
    for logger in loggers:
        logger.removeHandler(listener)
    assert not listener.records, listener.records


@pytest.fixture(scope="session")
def fort() -> Iterator[Account]:
    """A server for all attacks; impatient, so that deadlines can be tried: 1 s for heads and for bodies."""
    with mock_account(head_seconds=1.0, body_seconds=1.0, journal=200) as mock:
        yield mock
