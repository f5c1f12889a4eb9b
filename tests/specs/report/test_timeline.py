"""Time lines: nothing that is written stands where a bar is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.report import Span
from understudy.specs.report.timeline import LEFT, MOST_LABEL, RIGHT, ROW, TOP, clock, draw

moments = st.integers(0, 3_600_000)
spans = st.lists(
    st.builds(lambda label, a, b: Span(label, min(a, b), max(a, b)), st.text(max_size=80), moments, moments),
    min_size=1,
    max_size=20,
)


@given(spans)
def test_bars_keep_between_the_labels_and_the_times(lines: list[Span]) -> None:
    drawing = draw(lines)
    assert drawing is not None
    for number, (bar, span) in enumerate(zip(drawing.bars, lines, strict=True)):
        assert bar.x >= LEFT
        assert bar.x + (0 if bar.moment else bar.width) <= RIGHT + 0.001
        assert len(bar.label) <= MOST_LABEL
        assert bar.whole == span.label
        assert bar.y == TOP + number * ROW


@given(spans)
def test_a_few_round_ticks_stand_below(lines: list[Span]) -> None:
    drawing = draw(lines)
    assert drawing is not None
    assert 1 <= len(drawing.ticks) <= 7
    assert all(LEFT - 0.001 <= x <= RIGHT + 0.001 for x, _ in drawing.ticks)


def test_a_time_line_in_figures() -> None:
    drawing = draw([Span("submitted", 0, 500), Span("succeed", 500, 1000), Span("callback", 500, 500)])
    assert drawing is not None
    assert [(bar.label, bar.x, bar.width, bar.time) for bar in drawing.bars] == [
        ("submitted", 210.0, 220.0, "0 – 500 ms"),
        ("succeed", 430.0, 220.0, "500 ms – 1 s"),
        ("callback", 430.0, 3.0, "500 ms"),
    ]
    assert [label for _, label in drawing.ticks] == ["0", "200 ms", "400 ms", "600 ms", "800 ms", "1 s"]


def test_nothing_seen_is_no_drawing() -> None:
    assert draw([]) is None


def test_times_are_said_as_people_say_them() -> None:
    assert [clock(n) for n in (0, 350, 1500, 59_999, 60_000, 125_000)] == [
        "0", "350 ms", "1.5 s", "60 s", "1 min", "2 min 5 s",
    ]  # fmt: skip
