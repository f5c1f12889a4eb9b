"""Clients of the kinds that people write, each careful and with one fault: that is found, and nothing else.

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
KINDS = Path(__file__).parents[3] / "fixtures" / "clients" / "kinds"
RUNTIMES = {".py": sys.executable, ".mjs": "node", ".sh": "sh"}
# No verdict may depend on how slow the machine is.
FAST = ("--task-seconds", "0.6", "--retry-after", "6", "--timeout", "60", "--parallel", "8")
EXPIRED = ["results-expired", "results-gone"]
REFUSED = ["key-refused", "no-money"]
BATCH, REPLICATE = ("--orders", "3"), ("-p", "replicate")
POLLS = ["poll-hangs", "poll-html", "poll-malformed"]
CREATES = ["create-fails", "create-reset"]
ROWS = [
    # program, options, fault, promise -> the scenarios in which the fault breaks it
    ("tenacity_script.py", (), "one-decorator", {"submits-once": POLLS}),
    ("pool_with_retries.py", (), "retries-posts", {"submits-once": CREATES}),
    ("httpx_async.py", (), "orders-after-its-patience", {"submits-once": ["never-ends"]}),
    ("fetch.mjs", (), "keeps-any-answer", {"recovers-from-expired-results": EXPIRED}),
    ("shell.sh", (), "hides-bodies", {"reports-failure-reason": REFUSED}),
    ("worker.py", (), "acks-early", {"resumes-after-a-restart": ["restarted-while-ordering"]}),
    ("sdk.py", REPLICATE, "runs-again", {"submits-once": ["poll-malformed", "poll-reset"]}),
    ("waits_for_callbacks.py", (), "signs-parsed-json", {"takes-genuine-callbacks": ["all-is-well"]}),
    ("batch.py", BATCH, "one-key-a-batch", {"one-key-an-order": ["all-is-well"]}),
]  # fmt: skip
NAMES = [program for program, *_ in ROWS]


def grade(program: str, fault: str, played: str, options: tuple[str, ...]) -> tuple[int, dict]:
    file = KINDS / program
    runtime = RUNTIMES[file.suffix]
    if shutil.which(runtime) is None:
        pytest.skip(f"{runtime} is not installed")
    words = ("--scenarios", f"all-is-well,{played}", *options, "--env", f"FAULT={fault}")
    return graded("verify-client", "-q", *FAST, *words, "--json", "--", runtime, file)


@pytest.mark.parametrize(("program", "options", "fault", "planted"), ROWS, ids=NAMES)
def test_the_one_fault_of_a_client_is_found_and_no_other(program, options, fault, planted):
    played = ",".join(name for names in planted.values() for name in names)
    code, card = grade(program, fault, played, options)
    assert (broken_in(card), code) == (planted, 1)


@pytest.mark.parametrize(("program", "options", "fault", "planted"), ROWS, ids=NAMES)
def test_the_careful_twin_keeps_everything(program, options, fault, planted):
    played = "all" if LONG else ",".join(name for names in planted.values() for name in names)
    code, card = grade(program, "", played, options)
    assert (broken_in(card), code) == ({}, 0)
