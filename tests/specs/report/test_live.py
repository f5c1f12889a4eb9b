"""The line of a long command: drawn below what is said, as wide as the terminal, gone at the end."""

from __future__ import annotations

import io
import re

import pytest

from understudy.specs.report.live import Stretch, live_line

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")


def drawn(stretch: Stretch, *said: str) -> list[str]:
    """The lines that a terminal is sent, without their escapes."""
    stream = Terminal()
    with live_line(stream, lambda: stretch) as line:
        for text in said:
            line.say(text)
    assert stream.getvalue().endswith("\x1b[2K")  # the line is wiped away
    return [line.rstrip() for line in re.split(r"[\r\n]+", ESCAPES.sub("", stream.getvalue()))]


def test_a_line_says_what_and_when_it_should_end() -> None:
    line = drawn(Stretch("polling", 3, 10, 75.0))[0]
    assert "polling" in line
    assert line.endswith("about 1 min 15 s left")


def test_what_is_said_stays_above() -> None:
    lines = drawn(Stretch("polling"), "[bold] is no markup here", "half an \x1b[31mescape")
    assert "[bold] is no markup here" in lines
    assert "half an \ufffd[31mescape" in lines


def test_a_long_line_is_cut_to_the_width_of_the_terminal() -> None:
    lines = drawn(Stretch("word " * 60 + "the end", 1, 2, 90.0))
    assert max(map(len, lines)) <= 80
    assert "…" in lines[0]


def test_a_pipe_gets_what_is_said_alone() -> None:
    stream = io.StringIO()
    with live_line(stream, lambda: Stretch("polling")) as line:
        line.say("the API answers")
    assert stream.getvalue() == "the API answers\n"


def test_the_line_is_wiped_away_when_the_command_is_interrupted() -> None:
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt), live_line(stream, lambda: Stretch("polling")):
        raise KeyboardInterrupt
    assert stream.getvalue().endswith("\x1b[2K")
