"""Everything that can be chosen when a server is started."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.mockserver.errors import MockError

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTE = 1_048_576
MOST_BODY = 1024 * MEGABYTE
# With a path, behind a proxy that adds one.
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-_:\[\]]+(/[!-~]*)?")
# What can stand behind "Bearer " in a header.
KEY = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of a server; sizes in bytes, times in seconds.

    `profiles`: the first is played at the root; each is also played below /NAME and on hosts NAME.*
    `rate`: how fast the shared clock runs; 0 by hand. `keys`: the API keys that may come in; empty: any.
    `control_key`: opens the control plane where it is closed (`mockserver.control.access`).
    `secrets`: (AccessKey, SecretKey) pairs for JWTs. `webhook_secrets`: one, or two while they change.
    `textbook`: refuse with the status that HTTP itself has for it (404, 405, 409), never under 200.
    `journal`: requests to remember for each key; `journal_bytes`: of all keys, callbacks' logs included.
    `accounts`: how many keys there may be; those without tasks and settings make room for new ones.
    `max_store`: what tasks may take in memory, about; further creates are refused with 503.
    `connections`: how many may be open; requests of further ones are refused with 503.
    `metrics`: count what is done, for Prometheus; `log_json`: log every request;
    `traces`: a span for each, sent as OpenTelemetry's environment variables say.
    `drain`: how long a stopping server goes on answering; then callbacks have as long again.
    `tls_cert`, `tls_key`: PEM files, to be spoken to by https; the key may stand in the certificate's file.
    `wall`: the clock on the wall, in nanoseconds since 1970, by which JWTs and signatures are dated.
    `cors`: origins whose web pages may call the provider's paths; "*": every one.
    `callback_nets`: networks that callbacks may reach besides loopback and public addresses.
    """

    profiles: tuple[str, ...] = ("canonical",)
    host: str = "127.0.0.1"
    port: int = 8585
    pace: str = "fast"
    rate: float = 1.0
    scenario: str = ""
    strict: bool = False
    textbook: bool = False
    seed: int | None = None
    public_url: str = ""
    keys: tuple[str, ...] = ()
    control_key: str = ""
    secrets: tuple[tuple[str, str], ...] = ()
    webhook_secrets: tuple[str, ...] = ()
    tls_cert: str = ""
    tls_key: str = ""
    callback_nets: tuple[str, ...] = ()
    cors: tuple[str, ...] = ()
    callback_timeout: float = 10.0
    store: str = "memory"
    journal: int = 2000
    journal_bytes: int = 64 * MEGABYTE
    accounts: int = 100_000
    connections: int = 10_000
    metrics: bool = False
    log_json: bool = False
    traces: bool = False
    drain: float = 0.4
    max_body: int = 96 * MEGABYTE
    max_store: int = 2048 * MEGABYTE
    max_in_flight: int = 256 * MEGABYTE
    media_cache: int = 64 * MEGABYTE
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    api_key: str = field(default="understudy-key", repr=False)
    wall: Callable[[], int] = time.time_ns

    def __post_init__(self) -> None:
        if self.journal < 0:
            raise MockError(f"cannot remember {self.journal} requests", where="--journal", advice="0 or more")
        if not all(KEY.fullmatch(key) for key in self.keys):
            advice = "letters, digits and signs, without spaces"
            raise MockError("a key that no client can send", where="--api-key", advice=advice)
        if self.control_key and not KEY.fullmatch(self.control_key):
            advice = "letters, digits and signs, without spaces"
            raise MockError("a key that no client can send", where="--control-key", advice=advice)
        if self.connections < 1:
            what = f"cannot hold {self.connections} connections"
            raise MockError(what, where="--max-connections", advice="1 or more")
        if self.accounts < 1:
            raise MockError(f"cannot hold {self.accounts} accounts", where="accounts", advice="1 or more")
        if not 1 <= self.max_body <= MOST_BODY:
            said = f"cannot take bodies of {self.max_body / MEGABYTE:g} MB"
            raise MockError(said, where="--max-body", advice=f"1 to {MOST_BODY // MEGABYTE}")
        if self.tls_key and not self.tls_cert:
            raise MockError("a key without a certificate", where="--tls-key", advice="--tls-cert FILE too")
        if self.public_url and not ORIGIN.fullmatch(self.public_url):
            advice = "http://host:port or https://host"
            raise MockError(
                f"not the address of a server: {self.public_url!r}", where="--public-url", advice=advice
            )
