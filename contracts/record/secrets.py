"""Blotting out what must not be kept: keys, cookies, signatures, in headers, URLs and JSON bodies."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

BLOT = "[blotted out]"
HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "api-key",
        "x-auth-token",
        "webhook-signature",
    }
)
# Names of parameters and members that hold a secret. A signed link is one: it opens the result to anybody.
SECRET_NAME = re.compile(
    r"^(.*[-_])?(api[-_]?key|access[-_]?key|secret([-_]?key)?|token|access[-_]?token|password|passwd|"
    r"signature|sig|credential|security[-_]?token|auth|authorization)$",
    re.IGNORECASE,
)
BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
LINK = re.compile(r"^https?://\S+\?\S+$")
URL_NAMES = re.compile(r"^key$|^ak$|^sk$", re.IGNORECASE)


def blot_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Headers with the values of secret ones blotted out."""
    return tuple((name, BLOT if _secret_header(name) else BEARER.sub(BLOT, value)) for name, value in headers)


def as_json(value: Any) -> bytes:
    """`value` as JSON in UTF-8; in ASCII where a lone surrogate stands in it, which UTF-8 cannot say."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def blot_url(url: str) -> str:
    """A URL without userinfo and with the values of secret parameters blotted out; all else as it was.

    What looks like a URL and cannot be read as one is blotted out whole.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return BLOT
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(_blot_pair(pair) for pair in parts.query.split("&")) if parts.query else ""
    return urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))


def blot_body(body: bytes) -> bytes:
    """A JSON body with secret members and signed links blotted out; other bodies with bearer tokens cut."""
    if not body:
        return body
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        try:
            return BEARER.sub(BLOT, body.decode()).encode()
        except UnicodeDecodeError:
            return body
    clean = blot(value)
    # What holds no secret is kept as it came, to the last space.
    return body if clean == value else as_json(clean)


def blot(value: Any) -> Any:
    """A JSON value with secrets blotted out."""
    if isinstance(value, dict):
        return {
            name: BLOT if part and isinstance(part, str) and SECRET_NAME.match(name) else blot(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [blot(part) for part in value]
    if isinstance(value, str):
        return blot_url(value) if LINK.match(value) else BEARER.sub(BLOT, value)
    return value


def _secret_header(name: str) -> bool:
    return name.lower() in HEADERS or bool(SECRET_NAME.match(name))


def _blot_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    secret = SECRET_NAME.match(name) or URL_NAMES.match(name)
    return f"{name}={BLOT.replace(' ', '%20')}" if equals and value and secret else pair
