"""Blotting out what must not be kept: keys, cookies, signatures, in headers, URLs and bodies.

The one place that decides what a secret is, for recordings, HAR files and the mock's journal. A secret is
known by the name of what holds it, in any spelling (`api_key`, `clientSecret`, `X-Subscription-Key`), by
where it stands (`user:password@` in an address), or by its form (`Bearer …`). All else is kept as it came.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote, unquote_plus

BLOT = "[blotted out]"
IN_URL = BLOT.replace(" ", "%20")
HEADERS = frozenset({"cookie", "set-cookie"})
# The last word of a name that holds a secret; `key` needs one of the words of KEYS before it.
SECRETS = frozenset(
    [
        "auth",
        "authorization",
        "credential",
        "credentials",
        "passphrase",
        "passwd",
        "password",
        "pwd",
        "secret",
        "sig",
        "sign",
        "signature",
        "token",
        "apikey",
        "accesskey",
        "secretkey",
        "authtoken",
        "accesstoken",
    ]
)
KEYS = frozenset(
    [
        "access",
        "account",
        "admin",
        "api",
        "app",
        "auth",
        "client",
        "encryption",
        "hmac",
        "master",
        "private",
        "secret",
        "service",
        "session",
        "shared",
        "sign",
        "signing",
        "subscription",
        "webhook",
    ]
)
# A token that says where a list goes on opens nothing.
PAGES = frozenset(["continuation", "cursor", "next", "page", "sync"])
# Alone in a query, short words are keys, too.
ALONE_IN_URL = frozenset({"key", "ak", "sk"})
MOST_NAME = 80
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# A key that is not there, but the variable that holds it.
VARIABLE = re.compile(r"(?:Bearer )?\$[A-Z][A-Z0-9_]*")
BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s\"'<>\\]+")
USER = re.compile(r"(?<=://)[^/?#\s]*@")
# A form, a part of a multipart form, and a member of JSON that is cut off or one of several documents.
FORM = re.compile(r"[^\s=&{}\"<>]+=[^\s&]*(?:&[^\s=&]+=[^\s&]*)*")
PART = re.compile(r'(\bname="([^"\r\n]{1,80})"[^\r\n]{0,400}\r\n(?:[^\r\n]{1,400}\r\n){0,8}\r\n)([^\r\n]+)')
MEMBER = re.compile(r'("([^"\\\r\n]{1,80})"\s{0,8}:\s{0,8}")((?:[^"\\]|\\.)+)("?)')


def is_secret_name(name: str) -> bool:
    """Whether what is called so holds a secret: "client_secret", "authToken", "X-Amz-Signature"."""
    words = [word.lower() for word in WORD.findall(name[:MOST_NAME])]
    if not words or len(name) > MOST_NAME:
        return False
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last == "key":
        return before in KEYS
    return last in SECRETS and not (last == "token" and not PAGES.isdisjoint(words))


def is_secret_header(name: str) -> bool:
    """Whether a header's value is a key, a cookie or a signature."""
    return name.lower() in HEADERS or is_secret_name(name)


def blot_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Headers with the values of secret ones blotted out."""
    return tuple((name, _blot_header(name, value)) for name, value in headers)


def _blot_header(name: str, value: str) -> str:
    if is_secret_header(name):
        return value if VARIABLE.fullmatch(value) else BLOT
    return blot_text(value)


def as_json(value: Any) -> bytes:
    """`value` as JSON in UTF-8; in ASCII where a lone surrogate stands in it, which UTF-8 cannot say."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def blot_url(url: str) -> str:
    """A URL without userinfo, and with secrets of its query and fragment blotted out; all else stays."""
    head, hash_sign, fragment = USER.sub("", url).partition("#")
    path, question, query = head.partition("?")
    if question:
        path += question + _blot_pairs(query, ALONE_IN_URL)
    return path + hash_sign + (_blot_pairs(fragment) if "=" in fragment else fragment)


def blot_text(text: str) -> str:
    """A text with bearer tokens, and the secrets of the addresses in it, blotted out."""
    if "://" in text:
        text = ADDRESS.sub(lambda found: blot_url(found[0]), text)
    return BEARER.sub(BLOT, text)


def blot_body(body: bytes) -> bytes:
    """A body of JSON, of a form, or of text, with its secrets blotted out; bytes that are no text stay."""
    if not body:
        return body
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return _blot_other(body)
    clean = blot(value)
    # What holds no secret is kept as it came, to the last space.
    return body if clean == value else as_json(clean)


def _blot_other(body: bytes) -> bytes:
    """Forms, parts of forms, and text with JSON in it: event streams, lines, what was cut off."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        # A form with a file in it: every byte is one character of Latin-1.
        return PART.sub(_blot_part, body.decode("latin-1")).encode("latin-1") if b"name=" in body else body
    if FORM.fullmatch(text):
        return _blot_pairs(text).encode()
    text = PART.sub(_blot_part, text) if 'name="' in text else text
    return blot_text(MEMBER.sub(_blot_member, text)).encode()


def blot(value: Any) -> Any:
    """A JSON value with secrets blotted out."""
    if isinstance(value, dict):
        return {
            name: BLOT if part and isinstance(part, str) and is_secret_name(name) else blot(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [blot(part) for part in value]
    return blot_text(value) if isinstance(value, str) else value


def _blot_pairs(pairs: str, alone: frozenset[str] = frozenset()) -> str:
    """`a=1&api_key=…` with secret values blotted out; `alone` are further names that hold one."""

    def clean(pair: str) -> str:
        name, equals, value = pair.partition("=")
        plain = unquote_plus(name)
        if value and (plain.lower() in alone or is_secret_name(plain)):
            return f"{name}{equals}{IN_URL}"
        # A parameter may be an address itself, with secrets of its own.
        inner = unquote(value) if "%3a%2f%2f" in value.lower() else ""
        return f"{name}{equals}{IN_URL}" if inner and blot_url(inner) != inner else pair

    return "&".join(map(clean, pairs.split("&")))


def _blot_part(found: re.Match[str]) -> str:
    return found[1] + (BLOT if is_secret_name(found[2]) else found[3])


def _blot_member(found: re.Match[str]) -> str:
    return found[1] + (BLOT if is_secret_name(found[2]) else found[3]) + found[4]
