"""Where a callback goes: a URL taken apart once, into what a connection and a request need."""

from __future__ import annotations

import base64
import functools
import re
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlsplit

PORTS = {"http": 80, "https": 443}
LABEL = r"[A-Za-z0-9_~\-]{1,63}"  # what is longer or empty makes getaddrinfo raise UnicodeError
HOST = re.compile(rf"{LABEL}(\.{LABEL})*\.?|(?=[^:]*:)[0-9A-Fa-f:.]{{2,64}}(%[A-Za-z0-9._~\-]{{1,32}})?")
SAFE = "/:@!$&'()*+,;=%~-._[]"
# Longer addresses are read anew each time: what is remembered stays below two megabytes.
MOST_REMEMBERED = 300


class RequestTarget(NamedTuple):
    """Where a callback goes: `head` are its request line and the headers that belong to the address."""

    scheme: str
    host: str
    port: int
    head: bytes


def read_target(url: str) -> RequestTarget | None:
    """The target of an http or https URL, None for any other text."""
    return _read_target(url) if len(url) > MOST_REMEMBERED else _remembered(url)


def _read_target(url: str) -> RequestTarget | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return None
    if parts.scheme not in PORTS or not HOST.fullmatch(host) or port == 0:
        return None
    path = quote(parts.path or "/", safe=SAFE) + (
        f"?{quote(parts.query, safe=SAFE + '?')}" if parts.query else ""
    )
    name = f"[{host.partition('%')[0]}]" if ":" in host else host
    lines = [f"POST {path} HTTP/1.1", f"Host: {name}" if port is None else f"Host: {name}:{port}"]
    if parts.username is not None:
        pair = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
        lines.append(f"Authorization: Basic {base64.b64encode(pair).decode()}")
    return RequestTarget(parts.scheme, host, port or PORTS[parts.scheme], "\r\n".join([*lines, ""]).encode())


_remembered = functools.lru_cache(maxsize=1024)(_read_target)
