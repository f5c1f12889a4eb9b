"""The grade card as a report: what is shown below a broken row, and that a client's words stay words."""

from __future__ import annotations

from understudy.contracts.client_verifier.card import CardRow, ClientFinding, GradeCard
from understudy.contracts.client_verifier.card_report import MOST_SHOWN, card_report
from understudy.contracts.client_verifier.promises import BY_ID
from understudy.contracts.client_verifier.trace import JournalExchange, JournalTask, Trace
from understudy.contracts.client_verifier.verdict import ClientVerdict
from understudy.specs.report import Detail, Span, html_page

SCRIPT = "<script>alert(1)</script>"


def report(*findings):
    return card_report(GradeCard((CardRow(BY_ID["finishes"], findings),)), [("command", SCRIPT)])


def broken(scenario, output="", said="POST /v1/things → 200"):
    return ClientFinding(
        "finishes", scenario, ClientVerdict("broken", f"exit code 1; {output!r}"), said, output
    )


def test_what_several_runs_printed_is_shown_once():
    (row,) = report(broken("one", "Boom"), broken("two", "Bang"), broken("three", "Boom")).rows
    assert row.details == (
        Detail("in one", "POST /v1/things → 200"),
        Detail("printed in one, three", "Boom"),
        Detail("in two", "POST /v1/things → 200"),
        Detail("printed in two", "Bang"),
        Detail("in three", "POST /v1/things → 200"),
    )


def test_of_many_broken_runs_the_first_are_shown_and_the_others_named():
    (row,) = report(*(broken(f"run-{n}") for n in range(MOST_SHOWN + 2))).rows
    assert [detail.title for detail in row.details] == [*(f"in run-{n}" for n in range(MOST_SHOWN)), "and in"]
    assert row.details[-1].text == f"run-{MOST_SHOWN}: exit code 1; ''\nrun-{MOST_SHOWN + 1}: exit code 1; ''"
    assert len(row.fingerprint.split(", ")) == MOST_SHOWN + 2


def test_markup_that_a_client_prints_asks_for_or_is_called_by_is_text_on_the_page():
    page = html_page(report(broken(SCRIPT, SCRIPT, f"GET /{SCRIPT} → 404")))
    assert SCRIPT not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 8


def test_card_says_what_the_runs_would_have_cost_at_the_provider():
    """A task that failed is not charged."""
    paid = (JournalTask(task_id="1", units=2.0), JournalTask(task_id="2", units=0.5))
    tasks = (*paid, JournalTask(task_id="3", units=9.0, failed=True))
    card = GradeCard((), (Trace(scenario="a", tasks=tasks), Trace(scenario="b")))
    assert ("cost of these runs at the provider", "2.5 units, for 2 tasks") in card_report(card).facts


def test_broken_row_has_a_time_line_of_its_first_run():
    create = JournalExchange(at_ms=10, kind="create", task_id="t1")
    poll = JournalExchange(at_ms=400, kind="query", task_id="t1", status=503)
    task = JournalTask(task_id="t1", status="succeed", ended_ms=900)
    run = Trace(scenario="one", exchanges=(create, poll), tasks=(task,), exit_code=1, duration_ms=1200)
    finding = ClientFinding("finishes", "one", ClientVerdict("broken", "no", (1,)))
    (row,) = card_report(GradeCard((CardRow(BY_ID["finishes"], (finding,)),), (run,))).rows
    assert row.timeline == (
        Span("the command: exit code 1", 0, 1200),
        Span("task: succeed", 10, 900, "pass"),
        Span("query: 503", 400, 400, "fail"),
    )
    assert "<svg" in html_page(card_report(GradeCard((CardRow(BY_ID["finishes"], (finding,)),), (run,))))
