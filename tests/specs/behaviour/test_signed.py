"""Signatures by Ed25519, checked against the vectors of RFC 8032."""

from __future__ import annotations

import base64

import pytest

from understudy.specs.behaviour.axes import SignatureRule
from understudy.specs.behaviour.signed import public_keys, untold, wrong_ed25519

# RFC 8032, 7.1, test 2: public key, message 0x72, signature.
KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
BODY = b"\x72"
MADE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
HEX = SignatureRule("ed25519", over="${body}", header="X-Sign", keys="/jwks.json")
BASE64 = SignatureRule("ed25519", over="${body}", encoding="base64", header="X-Sign", value="v=${signature}")


@pytest.mark.parametrize(
    ("rule", "told", "body", "problem"),
    [
        (HEX, MADE.hex(), BODY, ""),
        (BASE64, f"v={base64.b64encode(MADE).decode()}", BODY, ""),
        (HEX, MADE.hex(), b"\x73", "X-Sign fits no key"),
        (HEX, "zz", BODY, "X-Sign fits no key"),
        (HEX, "", BODY, "no X-Sign"),
        (BASE64, "v1", BODY, "X-Sign is 'v1', not v=${signature}"),
    ],
)
def test_signature_fits_one_of_the_keys_or_not(
    rule: SignatureRule, told: str, body: bytes, problem: str
) -> None:
    headers = {"X-Sign": told}
    keys = [bytes(32), KEY]
    assert wrong_ed25519(rule, lambda name: headers.get(name, ""), body, keys) == problem


def test_keys_are_read_from_a_jwks_that_holds_others_too() -> None:
    x = base64.urlsafe_b64encode(KEY).rstrip(b"=").decode()
    jwks = {"keys": [{"kty": "RSA", "n": "1"}, {"kty": "OKP", "crv": "Ed25519", "x": x}, "odd"]}
    assert public_keys(jwks) == [KEY]
    assert public_keys(["no", "jwks"]) == []


def test_what_is_signed_and_told_nowhere_is_named() -> None:
    rule = SignatureRule("hmac", over="${id}.${timestamp}.${body}", value="t=${timestamp},v1=${signature}")
    assert untold(rule) == ["id"]
