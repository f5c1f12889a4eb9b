"""Signatures of callbacks as a described API signs: Standard Webhooks v1 and v1a, HMAC, Ed25519 with a JWKS.

Standard Webhooks: standard-webhooks 1.0, "Signature scheme". JWKS: RFC 7517 and RFC 8037 (OKP, Ed25519).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from understudy.mockserver.callbacks.signing import PREFIX, signature
from understudy.specs.behaviour.templates import PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.behaviour.axes import SignatureRule

# The account of callbacks, where a vendor names one.
USER = "understudy"
KEY_ID = "understudy-1"


def usual_secret(profile: str) -> str:
    """The default webhook secret of a profile: the same in every run, and not confidential."""
    return PREFIX + base64.b64encode(hashlib.sha256(f"understudy {profile}".encode()).digest()[:24]).decode()


class CallbackSigner:
    """Signs the callbacks of one profile. `secrets` are keys as bytes, the texts of which clients know.

    >>> rule = SignatureRule("hmac", over="${body}", header="X-Signature", value="sha256=${signature}")
    >>> CallbackSigner(rule, "acme", []).headers("7", 1, b"{}", secret="s")["X-Signature"][:9]
    'sha256=61'
    """

    def __init__(self, rule: SignatureRule, profile: str, secrets: list[bytes]) -> None:
        self.rule = rule
        self._usual = usual_secret(profile)
        self._secrets = secrets or [base64.b64decode(self._usual.removeprefix(PREFIX))]
        self._seed = hashlib.sha256(f"understudy ed25519 {profile}".encode()).digest()

    @property
    def secret(self) -> str:
        """The account's secret as the vendor returns it: whsec_ and Base64."""
        return PREFIX + base64.b64encode(self._secrets[0]).decode()

    def headers(self, ident: str, stamp: int, body: bytes, secret: str = "") -> dict[str, str]:
        """The headers of one callback; `stamp` is in seconds, `secret` what the create named, if it did."""
        scheme = self.rule.scheme
        if scheme == "none":
            return {}
        if scheme.startswith("standard-webhooks"):
            return self._standard(ident, stamp, body)
        values = {
            "id": ident, "timestamp": str(stamp), "user": USER, "nonce": ident,
            "sha256": hashlib.sha256(body).hexdigest(), "body": body.decode("utf-8", "replace"),
        }  # fmt: skip
        if scheme == "static":
            values["signature"] = secret or self.secret
        else:
            signed = filled(self.rule.over, values).encode()
            made = self._ed25519(signed) if scheme == "ed25519" else self._hmac(signed, secret)
            values["signature"] = (
                made.hex() if self.rule.encoding == "hex" else base64.b64encode(made).decode()
            )
        sent = {self.rule.header: self.rule.value, **self.rule.headers}
        return {name: filled(text, values) for name, text in sent.items() if name}

    def _standard(self, ident: str, stamp: int, body: bytes) -> dict[str, str]:
        if self.rule.scheme.endswith("ed25519"):
            signed = b"%s.%d.%s" % (ident.encode(), stamp, body)
            value = "v1a," + base64.b64encode(self._ed25519(signed)).decode()
        else:
            value = signature(self._secrets, ident, stamp, body)
        return {"webhook-id": ident, "webhook-timestamp": str(stamp), "webhook-signature": value}

    def _hmac(self, signed: bytes, secret: str) -> bytes:
        return hmac.new(secret.encode() or self.secret.encode(), signed, hashlib.sha256).digest()

    def _ed25519(self, signed: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # here: few vendors sign so
            Ed25519PrivateKey,
        )

        return Ed25519PrivateKey.from_private_bytes(self._seed).sign(signed)

    def public_key(self) -> bytes:
        """The raw public key of Ed25519 signatures, 32 bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # here, as above
            Ed25519PrivateKey,
        )

        return Ed25519PrivateKey.from_private_bytes(self._seed).public_key().public_bytes_raw()

    def jwks(self) -> dict[str, Any]:
        """The public key as a JWKS."""
        x = base64.urlsafe_b64encode(self.public_key()).rstrip(b"=").decode()
        return {
            "keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": KEY_ID, "use": "sig", "alg": "EdDSA"}]
        }


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its places filled: filled("${a}.", {"a": "1"}) == "1."."""
    return PLACE.sub(lambda place: values.get(place[1], ""), text)
