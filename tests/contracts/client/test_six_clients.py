"""The grade card finds exactly the planted fault in each of our clients, and nothing on the careful one.

Every scenario is played to the careful client, and with UNDERSTUDY_LONG to the others too: six times the
whole table. Without it they meet the quick ones, and those that show their fault.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import pytest
from tests.contracts.client.grading import broken_in, graded

LONG = "UNDERSTUDY_LONG" in os.environ
CLIENTS = Path(__file__).parents[3] / "fixtures" / "clients"
# The time limit stays at its half minute: no verdict may depend on how slow the machine is.
FAST = ["--parallel", "12", "--task-seconds", "0.6", "--retry-after", "3", "--env", "POLL_SECONDS=0.2"]
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
                "create-times-out-and-keys-count",
                "create-times-out-at-the-provider",
            ]
        },
    ),
    ("breaks_on_new_field", {"survives-unknown-fields": ["unknown-fields"]}),
    ("ignores_retry_after", {"honours-retry-after": ["too-fast-at-create", "too-fast-at-poll"]}),
    ("trusts_callbacks", {"checks-signatures": ["callbacks-forged"]}),
]


# Without the one in which the careful client, too, waits twelve seconds for nothing.
FEW = "quick,-succeeds-without-results"


def grade(name, *options):
    return graded(
        "verify-client", "-q", *FAST, *options, "--json", "--", sys.executable, CLIENTS / f"{name}.py"
    )


@pytest.mark.parametrize(("name", "planted"), PLANTED, ids=[name for name, _ in PLANTED])
def test_grade_card_finds_the_planted_fault_and_no_other(name, planted):
    # That the careful client gives up is shown once; the others would only wait as long again.
    patience = ["--env", f"DEADLINE_SECONDS={12 if name == 'careful' else 60}"]
    others = "all,-never-ends" if LONG else ",".join([FEW, *itertools.chain(*planted.values())])
    played = "all" if name == "careful" else others
    code, card = grade(name, *patience, "--scenarios", played)
    assert broken_in(card) == planted
    assert code == (1 if planted else 0)
    if name == "careful":
        # No scenario of this API shows these: nothing can be cancelled, and nobody starts it again.
        assert {
            row["id"]: row["verdict"] for row in card["rows"] if row["verdict"] != "kept"
        } == dict.fromkeys(
            (
                "resumes-after-a-restart",
                "learns-what-its-cancel-did",
                "recovers-from-other-endings",
                "survives-throttling",
                "survives-fractions",
            ),
            "not exercised",
        )
    if name == "resubmits":
        # Of the seven doubtful creates six had made a task of one unit each.
        assert card["facts"]["money lost"] == "6 units"


MORE = [
    # client, scenarios, what is broken
    ("orders_anew", "poll-reset,poll-html,poll-malformed,unknown-fields", {
        "submits-once": ["poll-html", "poll-malformed", "poll-reset"],
    }),
    ("takes_nothing_for_failure", "poll-empty,poll-html,unknown-at-first", {
        "keeps-what-it-paid-for": ["poll-empty"],
    }),
    ("one_key_for_two", "create-times-out-and-keys-count,create-fails,poll-reset", {
        "one-key-an-order": ["create-fails"],
    }),
    ("gives_up_early", "poll-fails,poll-reset,poll-html,unknown-at-first,too-fast-at-poll,key-expires", {
        "keeps-what-it-paid-for": [
            "poll-fails", "poll-html", "poll-reset", "too-fast-at-poll", "unknown-at-first",
        ],
    }),
    ("new_key_each_time", "create-fails,create-times-out-and-keys-count,too-fast-at-create", {
        "one-key-an-order": ["create-fails"],
    }),
    ("ignores_keys", "create-times-out-and-keys-count,too-fast-at-create,poll-reset", {
        "one-key-an-order": ["create-times-out-and-keys-count"],
        "submits-once": ["create-times-out-and-keys-count"],
    }),
    ("hides_reasons", "fails-late,no-money,content-policy,poll-reset,results-gone", {
        "reports-failure-reason": ["content-policy", "fails-late", "no-money"],
    }),
    ("waits_for_results", "succeeds-without-results,results-come-late,poll-reset", {
        "survives-missing-results": ["succeeds-without-results"],
    }),
    ("forgets", "restarted-while-ordering,restarted-while-polling,restarted-after-the-end,poll-reset", {
        "resumes-after-a-restart": [
            "restarted-after-the-end", "restarted-while-ordering", "restarted-while-polling",
        ],
        "one-key-an-order": ["restarted-while-ordering"],
    }),
    ("asks_until_found", "never-found", {
        "recovers-from-unknown-task": ["never-found"],
    }),
    ("shrugs_off_downloads", "results-gone,download-fails-once,fails-at-once", {
        "recovers-from-expired-results": ["results-gone"],
    }),
    ("fetches_once", "download-fails-once,results-renewed,results-gone", {
        "keeps-what-it-paid-for": ["download-fails-once", "results-renewed"],
    }),
    ("knows_every_word", "unknown-status,foreign-status", {
        "survives-unknown-status": ["foreign-status", "unknown-status"],
    }),
    ("asks_with_another_key", "poll-html", {
        "finishes": ["all-is-well"],
        "requests-valid": ["all-is-well", "poll-html"],
    }),
    ("careful", "restarted-while-ordering,restarted-while-polling,restarted-after-the-end", {}),
    ("careful", "foreign-status,poll-stale,results-renewed", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "scenarios", "planted"), MORE, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(MORE)]
)
def test_faults_that_public_reports_show_are_found_and_no_others(name, scenarios, planted):
    # One that never ends has to be waited for.
    patience = ("--timeout", "5" if name == "asks_until_found" else "10", "--env", "DEADLINE_SECONDS=60")
    code, card = grade(name, *patience, "--scenarios", f"all-is-well,{scenarios}")
    assert (broken_in(card), code) == (planted, 1 if planted else 0)


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


@pytest.mark.parametrize(
    ("name", "planted"),
    [("careful", {}), ("forgets", {"resumes-after-a-restart": ["restarted-after-giving-up"]})],
)
def test_client_that_gave_up_goes_on_with_its_task_when_it_is_started_again(name, planted):
    """Its patience is three seconds; the task succeeds after that."""
    words = ("--scenarios", "restarted-after-giving-up", "--env", "DEADLINE_SECONDS=3")
    code, card = grade(name, *words, "--timeout", "60")
    assert (broken_in(card), code) == (planted, 1 if planted else 0)
    verdicts = {row["id"]: row["verdict"] for row in card["rows"]}
    assert verdicts["resumes-after-a-restart"] == ("broken" if planted else "kept")
