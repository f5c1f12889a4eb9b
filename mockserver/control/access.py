"""Access control of the control plane.

On loopback and without keys everybody may: it is the developer's own machine. As soon as keys are set, or the
server listens beyond loopback, a key opens its own account, and the control key the rest. Web pages of other
hosts may not, whatever they send: a page that a name of its author's leads to this machine (DNS rebinding)
comes with a Host that is not ours, any other page with an Origin that is not.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from understudy.mockserver.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.mockserver.accounts.keys import Keyring
    from understudy.mockserver.settings import Settings

HEADER = "x-understudy-control-key"
# Names that no public name server resolves: RFC 6761, RFC 6762, RFC 8375, ICANN's .internal (2024).
PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".test", ".home.arpa")


class ForbiddenControlError(Exception):
    """A control request that may not be made: the HTTP status of its refusal, and why, with what to do."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one server. `closed`: control needs a key. `hosts`: names under which it is reached."""

    control_key: str
    closed: bool
    hosts: frozenset[str]
    keyring: Keyring

    @classmethod
    def of(cls, settings: Settings, keyring: Keyring) -> Access:
        given = bool(settings.keys or settings.secrets or settings.control_key)
        names = {settings.host, socket.gethostname(), urlsplit(settings.public_url).hostname or ""}
        return cls(
            settings.control_key,
            given or not is_loopback(settings.host),
            frozenset(name.lower() for name in names if name),
            keyring,
        )

    def has_control_key(self, headers: Mapping[str, str]) -> bool:
        """Whether the control key is sent: in a header of its own, or as the bearer key."""
        if not self.control_key:
            return False
        wanted = self.control_key.encode()
        bearer = headers.get("authorization", "").partition(" ")[2].strip()
        return any(
            hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), wanted)
            for sent in (headers.get(HEADER, ""), bearer)
        )

    def own_account(self, headers: Mapping[str, str]) -> str | None:
        """The account that the bearer key opens, None when it opens none."""
        try:
            return self.keyring.account(headers.get("authorization", "").encode("utf-8", "surrogateescape"))
        except Refused:
            return None

    def check_caller(self, headers: Mapping[str, str]) -> None:
        """Raise ForbiddenControlError for a web page of another host."""
        host = headers.get("host", "")
        if not self.has_control_key(headers) and not self.knows(host):
            raise ForbiddenControlError(
                403,
                f"the control plane does not answer for the host {host!r}; --public-url allows another",
            )
        origin = headers.get("origin", "")
        if origin and origin.partition("://")[2] != host:
            raise ForbiddenControlError(
                403, f"the control plane does not accept requests from the origin {origin}"
            )

    def check_command(self, headers: Mapping[str, str], account: str | None) -> None:
        """Raise ForbiddenControlError unless the caller may control `account` (None: the whole server)."""
        if not self.closed or self.has_control_key(headers):
            return
        how = f"send the control key as {HEADER.title()} (serve --control-key sets it)"
        own = self.own_account(headers)
        if account is None:
            raise ForbiddenControlError(401, f"control requests for the whole server need a key: {how}")
        if own is None:
            raise ForbiddenControlError(
                401, f"control requests for an account need its key, as Authorization: Bearer KEY; or {how}"
            )
        if own != account:
            raise ForbiddenControlError(403, f"this key belongs to another account; {how}")

    def knows(self, host: str) -> bool:
        """Whether a Host header is an address, a name of this server, or one that no public server gives."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:  # "[[[": brackets that hold no address
            return False
        if name in self.hosts or "." not in name or name.endswith(PRIVATE_SUFFIXES):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def is_loopback(host: str) -> bool:
    """Whether a server that listens there is reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
