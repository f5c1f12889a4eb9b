"""The writers, on one small world: a failed row with evidence, hostile text, and one row of each level."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from understudy.specs.errors import UnderstudyError
from understudy.specs.report import (
    LEVELS,
    Detail,
    Report,
    ReportPlace,
    ReportRow,
    Span,
    counted,
    emit,
    github_annotations,
    html_page,
    json_text,
    junit,
    markdown,
    parse_targets,
    sarif,
    terminal,
)

HOSTILE = "<script>alert(1)</script> | `x` @me #1 ``` \x1b[2J \x00 ::error::y % a,b:c\nsecond line"
BROKEN = ReportRow(
    id="field-required",
    title="field 'n' is required",
    verdict="breaks clients",
    level="fail",
    text="The base takes requests without it.",
    operation="POST /things",
    area="request",
    places=(ReportPlace("base.yaml", 3, label="base"), ReportPlace("dir/new spec.yaml", 7, 5, "revision")),
    details=(Detail("witness", "{}", beside='"n": 1', beside_title="accepted", language="json"),),
    timeline=(Span("submitted", 0, 500), Span("succeed", 500, 500, "pass")),
    explanation="A field that was optional is required.",
    fingerprint="abc123",
    seconds=0.25,
)
WORLD = Report(
    "Drift <b>",
    (
        BROKEN,
        *(
            ReportRow(id=f"r-{level}", title=f"a {level}", verdict=level, level=level, area="rest")
            for level in LEVELS
        ),
        ReportRow(
            id="hostile", title=HOSTILE, verdict="bad", level="fail", text=HOSTILE, operation="GET /|`"
        ),
    ),
    facts=(("base", "base.yaml"),),
    version="1",
)
WRITERS = [html_page, json_text, junit, github_annotations, markdown, sarif]


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.__name__)
def test_a_writer_gives_the_same_bytes_twice(writer):
    assert writer(WORLD) == writer(WORLD)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.__name__)
def test_a_writer_takes_an_empty_report(writer):
    assert isinstance(writer(Report("nothing")), str)


def test_summary_counts_worst_first():
    assert Report("t", (BROKEN, BROKEN, WORLD.rows[3])).summary() == "2 break clients · 1 note"


def test_junit_counts_failures_errors_and_skipped():
    root = ET.fromstring(junit(WORLD))
    suites = {s.get("name"): {k: s.get(k) for k in ("tests", "failures", "errors", "skipped")} for s in root}
    assert suites == {
        "request": {"tests": "1", "failures": "1", "errors": "0", "skipped": "0"},
        "rest": {"tests": "6", "failures": "1", "errors": "1", "skipped": "2"},
        "Drift <b>": {"tests": "1", "failures": "1", "errors": "0", "skipped": "0"},
    }
    case = root.find("testsuite/testcase")
    assert case.attrib == {
        "classname": "field-required",
        "name": "POST /things field 'n' is required",
        "time": "0.250",
    }
    assert case.find("failure").text == (
        "The base takes requests without it.\nbase base.yaml:3\nrevision dir/new spec.yaml:7:5\n"
        '\nwitness:\n{}\n\naccepted:\n"n": 1\n0–500 ms submitted\n500–500 ms succeed'
    )


def test_sarif_names_rule_level_both_places_and_fingerprint():
    run = json.loads(sarif(Report("t", (BROKEN,), version="1")))["runs"][0]
    assert run == {
        "tool": {
            "driver": {
                "name": "understudy",
                "rules": [
                    {
                        "id": "field-required",
                        "shortDescription": {"text": "A field that was optional is required."},
                    }
                ],
                "version": "1",
            }
        },
        "results": [
            {
                "ruleId": "field-required",
                "ruleIndex": 0,
                "level": "error",
                "message": {
                    "text": "POST /things: field 'n' is required\n"
                    "The base takes requests without it.\nwitness: {}"
                },
                "properties": {"verdict": "breaks clients"},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "dir/new%20spec.yaml"},
                            "region": {"startLine": 7, "startColumn": 5},
                        },
                        "message": {"text": "revision"},
                    }
                ],
                "relatedLocations": [
                    {
                        "id": 1,
                        "physicalLocation": {
                            "artifactLocation": {"uri": "base.yaml"},
                            "region": {"startLine": 3},
                        },
                        "message": {"text": "base"},
                    }
                ],
                "partialFingerprints": {"field-required/v1": "abc123"},
            }
        ],
    }


def test_sarif_leaves_out_what_is_fine():
    results = json.loads(sarif(WORLD))["runs"][0]["results"]
    assert [r["ruleId"] for r in results] == [
        "field-required",
        "r-fail",
        "r-warn",
        "r-note",
        "r-unknown",
        "hostile",
    ]


def test_annotations_are_one_escaped_line_a_row():
    lines = github_annotations(WORLD).split("\n")
    assert lines[0] == (
        "::error file=dir/new spec.yaml,line=7,col=5,title=breaks clients%3A field-required::"
        "POST /things: field 'n' is required%0AThe base takes requests without it.%0Awitness: {}"
    )
    assert [line.split(" ")[0] for line in lines] == [
        "::error",
        "::error",
        "::warning",
        "::notice",
        "::warning",
        "::error",
        "",
    ]


class Tags(HTMLParser):
    """Which tags and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.outside: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.outside += [value for name, value in attrs if name in ("src", "href", "onclick")]
        if tag == "details":
            self.open.append("open" if ("open", None) in attrs else "folded")


def test_html_is_self_contained_escaped_and_opens_what_failed():
    page, tags = html_page(WORLD), Tags()
    tags.feed(page)
    assert "script" not in tags.tags
    # Links lead to rows of the page itself.
    assert [link for link in tags.outside if not link.startswith("#row-")] == []
    # Areas stand in the order of their worst row; behind an area's own rows is one fold with what was kept.
    assert tags.open == ["open", "open", *["folded"] * 4, "folded", "folded", "open"]
    assert "<summary>1 pass</summary>" in page
    assert "prefers-color-scheme: dark" in page


def test_markdown_escapes_and_folds():
    text = markdown(WORLD)
    assert "<script>" not in text
    assert "| ❌ | breaks clients | `POST /things` | field 'n' is required (`field-required`) |" in text
    assert "<details><summary>❌ POST /things: field 'n' is required</summary>\n\nThe base takes" in text
    assert "witness:\n```json\n{}\n```" in text
    assert r"\@me \#1" in text


def test_markdown_fences_text_that_holds_fences():
    row = ReportRow(id="r", title="t", verdict="v", level="fail", details=(Detail("d", "```\nx"),))
    assert "````\n```\nx\n````" in markdown(Report("t", (row,)))


def test_json_says_everything_and_leaves_out_what_is_empty():
    data = json.loads(json_text(Report("t", (BROKEN, WORLD.rows[1]))))
    assert data["rows"][1] == {
        "id": "r-fail",
        "title": "a fail",
        "verdict": "fail",
        "level": "fail",
        "area": "rest",
    }
    assert data["rows"][0]["timeline"][0] == {
        "label": "submitted",
        "start_ms": 0,
        "end_ms": 500,
        "level": "note",
    }
    assert data["verdicts"] == {"breaks clients": 1, "fail": 1}


def test_terminal_is_plain_text_when_piped():
    stream = io.StringIO()
    terminal(Report("t", (BROKEN,)), stream)
    assert stream.getvalue() == (
        "t\n\nrequest\nbreaks clients  POST /things  field 'n' is required  [field-required]\n"
        "    The base takes requests without it.\n    base base.yaml:3\n    revision dir/new spec.yaml:7:5\n"
        '    witness: {}\n    accepted: "n": 1\n\n1 breaks clients\n'
    )


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_has_colours_on_a_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Tty()
    terminal(Report("t", (BROKEN,)), stream)
    assert "\x1b[1;31mbreaks clients\x1b[0m" in stream.getvalue()


def test_terminal_passes_no_control_characters_on():
    stream = io.StringIO()
    terminal(WORLD, stream, verbose=True)
    assert "\x1b" not in stream.getvalue()
    assert "\x00" not in stream.getvalue()


def test_terminal_cuts_long_evidence_unless_verbose():
    row = ReportRow(id="r", title="t", verdict="v", level="fail", details=(Detail("d", "a\nb\nc"),))
    short, whole = io.StringIO(), io.StringIO()
    terminal(Report("t", (row,)), short, lines=1)
    terminal(Report("t", (row,)), whole, lines=1, verbose=True)
    assert "      a\n      … 2 lines more\n" in short.getvalue()
    assert "      a\n      b\n      c\n" in whole.getvalue()


def test_targets_are_written_to_their_files(tmp_path):
    stream, file = io.StringIO(), tmp_path / "new" / "out.xml"
    emit(WORLD, parse_targets([f"junit={file}", "github"]), stream=stream)
    assert file.read_text(encoding="utf-8") == junit(WORLD)
    assert stream.getvalue() == github_annotations(WORLD)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "pdf=x",
            "--report: no report format 'pdf' (known: terminal, github, html, json, junit, markdown, sarif)",
        ),
        ("html=", "--report: no file after 'html=' (say html=FILE)"),
    ],
)
def test_a_bad_target_is_refused_by_name(value, message):
    with pytest.raises(UnderstudyError) as error:
        parse_targets([value])
    assert str(error.value) == message


def test_a_report_that_cannot_be_written_is_one_clear_error(tmp_path):
    with pytest.raises(UnderstudyError, match="cannot write the report: Is a directory"):
        emit(WORLD, parse_targets([f"html={tmp_path}"]), stream=io.StringIO())


def test_a_comment_of_many_rows_fits_a_pull_request_and_counts_what_is_left_out() -> None:
    """GitHub refuses a comment of more than 65,536 characters."""
    text = markdown(Report("t", (*[BROKEN] * 900, *[WORLD.rows[2]] * 3)))
    assert len(text) < 65_536
    assert text.startswith("## t\n\n**900 break clients")
    assert "### rest" in text
    assert "… and " in text
    assert "the HTML and JSON reports have it all" in text


def test_many_rows_are_folded_by_operation() -> None:
    rows = [replace(BROKEN, title=f"t{n}", operation=f"GET /{n % 3}") for n in range(24)]
    lines = markdown(Report("t", tuple(rows))).splitlines()
    folds = [line for line in lines if line.startswith("<details><summary>❌ GET") and "break" in line]
    assert folds == [f"<details><summary>❌ GET /{n}: 8 break clients</summary>" for n in range(3)]
    inside = lines[lines.index(folds[1]) : lines.index(folds[2])]
    assert [line.split("| ")[4][:3].strip() for line in inside if line.startswith("| ❌")] == [
        f"t{n}" for n in range(1, 24, 3)
    ]
    assert sum(line.startswith("<details>") for line in lines) == lines.count("</details>")


def test_rows_of_as_many_operations_fit_a_pull_request() -> None:
    rows = [replace(BROKEN, operation=f"GET /{n}") for n in range(900)]
    text = markdown(Report("t", tuple(rows)))
    assert len(text) < 65_536
    assert "… and " in text


def test_many_rows_have_their_counts_at_the_top_of_the_screen_as_well() -> None:
    stream = io.StringIO()
    terminal(Report("t", (BROKEN,) * 21), stream)
    lines = stream.getvalue().splitlines()
    assert (lines[1], lines[-1]) == ("21 break clients", "21 break clients")


def test_lines_too_long_for_a_terminal_go_on_further_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    text = "one two\nx" + " x" * 14
    row = ReportRow(id="r", title="a title of many words", verdict="warns", level="warn", text=text)
    stream, piped = Tty(), io.StringIO()
    terminal(Report("t", (row,), (("fact", "of some words more than fit"),)), stream)
    assert re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()).splitlines() == [
        "t", "  fact: of some words more", "    than fit", "",
        "warns  a title of many words", "  [r]",
        "    one two", "    x x x x x x x x x x x x", "      x x x", "", "1 warns",
    ]  # fmt: skip
    terminal(Report("t", (row,)), piped)
    assert "warns  a title of many words  [r]\n    one two\n    x" + " x" * 14 in piped.getvalue()


def test_a_command_to_copy_stays_one_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    command = "curl " + "word " * 10 + "end"
    row = ReportRow(
        id="r", title="t", verdict="v", level="fail", details=(Detail("repeat", command, language="sh"),)
    )
    stream = Tty()
    terminal(Report("t", (row,)), stream)
    assert f"    repeat: {command}\n" in stream.getvalue()


def test_a_grid_is_a_table_in_every_format_for_people() -> None:
    report = Report("t", grid=(("base", "a", "<b>"), ("a", "-", "1 / 2"), ("<b>", "10 / 0", "-")))
    stream = io.StringIO()
    terminal(report, stream)
    assert [line.rstrip() for line in stream.getvalue().splitlines()] == [
        "t", "", "base      a   <b>", "a         - 1 / 2", "<b>  10 / 0     -", "nothing found",
    ]  # fmt: skip
    assert '<tr><th scope="row">&lt;b&gt;</th><td>10 / 0</td><td>-</td></tr></tbody>' in html_page(report)
    assert "| base | a | \\<b\\> |\n|---|---|---|\n| a | - | 1 / 2 |\n" in markdown(report)
    assert json.loads(json_text(report))["grid"] == [list(line) for line in report.grid]


@pytest.mark.parametrize(
    ("n", "verdict", "said"),
    [
        (1, "breaks clients", "1 breaks clients"),
        (2, "breaks clients", "2 break clients"),
        (0, "warns", "0 warn"),
        (2, "could not tell", "2 could not tell"),
        (3, "needs a look", "3 needs a look"),
    ],
)
def test_a_count_agrees_with_its_verb(n: int, verdict: str, said: str) -> None:
    assert counted(n, verdict) == said


def test_lines_of_a_text_are_lines_everywhere() -> None:
    report = Report("t", (ReportRow(id="r", title="t", verdict="v", level="fail", text="one.\ntwo."),))
    assert "<p>one.</p>\n<p>two.</p>" in html_page(report)
    assert "one.\n\ntwo.\n" in markdown(report)


def test_files_begin_with_what_is_broken() -> None:
    kept = tuple(
        ReportRow(id=f"k{n}", title="t", verdict="kept", level="pass", area="first") for n in range(3)
    )
    broken = ReportRow(id="broken", title="t", verdict="broken", level="fail", area="last")
    skipped = ReportRow(id="skipped", title="t", verdict="not checked", level="skip", area="last")
    report = Report("t", (*kept, skipped, broken))
    assert [row["id"] for row in json.loads(json_text(report))["rows"]] == [
        "broken",
        "skipped",
        "k0",
        "k1",
        "k2",
    ]
    assert ET.fromstring(junit(report)).find("testsuite/testcase").get("classname") == "broken"
    for writer in (html_page, markdown):
        assert writer(report).index("broken") < writer(report).index("k0")


def test_evidence_of_kept_rows_is_dropped_before_that_of_broken_ones() -> None:
    long = (Detail("answer", "x" * 9_000),)
    kept = [
        ReportRow(id=f"k{n}", title=f"kept {n}", verdict="kept", level="pass", area="a", details=long)
        for n in range(9)
    ]
    broken = [
        ReportRow(id=f"b{n}", title=f"broken {n}", verdict="broken", level="fail", area="a", details=long)
        for n in range(5)
    ]
    text = markdown(Report("t", (*kept, *broken)))
    assert len(text) < 65_536
    assert [n for n in range(5) if f"<summary>❌ broken {n}<" in text] == [0, 1, 2, 3, 4]
    assert "Evidence of 8 rows is left out here" in text


def test_a_page_begins_with_an_index_of_what_failed() -> None:
    page = html_page(WORLD)
    assert page.index("<h2>1 bad, 1 breaks clients, 1 fail</h2>") < page.index('<a href="#row-1">field')
    assert 'id="row-1" open' in page
    assert '<a href="#row-2">a fail</a>' in page
    assert "Nothing failed" not in page
    assert '<p class="fine">Nothing failed.</p>' in html_page(Report("t", (WORLD.rows[6],)))
    assert '<p class="look">Nothing failed; to look at: 1 warn.</p>' in html_page(
        Report("t", (WORLD.rows[2],))
    )
    assert "Nothing failed" not in html_page(Report("t", (WORLD.rows[4],)))


def test_a_time_line_is_drawn_with_its_labels_beside_the_bars() -> None:
    page = html_page(Report("t", (BROKEN,)))
    assert '<svg viewBox="0 0 760 78" role="img" aria-label="What was seen when">' in page
    assert '<text x="198" y="22.32" text-anchor="end">submitted</text>' in page
    assert '<rect x="210.0" y="11" width="440.0" height="14" rx="3"/>' in page
    assert '<polygon points="650.0,' in page
