"""Where operations are reached: the servers of a document, and an operation's address at each of them.

An address is written without a slash at the end, and variables of a server without their names:
`https://{region}.example.com/v1/` -> `https://{}.example.com/v1`. Nor does it have capital letters in its
host or the port that goes without saying (RFC 3986, 6.2.2 and 6.2.3): `HTTPS://A.test:443` -> `https://a.test`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Addresses that one server with variables is written out to.
MAX_ADDRESSES = 50
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# The scheme, host and port of an address.
AUTHORITY = re.compile(r"^(https?)://([^/:?#]+)(?::(\d{1,5}))?(?=[/?#]|$)", re.IGNORECASE)
PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/]*")


@dataclass(frozen=True, slots=True)
class Servers:
    """`addresses`: one for each listed value of a variable. `defaults`: for each server with variables,
    by its address, the one that a client has who chooses nothing."""

    addresses: tuple[str, ...]
    defaults: Mapping[str, str]

    def reach(self, path: str) -> list[str]:
        """Every address of what stands at `path`, those of the defaults too."""
        known = dict.fromkeys((*self.addresses, *self.defaults.values()))
        return [url.rstrip("/") + path for url in known]

    def has(self, address: str) -> bool:
        """Whether `address` is one of these, where a variable may be anything."""
        return any(
            address == known
            or re.fullmatch("[^/]+".join(re.escape(part) for part in known.split("{}")), address)
            for known in self.addresses
        )


def read_servers(stated: Iterable[Any]) -> Servers | None:
    """What a list of Server Objects states (OpenAPI, Server Object); None when it names no address."""
    servers = [one for one in stated if isinstance(one, dict) and "url" in one]
    addresses = dict.fromkeys(tidy(url) for one in servers for url in _written_out(one))
    defaults: dict[str, str] = {}
    for one in servers:
        address, chosen = tidy(str(one["url"])), tidy(_filled(one))
        if address != chosen:
            defaults.setdefault(address, chosen)
    return Servers(tuple(addresses), defaults) if addresses else None


# OpenAPI, `servers`: without any, there is one with the URL "/".
ROOT = Servers(("/",), {})


def path_of_address(address: str) -> str:
    """An address without its host: "https://a.example/v1/x" -> "/v1/x"."""
    return HOST.sub("", address)


def tidy(url: str) -> str:
    """An address as it is compared."""
    url = AUTHORITY.sub(_plain_host, url)
    url = url.removeprefix(".") if url in (".", "./") or url.startswith("./") else url
    return PLACEHOLDER.sub("{}", url.rstrip("/")) or "/"


def _plain_host(found: re.Match[str]) -> str:
    """ "HTTPS://A.example:443" -> "https://a.example"; the names of variables stay as they are."""
    scheme, port = found[1].lower(), found[3]
    parts = re.split(r"(\{[^{}]*\})", found[2])
    host = "".join(part if part.startswith("{") else part.lower() for part in parts)
    said = port and int(port) != PORTS[scheme]
    return f"{scheme}://{host}:{port}" if said else f"{scheme}://{host}"


def _variables(server: dict[str, Any]) -> dict[str, dict[str, Any]]:
    variables = server.get("variables")
    named = variables.items() if isinstance(variables, dict) else ()
    return {name: about for name, about in named if isinstance(about, dict)}


def _written_out(server: dict[str, Any]) -> list[str]:
    """The addresses of a server: one for each listed value of its variables, where they are listed."""
    urls = [str(server["url"])]
    for name, about in _variables(server).items():
        listed = about.get("enum")
        values = [str(v) for v in listed] if isinstance(listed, list) else []
        if values and len(values) * len(urls) <= MAX_ADDRESSES:
            urls = [url.replace(f"{{{name}}}", value) for url in urls for value in values]
    return urls


def _filled(server: dict[str, Any]) -> str:
    """A server's URL with the defaults of its variables."""
    url = str(server["url"])
    for name, about in _variables(server).items():
        if "default" in about:
            url = url.replace(f"{{{name}}}", str(about["default"]))
    return url
