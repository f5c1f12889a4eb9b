"""Signatures of callbacks: Standard Webhooks (standard-webhooks 1.0, "Signature scheme").

The signature is HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{raw body}`, keyed with the Base64 after
`whsec_`, written `v1,<base64>`; while a secret is being changed, both are sent with a space between.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from understudy.mockserver.errors import MockError

PREFIX = "whsec_"


def read_secret(text: str) -> bytes:
    """The key in `whsec_<base64>`; raises MockError when it is none."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(PREFIX) or not key:
        advice = "a new one: echo whsec_$(openssl rand -base64 24)"
        raise MockError("a webhook secret must be whsec_ and Base64", where="--webhook-secret", advice=advice)
    return key


def signature(keys: list[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature` for one or more keys; `timestamp` is in seconds."""
    signed = b"%s.%d.%s" % (webhook_id.encode(), timestamp, body)
    macs = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join("v1," + base64.b64encode(mac).decode() for mac in macs)
