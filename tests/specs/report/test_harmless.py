"""What comes from outside cannot move a cursor, turn a line around, or hide, in any format."""

from __future__ import annotations

import io
import json
import re

import pytest

from understudy.specs.report import (
    Detail,
    Invocation,
    Report,
    ReportPlace,
    ReportRow,
    Span,
    github_annotations,
    html_page,
    json_text,
    junit,
    markdown,
    printable,
    sarif,
    terminal,
)

# A comment that reads as code (CVE-2021-42574), a cursor command in 7 and in 8 bits, a hidden ASCII letter,
# half a character, and a line that is none.
HOSTILE = "a\u202e)b\u2066c\x1b[2Jd\x9b2Je\U000e0041f\ud800g\u2028h"
SAFE = "a\ufffd)b\ufffdc\ufffd[2Jd\ufffd2Je\ufffdf\ufffdg\ufffdh"
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)
REPORT = Report(
    HOSTILE,
    (
        ReportRow(
            id="r",
            title=HOSTILE,
            verdict=HOSTILE,
            level="fail",
            text=HOSTILE,
            operation=HOSTILE,
            area=HOSTILE,
            places=(ReportPlace(HOSTILE, 1, label=HOSTILE),),
            details=(Detail(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
            timeline=(Span(HOSTILE, 0, 1),),
            explanation=HOSTILE,
            fingerprint=HOSTILE,
        ),
    ),
    facts=((HOSTILE, HOSTILE),),
    grid=((HOSTILE, HOSTILE), (HOSTILE, HOSTILE)),
    invocation=Invocation(command=HOSTILE, versions=((HOSTILE, HOSTILE),)),
)


def on_terminal(report: Report) -> str:
    stream = io.StringIO()
    terminal(report, stream, verbose=True)
    return stream.getvalue()


def test_each_unsafe_character_is_replaced_by_one_that_shows() -> None:
    assert printable(HOSTILE) == SAFE
    assert printable("tabs\tand\nlines, אבג and 漢字, é and 🦊") == "tabs\tand\nlines, אבג and 漢字, é and 🦊"


@pytest.mark.parametrize(
    "writer", [github_annotations, html_page, json_text, junit, markdown, on_terminal, sarif],
    ids=lambda writer: writer.__name__,
)  # fmt: skip
def test_no_writer_lets_an_unsafe_character_through(writer) -> None:
    text = writer(REPORT)
    assert UNSAFE.findall(text) == []
    assert "a" in text


@pytest.mark.parametrize("writer", [json_text, sarif], ids=["json", "sarif"])
def test_data_keeps_every_character_as_an_escape(writer) -> None:
    assert HOSTILE in json.dumps(json.loads(writer(REPORT)), ensure_ascii=False).replace(
        "\\u001b", "\x1b"
    ).replace("\\u2028", "\u2028")
