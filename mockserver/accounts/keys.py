"""Authentication: static bearer keys, and HS256 JWTs made from an AccessKey and a SecretKey."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from understudy.mockserver.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from understudy.specs.behaviour.axes import AccountRule

# What is remembered of headers, in bytes, and what each weighs beside its texts.
MOST_REMEMBERED = 4_194_304
OVERHEAD = 250
# Longer ones are no keys, and would be kept.
MOST_KEY = 4096


class Keyring:
    """Authorization headers to account keys.

    Without `keys` and `secrets` any bearer key is an account, and a JWT is taken at its word (its `iss` is
    the account) as long as it is in its time. With either, only those of `keys` and JWTs of the pairs in
    `secrets` come in. `real_seconds` is the wall clock, by which tokens are made.
    """

    __slots__ = ("_keys", "_plain", "_real_seconds", "_remembered", "_secrets")

    def __init__(
        self, keys: Sequence[str], secrets: Sequence[tuple[str, str]], real_seconds: Callable[[], float]
    ) -> None:
        self._keys = frozenset(keys)
        self._secrets = dict(secrets)
        self._real_seconds = real_seconds
        # Headers seen before whose meaning does not change with time.
        self._plain: dict[bytes, str] = {}
        self._remembered = 0

    def account(self, header: bytes | None) -> str:
        """The account key of an Authorization header; raises Refused."""
        known = self._plain.get(header or b"")
        if known is not None:
            return known
        if header is None or not header.strip():
            raise Refused("authorization_empty")
        scheme, _, token = header.decode("latin-1").strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or " " in token:
            raise Refused("authorization_invalid", reason="it must be Bearer followed by one key")
        if token.count(".") == 2 and token not in self._keys:
            issuer = self._issuer(token)
            if issuer is not None:
                return issuer
        if token not in self._keys:
            if self._keys:
                raise Refused("authorization_failed")
            if self._secrets:
                raise Refused("authorization_invalid", reason="it is not a JWT")
        if len(header) > MOST_KEY:
            raise Refused("authorization_invalid", reason=f"it is longer than {MOST_KEY} bytes")
        self._remembered += 2 * len(header) + OVERHEAD
        if self._remembered > MOST_REMEMBERED:
            self._plain.clear()
            self._remembered = 2 * len(header) + OVERHEAD
        self._plain[header] = token
        return token

    def _issuer(self, token: str) -> str | None:
        """The AccessKey of a JWT, None when the token is none; raises Refused for one that does not hold."""
        import jwt  # here, because few clients still send one

        try:
            claims = jwt.decode(
                token, options={"verify_signature": False, "verify_exp": False, "verify_nbf": False}
            )
            algorithm = jwt.get_unverified_header(token).get("alg")
        except (jwt.PyJWTError, ValueError, RecursionError):
            if self._secrets:
                raise Refused("authorization_invalid", reason="it is not a JWT") from None
            return None
        issuer = claims.get("iss")
        # Lone surrogates, which Python's JSON lets through, are not printable either.
        if not isinstance(issuer, str) or not issuer.strip() or not issuer.isprintable():
            raise Refused("authorization_invalid", reason="the JWT has no iss")
        if len(issuer) > MOST_KEY:
            raise Refused("authorization_invalid", reason=f"its iss is longer than {MOST_KEY} characters")
        if algorithm != "HS256":
            raise Refused("authorization_invalid", reason="the JWT must be signed with HS256")
        if self._secrets:
            self._verify(token, issuer)
        elif self._keys and issuer not in self._keys:
            raise Refused("authorization_failed")
        self._in_time(claims.get("nbf"), claims.get("exp"))
        return issuer

    def _verify(self, token: str, issuer: str) -> None:
        import jwt  # here, as above

        secret = self._secrets.get(issuer)
        if secret is None:
            raise Refused("access_key_unknown")
        try:
            with warnings.catch_warnings():
                # A provider's keys are as long as it makes them; the library has its own opinion of that.
                warnings.simplefilter("ignore")
                jwt.api_jws.decode(token, secret, algorithms=["HS256"])
        except (jwt.PyJWTError, ValueError):
            raise Refused("authorization_failed") from None

    def _in_time(self, not_before: object, expires: object) -> None:
        now = self._real_seconds()
        if not isinstance(expires, int | float) or isinstance(expires, bool):
            raise Refused("authorization_invalid", reason="the JWT has no exp")
        if isinstance(not_before, int | float) and not_before > now:
            raise Refused("authorization_not_yet_valid")
        if not expires > now:  # Python's JSON knows NaN, which is neither before nor after anything
            raise Refused("authorization_expired")


def header_value(headers: Mapping[bytes, bytes], name: str) -> str:
    """A header's value, "" when it is absent."""
    return headers.get(name.lower().encode(), b"").decode("latin-1")


def sent_key(rule: AccountRule, headers: Mapping[bytes, bytes], query: Mapping[str, str]) -> str:
    """The key that a request carries, wherever the API has its key; raises Refused."""
    found = False
    for one in (rule, *rule.also):
        value = query.get(one.name, "") if one.place == "query" else header_value(headers, one.name)
        found = found or bool(value.strip())
        key = one.key_in(value)
        if key:
            return key
    if not found:
        raise Refused("authorization_empty")
    raise Refused("authorization_invalid", reason=f"it must be {rule.written('KEY')}")
