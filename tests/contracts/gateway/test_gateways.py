"""The report finds exactly the planted fault in each of our gateways, and nothing on the careful one.

Each is started, with our mock as its provider, and ordered from, as `understudy verify-gateway` does it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.contracts.client.grading import broken_in, graded

GATEWAYS = Path(__file__).parents[3] / "fixtures" / "gateways"
ACCOUNT = ("--ledger", "http://127.0.0.1:{port}/account", "--ledger-at", "/left", "--ledger-tells", "left")
OF_TASKS = ("--ledger", "http://127.0.0.1:{port}/account?task={task}", "--ledger-at", "/billed")
PLANTED = [
    # gateway, what is played, the promises that are broken and in which scenarios
    ("charges_failures", "fails-late,create-reset", {"bills-no-failure": ["fails-late"]}),
    ("refunds_twice", "fails-late,create-reset", {"gives-back-once": ["fails-late"]}),
    ("bills_each_look", "fails-late", {"bills-what-it-sold": ["all-is-well"]}),
    ("mixes_accounts", "fails-at-once", {"accounts-apart": ["all-is-well", "fails-at-once"]}),
    ("swaps_results", "fails-at-once", {"accounts-apart": ["all-is-well"]}),
    ("forwards_words", "unknown-status,fails-at-once", {"tells-its-own-words": ["unknown-status"]}),
    (
        "loses_callbacks",
        "fails-at-once,content-policy,poll-html",
        {"callbacks-agree": ["fails-at-once"]},
    ),
    (
        "buys_again",
        "create-times-out-at-the-provider,create-reset,poll-reset",
        {"buys-once": ["create-reset", "create-times-out-at-the-provider"]},
    ),
    (
        "loses_tasks",
        "poll-reset,poll-fails,create-reset",
        {"delivers-what-it-bought": ["poll-fails", "poll-reset"]},
    ),
    ("hides_reasons", "fails-late,content-policy", {"tells-failures": ["fails-late"]}),
    (
        "believes_states",
        "succeeds-without-results,fails-late",
        {"no-false-success": ["succeeds-without-results"]},
    ),
    (
        "trusts_callbacks",
        "callbacks-forged,callbacks-doubled,fails-late",
        {"no-false-success": ["callbacks-forged"]},
    ),
]


def verify_gateway(name, scenarios, *options):
    # No verdict may depend on how slow the machine is.
    patient = ("--late", "60", "--timeout", "60", "--task-seconds", "0.4", "--scenarios", scenarios)
    command = ("--", sys.executable, GATEWAYS / f"{name}.py")
    code, report = graded("verify-gateway", "-q", "--json", *patient, *options, *command)
    return code, broken_in(report), report


SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
SIGNED = ("--callback-secret", SECRET, "--upstream-env", f"CALLBACK_SECRET={SECRET}")


@pytest.mark.parametrize(
    ("name", "planted"),
    [("gateway", {}), ("forgets", {"delivers-what-it-bought": ["restarted-while-polling"]})],
)
def test_gateway_that_is_killed_goes_on_with_its_orders_or_has_lost_what_they_bought(name, planted):
    # The end is late after three seconds: the one that forgets never tells it.
    words = ("--restart", "--late", "3", "--timeout", "6", *OF_TASKS)
    code, broken, report = verify_gateway(name, "all-is-well", *words)
    assert (code, broken) == (1 if planted else 0, planted)
    assert [row[0] for row in report["grid"][1:]] == ["all-is-well", "restarted-while-polling", "all"]


@pytest.mark.parametrize(
    ("name", "words", "verdict"),
    [
        ("gateway", SIGNED, "kept"),
        ("signs_wrongly", SIGNED, "broken"),
        ("gateway", SIGNED[:2], "broken"),
        ("gateway", SIGNED[2:], "not exercised"),
    ],
)
def test_signatures_of_callbacks_are_checked_by_the_secret_that_is_named(name, words, verdict):
    _, broken, report = verify_gateway(name, "all-is-well", *words)
    assert {row["id"]: row["verdict"] for row in report["rows"]}["signs-callbacks"] == verdict
    assert broken == ({"signs-callbacks": ["all-is-well"]} if verdict == "broken" else {})


@pytest.mark.parametrize(("name", "scenarios", "planted"), PLANTED, ids=[name for name, *_ in PLANTED])
def test_the_planted_fault_is_found_and_no_other(name, scenarios, planted):
    code, broken, _ = verify_gateway(name, scenarios, *ACCOUNT)
    assert (code, broken) == (1, planted)


@pytest.mark.parametrize(("ledger", "told"), [(ACCOUNT, "8"), (OF_TASKS, "8"), ((), "8")])
def test_careful_gateway_keeps_everything_however_its_ledger_is_read(ledger, told):
    scenarios = "fails-late,create-times-out-at-the-provider,poll-html,content-policy,callbacks-forged"
    code, broken, report = verify_gateway("gateway", scenarios, *ledger)
    assert (code, broken) == (0, {})
    head, *_, total = report["grid"]
    assert dict(zip(head, total, strict=True)) == {
        "scenario": "all", "ordered": "12", "bought": "8", "billed": told, "delivered": "8",
        "late": "0", "lost": "0", "doubled": "0", "of nobody": "0",
    }  # fmt: skip


def test_gateway_that_ends_late_is_told_so():
    """A second for what it does in two: only that there is such a limit is shown."""
    command = ["--late", "1", "--timeout", "60"]
    code, broken, _ = verify_gateway("ends_late", "all-is-well", *command)
    assert (code, broken) == (1, {"tells-the-end-in-time": ["all-is-well"]})


def test_gateway_may_speak_another_api_than_its_provider():
    shapes = ("--provider", "replicate", "--upstream-provider", "canonical")
    scenarios = "fails-late,create-times-out-at-the-provider,poll-reset"
    code, broken, report = verify_gateway("speaks_replicate", scenarios, *shapes, *OF_TASKS)
    assert (code, broken) == (0, {})
    assert report["facts"]["it speaks"] == "replicate below, canonical upstream"
