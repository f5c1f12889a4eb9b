"""What a run was asked to do."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlsplit

from contracts.failures import TargetError


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine: is_loopback("http://127.0.0.1:80/kling") is True."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_url(url: str) -> str:
    """The URL without a trailing slash; raises TargetError when it is no http URL with a host."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        raise TargetError(
            f"not an http or https URL: {url!r}", where="URL", advice="for example http://127.0.0.1:8765"
        )
    return url.rstrip("/")


@dataclass(frozen=True, slots=True)
class Options:
    """Everything a run depends on besides the provider. Times are seconds; `budget` is in units.

    `pace`: seconds between two polls, to begin with. `rate`: requests a second, None for no limit.
    `closed`: whether a key that was never issued must be refused. `generated`: bad values from Schemathesis.
    """

    url: str
    provider: str = "canonical"
    api_key: str = ""
    other_api_key: str = ""
    families: tuple[str, ...] = ()
    budget: Decimal = Decimal(10)
    promises: frozenset[str] = frozenset()
    seed: int = 0
    timeout: float = 600.0
    pace: float = 0.1
    rate: float | None = None
    concurrency: int = 8
    generated: int = 40
    image: str | None = None
    callback_url: str = ""
    callback_listen: tuple[str, int] | None = None
    closed: bool = False
    grace: float = 2.0
    linger: float = 0.3
    answer_timeout: float = 30.0

    def below(self, prefix: str) -> Options:
        """The same options with a path prefix behind the URL."""
        return replace(self, url=self.url + prefix)

    @property
    def loopback(self) -> bool:
        return is_loopback(self.url)
