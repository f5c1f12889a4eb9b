"""Time lines as drawings: where bars, labels and ticks go. Labels stand left of the bars, never on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from understudy.specs.report.record import Level, Span

# All in units of the drawing, which are pixels at its natural size.
WIDTH, ROW, TOP = 760, 24, 6
LEFT, RIGHT = 210, 650  # where bars begin and end; right of them the times
LEAST_BAR = 3.0
# What fits left of the bars, in characters.
MOST_LABEL = 30
TICKS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a time line: a label, a bar or (with `moment`) a mark, and its times."""

    label: str
    whole: str
    time: str
    x: float
    width: float
    y: float
    moment: bool
    level: Level

    @property
    def text_y(self) -> float:
        return self.y + ROW * 0.68

    @property
    def diamond(self) -> str:
        """The points of the mark of a moment."""
        middle, size = self.y + ROW / 2, ROW / 4
        corners = ((self.x, middle - size), (self.x + size, middle), (self.x, middle + size),
                   (self.x - size, middle))  # fmt: skip
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole time line; `ticks` are (x, label) below the bars."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    height: float
    width: int = WIDTH
    left: int = LEFT
    right: int = RIGHT

    @property
    def floor(self) -> float:
        return self.height - ROW


def draw(spans: Sequence[Span]) -> Drawing | None:
    """A drawing of `spans` from the start of the first to the end of the last; None for none."""
    if not spans:
        return None
    start = min(0, *(span.start_ms for span in spans))
    end = max(start + 1, *(span.end_ms for span in spans))
    scale = (RIGHT - LEFT) / (end - start)
    bars = []
    for number, span in enumerate(spans):
        x, width = LEFT + (span.start_ms - start) * scale, (span.end_ms - span.start_ms) * scale
        moment = span.start_ms == span.end_ms
        time = clock(span.start_ms) if moment else f"{clock(span.start_ms)} – {clock(span.end_ms)}"
        wide = min(RIGHT - LEFT, max(LEAST_BAR, width))
        bars.append(
            Bar(_cut(span.label), span.label, time, x if moment else min(x, RIGHT - wide), wide,
                TOP + number * ROW, moment, span.level)
        )  # fmt: skip
    ticks = tuple((LEFT + (at - start) * scale, clock(at)) for at in _ticks(start, end))
    return Drawing(tuple(bars), ticks, TOP + (len(spans) + 1) * ROW)


def clock(milliseconds: int) -> str:
    """ "0", "350 ms", "1.5 s", "2 min 5 s"."""
    if abs(milliseconds) < 1000:
        return f"{milliseconds} ms" if milliseconds else "0"
    if abs(milliseconds) < 60_000:
        return f"{milliseconds / 1000:.2f}".rstrip("0").rstrip(".") + " s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


def _ticks(start: int, end: int) -> Iterator[int]:
    """Round moments, some five of them: steps of 1, 2 or 5 times a power of ten."""
    step = 1
    while (end - start) / step > TICKS:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return iter(range(-(-start // step) * step, end + 1, step))


def _cut(label: str) -> str:
    return label if len(label) <= MOST_LABEL else label[: MOST_LABEL - 1] + "…"
