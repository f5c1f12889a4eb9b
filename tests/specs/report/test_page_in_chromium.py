"""An HTML report as people see it: what failed first, readable time lines, on paper and in the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.browser import needs_chromium, serious

from understudy.specs.report import Detail, Invocation, Report, ReportPlace, ReportRow, Span, html_page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser import Visit

pytestmark = needs_chromium

KEPT = tuple(
    ReportRow(
        id=f"kept-{n}", title=f"Promise {n} is kept.", verdict="kept", level="pass", area=f"area {n % 6}"
    )
    for n in range(60)
)
BROKEN = ReportRow(
    id="result-exactly-at-success",
    title="a task that is processing carries a result",
    verdict="broken",
    level="fail",
    text="Promised: the result is there exactly at success.",
    operation="GET /v1/images/{id}",
    area="area 3",
    places=(ReportPlace("specs/canonical/openapi.yaml", 108, label="promised by"),),
    details=(Detail("request 3", "GET /v1/images/1", '{"status": "processing"}', "answer", "json"),),
    timeline=(
        Span("submitted", 0, 210),
        Span("a state with a name that is much longer than the place for it", 210, 680),
        Span("failed", 680, 770, "fail"),
        Span("callback: submitted", 4, 4, "pass"),
        Span("callback: failed", 770, 770, "pass"),
    ),
)
REPORT = Report(
    "http://api.example held to the promises of canonical",
    (*KEPT[:30], BROKEN, *KEPT[30:]),
    facts=(("units", "8 of 8"),),
    grid=(("base", "a"), ("a", "-")),
    tool="understudy verify",
    invocation=Invocation("understudy verify x", "2026-11-29T01:50:00Z", seconds=12, seed=0),
)


@pytest.fixture
def report(visit: Visit, tmp_path: Path) -> Visit:
    file = tmp_path / "report.html"
    file.write_text(html_page(REPORT), encoding="utf-8")
    visit.page.goto(file.as_uri())
    return visit


def test_the_one_broken_promise_is_on_the_first_screen_and_a_click_away(report: Visit) -> None:
    link = report.page.locator(".index a")
    assert link.inner_text() == BROKEN.title
    assert (link.bounding_box() or {})["y"] < 300
    link.click()
    row = report.page.locator("details.row:target")
    assert row.locator("pre").first.is_visible()
    assert 0 <= (row.bounding_box() or {})["y"] < 200
    report.shot("report")


def test_labels_of_time_lines_do_not_cover_bars_or_each_other(report: Visit) -> None:
    boxes = report.page.evaluate(
        """() => [...document.querySelectorAll('.timeline :is(text, rect, polygon)')].map((one) => {
            const { left, right, top, bottom } = one.getBoundingClientRect();
            return { name: one.tagName, left, right, top, bottom };
        })"""
    )
    texts = [box for box in boxes if box["name"] == "text"]
    assert len(boxes) > len(texts) > 10

    def cover(one: dict, other: dict) -> bool:
        beside = one["right"] <= other["left"] + 0.5 or other["right"] <= one["left"] + 0.5
        above = one["bottom"] <= other["top"] + 0.5 or other["bottom"] <= one["top"] + 0.5
        return not (beside or above)

    assert [(a, b) for a in texts for b in boxes if a is not b and cover(a, b)] == []


@pytest.mark.parametrize(
    "visit", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}],
    ids=["light", "dark", "phone"], indirect=True,
)  # fmt: skip
def test_axe_finds_no_serious_violation(report: Visit) -> None:
    assert serious(report.page) == []
    assert report.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_paper_shows_what_is_folded_on_the_screen(report: Visit) -> None:
    kept = report.page.get_by_text("Promise 7 is kept.")
    assert not kept.is_visible()
    report.page.emulate_media(media="print")
    assert kept.is_visible()


def test_a_report_loads_nothing(report: Visit) -> None:
    assert [url for url in report.asked if not url.startswith("file:")] == []
    assert len(report.asked) == 1
