"""Types that say how a client calls, not what a call sends.

interface ClientOptions { apiKey: string; baseUrl?: string; timeout?: number; retries?: number }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ADDRESS = frozenset(("baseurl", "basepath", "apiurl", "apibase", "apibaseurl", "endpoint", "host", "server"))
_KEY = frozenset(("apikey", "apitoken", "apisecret", "accesskey", "accesstoken", "secretkey", "token", "key"))
_CALLING = frozenset(
    (
        "timeout", "timeoutms", "requesttimeout", "retries", "maxretries", "retrydelay", "retry", "headers",
        "defaultheaders", "fetch", "httpagent", "agent", "proxy", "useragent", "debug", "logger", "loglevel",
        "pollinterval", "pollintervalms", "polltimeout", "httpclient", "verifyssl", "apiversion",
    )
)  # fmt: skip


def are_options(names: Iterable[str]) -> bool:
    """Whether members are all about how a client calls: how long and how often it tries, and beside that the
    address or the key."""
    found = {name.replace("_", "").replace("-", "").lower() for name in names}
    where = _ADDRESS | _KEY
    return bool(found & _CALLING) and bool(found & where) and found <= where | _CALLING


def told(names: Iterable[str]) -> str:
    """The text of the note about such a type."""
    return f"how a client calls, which it does not send: {', '.join(names)}"[:300]
