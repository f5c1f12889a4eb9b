"""What is played upstream: the scenarios for clients, for a gateway is one, and what only a gateway meets."""

from __future__ import annotations

from dataclasses import replace

from understudy.contracts.client_verifier.scenarios import (
    BY_NAME,
    CALLBACK,
    SCENARIOS,
    USUAL,
    GradedScenario,
    selected,
)
from understudy.specs.errors import known_names

# A gateway may wait for ever where its client may not: that is no fault to be waited for. Our orders are for
# one result.
LEFT_OUT = ("never-ends", "succeeds-with-fewer-results")
OWN = (
    GradedScenario(
        "fails-and-is-called-back-twice", "The task fails, and that is called back twice.",
        "fail:after_ms={ms}+callbacks-doubled", quick=True, needs=CALLBACK,
    ),
)  # fmt: skip
# Only with --restart: a gateway that keeps nothing loses its orders.
RESTARTED = replace(
    BY_NAME["restarted-while-polling"],
    sentence="The gateway is killed while it has orders that run, and started again.",
)
GATEWAY_SCENARIOS = (*(s for s in SCENARIOS if s.name not in LEFT_OUT), *OWN)
EVERY_GATEWAY_SCENARIO = (*GATEWAY_SCENARIOS, RESTARTED)
GATEWAY_SETS = {
    "all": GATEWAY_SCENARIOS,
    "quick": tuple(s for s in GATEWAY_SCENARIOS if s.quick),
}


def choose_for_gateway(
    words: str, *, restart: bool = False, abilities: frozenset[str] = USUAL
) -> tuple[GradedScenario, ...]:
    """The scenarios of "all", "quick", or of names with commas between them; "-NAME" leaves one out.

    restart: also the one in which the gateway is killed; abilities: of the provider's API, what scenarios may
    need. The first, in which nothing goes wrong, is always among them.
    Raises UnderstudyError for an unknown name, and for one that needs what the API has not.
    """
    by_name = {s.name: s for s in EVERY_GATEWAY_SCENARIO}
    more = (RESTARTED,) if restart else ()

    def near(name: str) -> str:
        return known_names(name, [*GATEWAY_SETS, *by_name])

    chosen = selected(words, by_name, GATEWAY_SETS, abilities, near, more) | {GATEWAY_SCENARIOS[0].name}
    return tuple(s for s in EVERY_GATEWAY_SCENARIO if s.name in chosen)
