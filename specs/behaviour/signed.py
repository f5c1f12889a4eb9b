"""Whether a callback is signed as its API signs: HMAC over a text with places, in a header with places."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from understudy.specs.behaviour.template_reading import text_pattern
from understudy.specs.behaviour.templates import PLACE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from understudy.specs.behaviour.axes import SignatureRule

STANDARD = "standard-webhooks"
HMAC = "hmac"
# Signed with a private key; the public ones are published as a JWKS (RFC 7517, RFC 8037).
ED25519, STANDARD_ED25519 = "ed25519", "standard-webhooks-ed25519"
PUBLIC = frozenset({ED25519, STANDARD_ED25519})


def wrong_hmac(rule: SignatureRule, header: Callable[[str], str], body: bytes, secrets: Iterable[str]) -> str:
    """What is wrong with a callback that `rule` has signed by HMAC-SHA256, "" when any secret fits.

    `header` gives a header of the callback by its name, "" for one that is absent.
    """
    problem, values = _values(rule, header, body)
    if problem:
        return problem
    signed = _filled(rule.over, values, body)
    for secret in secrets:
        made = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
        told = made.hex() if rule.encoding == "hex" else base64.b64encode(made).decode()
        if hmac.compare_digest(told.encode(), values.get("signature", "").encode()):
            return ""
    return f"{rule.header} fits no secret"


def untold(rule: SignatureRule) -> list[str]:
    """What is signed and stands in no header, so that no receiver can check the signature."""
    told = {name for text in (rule.value, *rule.headers.values()) for name in PLACE.findall(text)}
    return [name for name in PLACE.findall(rule.over) if name not in told | {"body", "sha256"}]


def _values(rule: SignatureRule, header: Callable[[str], str], body: bytes) -> tuple[str, dict[str, str]]:
    """What keeps a callback's headers from being read, "" for nothing; and what stands in their places."""
    given = header(rule.header)
    found = text_pattern(rule.value).fullmatch(given) if given else None
    if found is None:
        return f"{rule.header} is {given[:60]!r}, not {rule.value}" if given else f"no {rule.header}", {}
    values = dict(zip(PLACE.findall(rule.value), found.groups(), strict=True))
    for name, text in rule.headers.items():
        other = text_pattern(text).fullmatch(header(name)) if PLACE.search(text) else None
        values |= dict(zip(PLACE.findall(text), other.groups(), strict=True)) if other else {}
    return "", values | {"sha256": hashlib.sha256(body).hexdigest()}


def wrong_ed25519(rule: SignatureRule, header: Callable[[str], str], body: bytes, keys: list[bytes]) -> str:
    """What is wrong with a callback that `rule` has signed by Ed25519 (RFC 8032), "" when any key fits.

    `keys`: raw public keys of 32 bytes. Standard Webhooks write such signatures `v1a,<Base64>`.
    """
    if rule.scheme == STANDARD_ED25519:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        missing = next((name for name in names if not header(name)), "")
        if missing:
            return f"no {missing}"
        signed = f"{header(names[0])}.{header(names[1])}.".encode() + body
        offered = [one.removeprefix("v1a,") for one in header(names[2]).split() if one.startswith("v1a,")]
        return (
            ""
            if any(_fits(key, signed, _base64(one)) for key in keys for one in offered)
            else ("webhook-signature fits no key")
        )
    problem, values = _values(rule, header, body)
    if problem:
        return problem
    told = values.get("signature", "")
    raw = _hex(told) if rule.encoding == "hex" else _base64(told)
    signed = _filled(rule.over, values, body)
    return "" if any(_fits(key, signed, raw) for key in keys) else f"{rule.header} fits no key"


def public_keys(jwks: object) -> list[bytes]:
    """The raw Ed25519 keys of a JWKS; [] when there is none in it.

    >>> public_keys({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AQID"}]})
    [b'\\x01\\x02\\x03']
    """
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    found = [k for k in keys if isinstance(k, dict)] if isinstance(keys, list) else []
    own = [k.get("x") for k in found if k.get("kty") == "OKP" and k.get("crv") == "Ed25519"]
    return [_base64(x.replace("-", "+").replace("_", "/")) for x in own if isinstance(x, str)]


def _fits(key: bytes, signed: bytes, told: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # here: few vendors sign so
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(told, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _base64(text: str) -> bytes:
    """The bytes of a Base64 text, with or without its padding; b"" for one that is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _filled(text: str, values: dict[str, str], body: bytes) -> bytes:
    """The signed text as bytes; the body as it came, to the byte."""
    parts = re.split(r"(\$\{body\})", text)
    return b"".join(
        body if part == "${body}" else PLACE.sub(lambda place: values.get(place[1], ""), part).encode()
        for part in parts
    )
