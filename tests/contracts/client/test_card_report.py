"""The grade card as a report: what is shown below a broken row, and that a client's words stay words."""

from __future__ import annotations

from contracts.client_verifier.card import Card, Finding, Row
from contracts.client_verifier.card_report import MOST_SHOWN, card_report
from contracts.client_verifier.judges import Verdict
from contracts.client_verifier.promises import BY_ID
from specs.report import Detail, html_page

SCRIPT = "<script>alert(1)</script>"


def report(*findings):
    return card_report(Card((Row(BY_ID["finishes"], findings),)), [("command", SCRIPT)])


def broken(scenario, output="", said="POST /v1/things → 200"):
    return Finding("finishes", scenario, Verdict("broken", f"exit code 1; {output!r}"), said, output)


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
