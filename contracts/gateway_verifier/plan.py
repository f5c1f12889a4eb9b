"""What is run, and how: what the user said."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.contracts.gateway_verifier.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.contracts.client_verifier.scenarios import GradedScenario
    from understudy.contracts.handle import MockServer


@dataclass(frozen=True, slots=True)
class GatewayPlan:
    """What is run and how. Times in seconds but for those that say so.

    command     starts the gateway; (): it runs already, and its provider is the mock at `upstream`
    gateway     where it listens, below which the paths of its API stand; {port} is a free one
    provider    whose shape it speaks below;  upstream_provider: which provider the mock is
    callback_secret  what the gateway signs its callbacks with, "" when nobody says
    keys        of two accounts of the gateway's
    timeout     for one order;  start: for the gateway to listen;  late_ms: see GatewayRun
    price       units billed for a unit bought; None: what the run without trouble shows
    """

    command: Sequence[str]
    scenarios: Sequence[GradedScenario]
    gateway: str = "http://127.0.0.1:{port}"
    provider: str = "canonical"
    upstream_provider: str = "canonical"
    family: str = ""
    upstream: MockServer | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, str] = ("", "")
    ledger: Ledger = field(default_factory=Ledger)
    price: float | None = None
    calls_back: bool = True
    callback_secret: str = field(default="", repr=False)
    parallel: int = 4
    timeout: float = 30.0
    start: float = 60.0
    task_ms: int = 1000
    pause_seconds: int = 3
    late_ms: int = 10_000
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def mark(self) -> str:
        """What stands in the environment of every process of our runs: NAME=VALUE without its end."""
        return f"UNDERSTUDY_RUN={self.token}#"
