"""What is found is no matter of timing: clients and gateways of ours, each at twenty paces drawn from seeds.

Only with UNDERSTUDY_LONG: it is twenty times what two other modules do.
"""

from __future__ import annotations

import itertools
import os
import random

import pytest
from tests.contracts.client.grading import broken_in
from tests.contracts.client.test_six_clients import FEW, MORE, PLANTED, grade
from tests.contracts.gateway import test_gateways as gateways

SEEDS = 20
pytestmark = pytest.mark.skipif("UNDERSTUDY_LONG" not in os.environ, reason="only with UNDERSTUDY_LONG")
CLIENTS = [
    ("careful", "all,-never-ends", {}),
    *(
        (name, ",".join([FEW, *itertools.chain(*planted.values())]), planted)
        for name, planted in PLANTED
        if planted
    ),
    *MORE,
]
GATEWAYS = [("gateway", "all", {}), *gateways.PLANTED]


def pace(seed: int) -> dict[str, float]:
    """Seconds that tasks take, that clients are sent away for, and that they wait between polls; and how many
    run at once. A client that keeps away for so long anyhow honours Retry-After by chance: three at least.
    One that looks at a task only when it has ended does not meet what happens before: a second at least.
    """
    chance = random.Random(seed)
    return {
        "task": round(chance.uniform(1, 2.5), 1),
        "away": chance.randint(3, 5),
        "poll": round(chance.uniform(0.1, 0.6), 2),
        "parallel": chance.randint(2, 12),
    }


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(
    ("name", "scenarios", "planted"), CLIENTS, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(CLIENTS)]
)
def test_card_of_a_client_is_the_same_at_any_pace(name, scenarios, planted, seed):
    its = pace(seed)
    words = ("--task-seconds", its["task"], "--retry-after", its["away"], "--parallel", its["parallel"])
    # One that never ends has to be waited for.
    patience = ("--timeout", "5" if name == "asks_until_found" else "60", "--env", "DEADLINE_SECONDS=60")
    # A busy machine may take longer to answer than two seconds: who then orders anew has done so.
    patience = (*patience, "--env", "REQUEST_SECONDS=8")
    asks = ("--env", f"POLL_SECONDS={its['poll']}", "--scenarios", scenarios)
    code, card = grade(name, *words, *patience, *asks)
    assert (broken_in(card), code) == (planted, 1 if planted else 0), card["rows"]


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(("name", "scenarios", "planted"), GATEWAYS, ids=[name for name, *_ in GATEWAYS])
def test_report_on_a_gateway_is_the_same_at_any_pace(name, scenarios, planted, seed):
    its = pace(seed)
    words = ("--task-seconds", its["task"], "--parallel", its["parallel"])
    code, broken, _ = gateways.verify_gateway(name, scenarios, *words, *gateways.ACCOUNT)
    assert (broken, code) == (planted, 1 if planted else 0)
