"""One exchange as it passed the recorder: raw, and unpacked as far as it can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.contracts.record.codings import unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence

RawHeaders = tuple[tuple[bytes, bytes], ...]
HIGH = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class PassedBody:
    """A body as it passed: `raw` are its bytes, all of them or the first ones of `size`.

    data     the bytes unpacked;  packed: the content codings that are still on them, "" for none
    """

    raw: bytes = b""
    size: int = 0
    data: bytes = b""
    packed: str = ""

    @property
    def cut(self) -> int | None:
        """How many bytes there were, when not all were kept."""
        return self.size if self.size > len(self.raw) else None


NO_BODY = PassedBody()


def passed_body(raw: bytes, size: int, headers: RawHeaders) -> PassedBody:
    """A body of `size` bytes of which `raw` was kept, sent with these headers."""
    codings = ", ".join(text(value) for name, value in headers if name.lower() == b"content-encoding")
    if size > len(raw):
        return PassedBody(raw, size, raw, codings)
    data, packed = unpacked(raw, codings)
    return PassedBody(raw, size, data, packed)


@dataclass(frozen=True, slots=True)
class Passed:
    """One exchange. Times in milliseconds since 1970; `status` 0 and a `problem`: no answer came, or none
    that ended: then `status` is what it began with.
    """

    method: str
    url: str
    request_headers: RawHeaders
    request_body: PassedBody
    started: float
    ended: float
    status: int = 0
    answer_headers: RawHeaders = ()
    answer_body: PassedBody = field(default=NO_BODY)
    problem: str = ""


def text(value: bytes) -> str:
    """A header's bytes as text that can be read: UTF-8, or GBK where high bytes come in pairs, or Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if all(len(run) % 2 == 0 for run in HIGH.findall(value)):
        try:
            return value.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return value.decode("latin-1")


def readable(headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Headers as text, in their order and spelling."""
    return tuple((name.decode("latin-1"), text(value)) for name, value in headers)
