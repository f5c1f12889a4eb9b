"""What a run was asked to do."""

from __future__ import annotations

import ipaddress
import random
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from understudy.contracts.failures import TargetError

if TYPE_CHECKING:
    import ssl


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine: is_loopback("http://127.0.0.1:80/kling") is True."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_url(url: str, keys: str = "the key comes from UNDERSTUDY_API_KEY or --api-key") -> str:
    """The URL without a trailing slash; raises TargetError when it is no http URL with a host alone.

    `keys`: what to do about a password in it, which is never printed.
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        raise TargetError(
            f"not an http or https URL: {url!r}", where="URL", advice="for example http://127.0.0.1:8585"
        )
    if parts.username is not None or parts.password is not None:
        raise TargetError("a user or password in the URL cannot be used", where="URL", advice=keys)
    if parts.query or parts.fragment:
        advice = f"give {url.partition('#')[0].partition('?')[0]}"
        raise TargetError("the URL is the part before the paths, without ? and #", where="URL", advice=advice)
    return url.rstrip("/")


def clean_key(key: str, where: str) -> str:
    """The key alone, as a header can carry it: "Bearer sk-1\\n" is sk-1. Raises TargetError when none can."""
    words = key.split()
    words = words[1:] if words[:1] and words[0].lower() == "bearer" else words
    if len(words) > 1 or not "".join(words).isprintable():
        raise TargetError("a key is one word, without spaces or line breaks", where=where)
    return "".join(words)


# Seconds that a run may take where nobody says otherwise.
TIME = 600.0


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
    timeout: float = TIME
    # Whether the time limit grows with the requests, so that a run of all families is not cut off.
    grows: bool = False
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
    # Seconds after the first tasks' end before ended tasks and results are asked for again.
    settle: float = 3.0
    # Whether our receiver answers the first callback with 500, to see whether it comes again.
    callback_retry: bool = False
    # Networks beside the internet's from which results may be fetched; how to reach the provider.
    result_nets: tuple[str, ...] = ()
    proxy: str = ""
    tls: ssl.SSLContext | None = None

    def at(self, url: str) -> Options:
        """The same options for another URL."""
        return replace(self, url=url)

    @property
    def loopback(self) -> bool:
        return is_loopback(self.url)


def options_for(url: str, *, api_key: str = "", other_api_key: str = "", **given: Any) -> Options:
    """Options with the defaults that fit the place of the provider.

    A server on this machine is polled quickly, without a limit on requests, and met with fresh keys when
    none are given; anything else slowly. `pace`, `rate` and `timeout` of None mean these defaults, and that
    the time limit grows with the number of requests. Raises TargetError
    for a URL that is none, and for a provider elsewhere without a key.
    """
    url = check_url(url)
    near = is_loopback(url)
    api_key = clean_key(api_key, "--api-key")
    other_api_key = clean_key(other_api_key, "--other-api-key")
    if not api_key and not near:
        raise TargetError("no key", where="--api-key", advice="set UNDERSTUDY_API_KEY, or give --api-key")
    if not api_key:
        name = random.SystemRandom().getrandbits(64)
        api_key, other_api_key = f"verify-{name:x}", other_api_key or f"verify-other-{name:x}"
    pace, rate, timeout = (given.pop(name, None) for name in ("pace", "rate", "timeout"))
    return Options(
        url=url,
        api_key=api_key,
        other_api_key=other_api_key,
        pace=pace or (0.1 if near else 2.0),
        rate=rate or (None if near else 5.0),
        timeout=timeout or TIME,
        grows=timeout is None,
        grace=2.0 if near else 15.0,
        linger=0.3 if near else 2.0,
        settle=3.0 if near else 10.0,
        closed=given.pop("closed", False) or not near,
        **given,
    )
