"""Gateways of the kinds that people write, each careful and with one fault: that is found, and nothing else.

Without UNDERSTUDY_LONG they meet what shows the fault; with it, the careful ones meet everything.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from tests.contracts.client.grading import broken_in, graded

LONG = "UNDERSTUDY_LONG" in os.environ
KINDS = Path(__file__).parents[3] / "fixtures" / "gateways" / "kinds"
RUNTIMES = {".py": sys.executable, ".mjs": "node"}
PATIENT = ("--late", "60", "--timeout", "60", "--task-seconds", "0.4")
ACCOUNT = ("--ledger", "http://127.0.0.1:{port}/account", "--ledger-at", "/left", "--ledger-tells", "left")
BILLS = ("--no-callbacks", "--ledger", "http://127.0.0.1:{port}/bill?task={task}", "--ledger-at", "/billed")
ROWS = [
    # program, options, fault, promise -> the scenarios in which the fault breaks it
    ("rehosts.py", ACCOUNT, "downloads-once", {"results-arrive": ["download-fails-once"]}),
    ("health_checked.py", ACCOUNT, "orders-a-sample", {"buys-for-orders": ["all-is-well"]}),
    ("queue_worker.py", ACCOUNT, "sweeps-all", {"stops-polling-at-the-end": ["all-is-well"]}),
    ("callback_driven.py", ACCOUNT, "signs-parsed-json", {"takes-genuine-callbacks": ["all-is-well"]}),
    ("passthrough.py", BILLS, "asks-at-each-look", {"polls-at-a-sane-rate": ["all-is-well"]}),
    ("asynchronous.py", BILLS, "ignores-retry-after", {"honours-retry-after": ["too-fast-at-create"]}),
    ("node_gateway.mjs", BILLS, "asks-about-undefined", {"requests-valid": ["create-malformed"]}),
]
NAMES = [program for program, *_ in ROWS]


def grade(program: str, fault: str, played: str, options: tuple[str, ...]) -> tuple[int, dict]:
    file = KINDS / program
    runtime = RUNTIMES[file.suffix]
    if shutil.which(runtime) is None:
        pytest.skip(f"{runtime} is not installed")
    words = ("--scenarios", f"all-is-well,{played}", *options, "--upstream-env", f"FAULT={fault}")
    return graded("verify-gateway", "-q", *PATIENT, *words, "--json", "--", runtime, file)


@pytest.mark.parametrize(("program", "options", "fault", "planted"), ROWS, ids=NAMES)
def test_the_one_fault_of_a_gateway_is_found_and_no_other(program, options, fault, planted):
    played = ",".join(name for names in planted.values() for name in names)
    code, card = grade(program, fault, played, options)
    assert (broken_in(card), code) == (planted, 1)


@pytest.mark.parametrize(("program", "options", "fault", "planted"), ROWS, ids=NAMES)
def test_the_careful_twin_keeps_everything(program, options, fault, planted):
    played = "all" if LONG else ",".join(name for names in planted.values() for name in names)
    code, card = grade(program, "", played, options)
    assert (broken_in(card), code) == ({}, 0)


@pytest.mark.parametrize(("seconds", "verdict"), [(1, "kept"), (4, "broken")])
def test_how_long_a_gateway_is_told_to_stay_away_is_chosen(seconds, verdict):
    """It comes back after a second and a half, whatever it was told."""
    options = (*BILLS, "--retry-after", seconds)
    _, card = grade("asynchronous.py", "ignores-retry-after", "too-fast-at-create", options)
    assert {row["id"]: row["verdict"] for row in card["rows"]}["honours-retry-after"] == verdict
