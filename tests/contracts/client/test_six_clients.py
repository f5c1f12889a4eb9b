"""The grade card finds exactly the planted fault in each of our clients, and nothing on the careful one.

Every scenario is played to every client: six times the whole table, each in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[3] / "fixtures" / "clients"
# The time limit stays at its half minute: no verdict may depend on how slow the machine is.
FAST = ["--parallel", "12", "--task-seconds", "0.6", "--env", "POLL_SECONDS=0.2"]
PLANTED = [
    ("careful", {}),
    (
        "polls_for_ever",
        {"stops-polling-at-the-end": ["bad-picture", "fails-at-once", "fails-late"]},
    ),
    (
        "resubmits",
        {
            "submits-once": [
                "create-fails",
                "create-hangs",
                "create-html",
                "create-malformed",
                "create-reset",
                "create-times-out-at-the-provider",
            ]
        },
    ),
    ("breaks_on_new_field", {"survives-unknown-fields": ["unknown-fields"]}),
    ("ignores_retry_after", {"honours-retry-after": ["too-fast-at-create", "too-fast-at-poll"]}),
    ("trusts_callbacks", {"checks-signatures": ["callbacks-forged"]}),
]


def verify_client(*words):
    command = [sys.executable, "-m", "contracts.cli", "verify-client", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=240)


def grade(name, *options):
    done = verify_client("-q", *FAST, *options, "--json", "--", sys.executable, str(CLIENTS / f"{name}.py"))
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(("name", "planted"), PLANTED, ids=[name for name, _ in PLANTED])
def test_grade_card_finds_the_planted_fault_and_no_other(name, planted):
    # That the careful client gives up is shown once; the others would only wait as long again.
    patience = ["--env", f"DEADLINE_SECONDS={12 if name == 'careful' else 60}"]
    played = "all" if name == "careful" else "all,-never-ends"
    code, card = grade(name, *patience, "--scenarios", played)
    broken = {
        row["id"]: sorted(f.split("/")[1] for f in row["fingerprint"].split(", "))
        for row in card["rows"]
        if row["verdict"] == "broken"
    }
    assert broken == planted
    assert code == (1 if planted else 0)
    if name == "careful":
        assert card["verdicts"] == {"kept": len(card["rows"])}
    if name == "resubmits":
        # Of the six doubtful creates five had made a task of one unit each.
        assert card["facts"]["money lost"] == "5 units"


@pytest.mark.parametrize("provider", ["cometapi", "newapi"])
@pytest.mark.parametrize(
    ("name", "scenario", "promise"),
    [
        ("resubmits", "create-times-out-at-the-provider", "submits-once"),
        ("polls_for_ever", "fails-at-once", "stops-polling-at-the-end"),
    ],
)
def test_fault_is_found_under_other_conventions_too(provider, name, scenario, promise):
    """Errors under HTTP 200 and word codes; records wrapped once more. Both stand below /kling."""
    where = ("--provider", provider, "--env", "UNDERSTUDY_URL={url}/kling", "--scenarios", scenario)
    code, card = grade(name, *where)
    broken = [row["fingerprint"] for row in card["rows"] if row["verdict"] == "broken"]
    assert (code, broken) == (1, [f"{promise}/{scenario}"])
