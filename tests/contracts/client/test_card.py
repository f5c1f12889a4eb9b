"""The grade card and its baseline: outcomes over all runs, and what is new."""

from __future__ import annotations

import json

import pytest

from understudy.contracts.client_verifier.baseline import read_baseline, write_baseline
from understudy.contracts.client_verifier.card import grade
from understudy.contracts.client_verifier.conversation import conversation, output_tail
from understudy.contracts.client_verifier.promises import BY_ID
from understudy.contracts.client_verifier.trace import JournalDelivery, JournalExchange, JournalTask, Trace
from understudy.specs.errors import UnderstudyError

CREATE = JournalExchange(
    at_ms=3, answered_ms=4, method="POST", path="/v1/things", kind="create", task_id="t1", told="submitted"
)
POLLS = tuple(
    JournalExchange(
        at_ms=100 * n,
        answered_ms=100 * n + 1,
        path="/v1/things/t1",
        kind="query",
        task_id="t1",
        told="failed",
        final=True,
    )
    for n in range(1, 41)
)
GOOD = Trace(scenario="fine", exchanges=(CREATE,), duration_ms=50)
ENDLESS = Trace(
    scenario="fails", exchanges=(CREATE, *POLLS), exit_code=None, stopped="time", duration_ms=4200
)
CRASHED = Trace(
    scenario="no-json", exchanges=(CREATE,), exit_code=1, output="panic: no luck\n", duration_ms=9
)
NONE = frozenset()


def known_in(file):
    return read_baseline(file, BY_ID, "verify-client")


def outcomes(card):
    return {row.promise.id: row.outcome for row in card.rows if row.outcome != "not exercised"}


def test_a_promise_kept_in_one_run_and_broken_in_another_is_broken():
    card = grade([(GOOD, frozenset({"finishes"})), (ENDLESS, NONE)])
    assert outcomes(card) == {
        "requests-valid": "kept",
        "finishes": "kept",
        "stops-polling-at-the-end": "broken",
        "polls-at-a-sane-rate": "kept",
    }
    assert card.exit_code == 1


def test_a_client_that_is_not_seen_to_finish_is_could_not_tell():
    slow = Trace(scenario="fine", exchanges=(CREATE,), exit_code=None, stopped="time", duration_ms=4000)
    finishes = frozenset({"finishes"})
    assert grade([(slow, finishes)]).exit_code == 3
    assert grade([(slow, finishes), (ENDLESS, NONE)]).exit_code == 1
    assert grade([(GOOD, finishes), (slow, NONE)]).exit_code == 0


def test_a_promise_is_judged_only_where_its_scenario_exercises_it():
    assert outcomes(grade([(CRASHED, NONE)])) == {"requests-valid": "kept"}


def test_a_baseline_keeps_what_is_known_from_failing_and_names_what_is_mended(tmp_path):
    file = tmp_path / "baseline.json"
    assert known_in(file) == NONE
    write_baseline(file, grade([(ENDLESS, NONE)]).broken)
    assert json.loads(file.read_text()) == {"version": 1, "broken": ["stops-polling-at-the-end/fails"]}

    again = grade([(ENDLESS, NONE)], known=known_in(file))
    assert (again.exit_code, again.mended) == (0, ())
    assert outcomes(again)["stops-polling-at-the-end"] == "broken"

    worse = grade([(ENDLESS, NONE), (CRASHED, frozenset({"finishes"}))], known=known_in(file))
    assert [f.fingerprint for row in worse.rows for f in row.new] == ["finishes/no-json"]
    assert worse.exit_code == 1

    better = Trace(scenario="fails", exchanges=(CREATE,))
    assert grade([(better, NONE)], known=known_in(file)).mended == ("stops-polling-at-the-end/fails",)
    # What was not run cannot have become better.
    assert grade([(GOOD, NONE)], known=known_in(file)).mended == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "not a baseline of verify-client (write one with --update-baseline)"),
        (
            '{"version": 2, "broken": []}',
            "not a baseline of verify-client (write one with --update-baseline)",
        ),
        (
            '{"version": 1, "broken": [3]}',
            "not a baseline of verify-client (write one with --update-baseline)",
        ),
        ('{"version": 1, "broken": ["flies/x"]}', "no promise 'flies'"),
        ("{", "cannot be read"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path, text, message):
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(UnderstudyError) as error:
        known_in(file)
    assert str(error.value).startswith(f"{file}: {message}")


def test_a_conversation_marks_its_moments_and_folds_what_is_far_from_them():
    card = grade([(ENDLESS, NONE)])
    finding = next(f for row in card.rows for f in row.broken)
    lines = finding.conversation.splitlines()
    assert lines[:4] == [
        "     0.003 s  POST /v1/things → 200, submitted",
        "     0.100 s  GET /v1/things/t1 → 200, failed",
        ">    0.200 s  GET /v1/things/t1 → 200, failed",
        ">    0.300 s  GET /v1/things/t1 → 200, failed",
    ]
    assert lines[-5:] == [
        "  … 24 more",
        ">    3.800 s  GET /v1/things/t1 → 200, failed",
        ">    3.900 s  GET /v1/things/t1 → 200, failed",
        ">    4.000 s  GET /v1/things/t1 → 200, failed",
        "     4.200 s  the command: stopped at its time limit",
    ]


def test_a_conversation_tells_refusals_pauses_faults_and_callbacks():
    told = JournalExchange(
        at_ms=2000,
        path="/v1/things",
        method="POST",
        kind="create",
        status=429,
        code=1303,
        message="too many",
        fault="too_many_tasks",
        retry_after_ms=2000,
        problems=("n: 0",),
    )
    lost = JournalExchange(at_ms=9, path="/v1/things", status=None, fault="reset")
    calls = (
        JournalDelivery(at_ms=1000, told="succeed", answered=401, genuine=False),
        JournalDelivery(at_ms=1001, told="failed", answered=None, fault="late"),
    )
    run = Trace(scenario="x", exchanges=(told, lost), deliveries=calls, exit_code=-9, duration_ms=3000)
    assert conversation(run).splitlines() == [
        "     0.009 s  GET /v1/things → no answer, [reset]",
        "     1.000 s  callback succeed → 401, signature wrong",
        "     1.001 s  callback failed → no answer [late]",
        "     2.000 s  POST /v1/things → 429/1303 too many, Retry-After 2 s, wrong: n: 0, [too_many_tasks]",
        "     3.000 s  the command: killed by signal 9",
    ]


def test_of_long_output_the_last_lines_are_shown():
    run = Trace(scenario="x", output="".join(f"{n}\n" for n in range(30)))
    assert output_tail(run).splitlines() == ["… 18 lines before", *(str(n) for n in range(18, 30))]
    assert output_tail(Trace(scenario="x", tasks=(JournalTask(task_id="t"),))) == ""
    endless = output_tail(Trace(scenario="x", output="y" * 1000))
    assert endless == "y" * 400 + "… 600 characters more"
