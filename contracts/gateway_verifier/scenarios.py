"""What is played upstream: the scenarios for clients, for a gateway is one, and what only a gateway meets."""

from __future__ import annotations

from dataclasses import replace

from understudy.contracts.client_verifier.scenarios import BY_NAME, SCENARIOS, GradedScenario
from understudy.specs.errors import UnderstudyError, known_names

# A gateway may wait for ever where its client may not: that is no fault to be waited for.
LEFT_OUT = ("never-ends",)
OWN = (
    GradedScenario(
        "fails-and-is-called-back-twice", "The task fails, and that is called back twice.",
        "fail:after_ms={ms}+callbacks-doubled", quick=True,
    ),
)  # fmt: skip
# Only with --restart: a gateway that keeps nothing loses its orders.
RESTARTED = replace(
    BY_NAME["restarted-while-polling"],
    sentence="The gateway is killed while it has orders that run, and started again. Needs --restart.",
)
GATEWAY_SCENARIOS = (*(s for s in SCENARIOS if s.name not in LEFT_OUT), *OWN)
GATEWAY_SETS = {
    "all": GATEWAY_SCENARIOS,
    "quick": tuple(s for s in GATEWAY_SCENARIOS if s.quick),
}


def choose_for_gateway(words: str, *, restart: bool = False) -> tuple[GradedScenario, ...]:
    """The scenarios of "all", "quick", or of names with commas between them; "-NAME" leaves one out.
    restart: also the one in which the gateway is killed.

    The first, in which nothing goes wrong, is always among them. Raises UnderstudyError for an unknown name.
    """
    by_name = {s.name: s for s in GATEWAY_SCENARIOS}
    wanted: set[str] = set()
    unwanted: set[str] = set()
    for word in (w.strip() for w in words.split(",") if w.strip()):
        name = word.removeprefix("-")
        if name not in GATEWAY_SETS and name not in by_name:
            advice = known_names(name, [*GATEWAY_SETS, *by_name])
            raise UnderstudyError(f"unknown scenario {name!r}", where="--scenarios", advice=advice)
        names = {s.name for s in GATEWAY_SETS.get(name, ())} or {name}
        (unwanted if word.startswith("-") else wanted).update(names)
    chosen = (wanted or set(by_name)) - unwanted | {GATEWAY_SCENARIOS[0].name}
    found = tuple(s for s in GATEWAY_SCENARIOS if s.name in chosen)
    return (*found, RESTARTED) if restart else found
