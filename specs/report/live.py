"""The live line of a long command: what it does now, how far it is, when it should end. On a terminal only.

with live_line(sys.stderr, lambda: Stretch("polling", done=3, of=10, seconds_left=12)) as line:
    line.say("the API answers below /kling")    # stays, above the line

Elsewhere nothing is drawn, and what is said is a line of its own. At the end, and after Ctrl-C, it is gone.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

import click

from understudy.specs.harmless import printable
from understudy.specs.report.invocation import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import RenderableType
    from rich.progress import Progress

DRAWS_PER_SECOND = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a command stands. `of` and `seconds_left` are 0 while nobody knows how much there is to do."""

    text: str
    done: int = 0
    of: int = 0
    seconds_left: float = 0.0


class LiveLine:
    """Where a command says what stays on the screen, while its line is drawn below."""

    def __init__(self, stream: TextIO, drawn: Progress | None) -> None:
        self._stream = stream
        self._drawn = drawn

    @property
    def live(self) -> bool:
        """Whether a line is drawn: whether somebody watches."""
        return self._drawn is not None

    def say(self, text: str) -> None:
        """Print `text` on lines of its own."""
        if self._drawn is None:
            click.echo(printable(text), file=self._stream)
        else:
            self._drawn.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def live_line(stream: TextIO, stretch: Callable[[], Stretch]) -> Iterator[LiveLine]:
    """Draw what `stretch` gives, several times a second, while the block runs. NO_COLOR is honoured."""
    if not stream.isatty():
        yield LiveLine(stream, None)
        return
    drawn = _progress(stream, stretch)
    with drawn:
        yield LiveLine(stream, drawn)


def _progress(stream: TextIO, stretch: Callable[[], Stretch]) -> Progress:
    # Here, because most runs have nobody who watches.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
    from rich.table import Column

    class Line(Progress):
        """rich's progress, which asks for its one row anew whenever it is drawn."""

        def get_renderables(self) -> Iterable[RenderableType]:
            now = stretch()
            left = f"about {duration(now.seconds_left)} left" if now.seconds_left >= 1 else ""
            for task in self.tasks:
                known = {"total": now.of or None, "completed": now.done}
                self.update(task.id, description=printable(now.text), left=left, **known)  # type: ignore[arg-type]
            yield self.make_tasks_table(self.tasks)

    line = Line(
        SpinnerColumn(),
        BarColumn(bar_width=12),
        TextColumn(
            "{task.description}",
            markup=False,
            table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
        ),
        TextColumn("{task.fields[left]}", markup=False, table_column=Column(no_wrap=True)),
        console=Console(file=stream, emoji=False),
        transient=True,
        expand=True,
        refresh_per_second=DRAWS_PER_SECOND,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    line.add_task("", total=None, left="")
    return line
