"""Which proxy leads to a URL: what the environment says in any of its spellings, or an option.

The environment is read as curl, Python and Go read it together: `https_proxy`, `HTTPS_PROXY`, `http_proxy`,
`HTTP_PROXY` by the URL's scheme, then `all_proxy`, `ALL_PROXY`; of two spellings the lower-case one wins.
`no_proxy` and `NO_PROXY` together name what is reached directly: `*`, a host, a domain (`.corp.test` and
`corp.test` mean all below it too), an address or a network (`10.0.0.0/8`), each with a port or without.
This machine is always reached directly.
"""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMES = ("http", "https")
PORTS = {"http": 80, "https": 443}


def proxy_for(
    url: str, *, proxy: str = "", direct: bool = False, environ: Mapping[str, str] = os.environ
) -> str:
    """The URL of the proxy that leads to `url`, "" for none: it is reached directly.

    proxy: an option's, which goes before the environment's;  direct: --no-proxy, use none at all.
    Raises UnderstudyError for a proxy that is no http or https URL.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if direct or not host:
        return ""
    if proxy:
        return checked_proxy(proxy, "--proxy")
    if _is_here(host) or exempt(host, parts.port or PORTS.get(parts.scheme, 0), environ):
        return ""
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        for spelling in (name, name.upper()):
            if environ.get(spelling):
                return checked_proxy(environ[spelling], spelling)
    return ""


def checked_proxy(text: str, where: str) -> str:
    """A proxy's URL; "host:port" is one of http. Raises UnderstudyError for what cannot be one."""
    url = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(url)
        known = parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known:
        raise UnderstudyError(
            f"cannot use the proxy {_shown(text)!r}",
            where=where,
            advice="http://HOST:PORT or https://HOST:PORT; --no-proxy goes without",
        )
    return url


def exempt(host: str, port: int, environ: Mapping[str, str]) -> bool:
    """Whether the environment says that a host is reached directly."""
    rules = ",".join(environ.get(name, "") for name in ("no_proxy", "NO_PROXY"))
    return any(_fits(rule.strip().lower(), host.lower(), port) for rule in rules.split(",") if rule.strip())


def _fits(rule: str, host: str, port: int) -> bool:
    if rule == "*":
        return True
    name, _, number = rule.rpartition(":")
    if number.isdigit() and name and (":" not in name or name.startswith("[")):
        if int(number) != port:
            return False
        rule = name
    rule = rule.strip("[]")
    address = _address(host)
    if address is not None:
        try:
            return address in ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
    domain = rule.removeprefix("*").removeprefix(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _is_here(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def _shown(text: str) -> str:
    """`text` without a user's password."""
    before, at, after = text.rpartition("@")
    return f"{before.partition('://')[0]}://…@{after}" if at and "://" in before else after
