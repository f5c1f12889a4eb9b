"""How a report came about, and what of it must not be told."""

from __future__ import annotations

import json

import pytest

from understudy.specs.report import (
    Invocation,
    Report,
    ReportRow,
    html_page,
    json_text,
    junit,
    markdown,
    sarif,
)
from understudy.specs.report.invocation import command_line, duration, finished, rfc3339

INVOCATION = Invocation(
    command="understudy verify http://h",
    began="2026-11-29T01:50:00Z",
    ended="2026-11-29T01:50:12Z",
    seconds=12.0,
    seed=0,
    versions=(("understudy", "0.1.0"), ("Python", "3.11.7")),
    exit_code=1,
)
ROW = ReportRow(id="r", title="t", verdict="broken", level="fail", operation="POST /v1/x")
REPORT = Report("t", (ROW,), invocation=INVOCATION)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("understudy verify http://h --api-key k --budget 4", "… verify http://h --api-key '***' --budget 4"),
        ("understudy verify --other-api-key=k http://h", "… verify '--other-api-key=***' http://h"),
        ("understudy verify-client --env KEY=k -- a b.py", "… verify-client --env 'KEY=***' -- a b.py"),
        ("understudy drift a --live https://me:pw@h/v1", "… drift a --live https://h/v1"),
        ("understudy verify http://h --api-key", "… verify http://h --api-key"),
        ("understudy verify --api-key --env A=b", "… verify --api-key '***' A=b"),
    ],
)  # fmt: skip
def test_a_command_is_shown_without_its_secrets(words: str, shown: str) -> None:
    assert command_line(words.split()) == shown.replace("…", "understudy")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.04, "0.0 s"), (9.5, "9.5 s"), (59.4, "59 s"), (185, "3 min 5 s")]
)
def test_a_duration_is_told_in_words(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_time_that_no_calendar_has_is_left_out() -> None:
    assert (rfc3339(1_764_381_000_000), rfc3339(1e30)) == ("2025-11-29T01:50:00Z", "")


def test_run_that_has_ended_is_dated_and_timed() -> None:
    told = finished("understudy trigger URL", 1_764_381_000.0, 1_764_381_002.25, 1)
    assert (told.command, told.began, told.ended, told.seconds, told.seed, told.exit_code) == (
        "understudy trigger URL", "2025-11-29T01:50:00Z", "2025-11-29T01:50:02Z", 2.25, None, 1,
    )  # fmt: skip
    assert [name for name, _ in told.versions if name == "understudy"] == ["understudy"]


def test_data_has_the_seed_and_the_times() -> None:
    assert json.loads(json_text(REPORT))["invocation"] == {
        "command": "understudy verify http://h",
        "began": "2026-11-29T01:50:00Z",
        "ended": "2026-11-29T01:50:12Z",
        "seconds": 12.0,
        "seed": 0,
        "versions": {"understudy": "0.1.0", "Python": "3.11.7"},
        "exit_code": 1,
    }


def test_sarif_has_an_invocation_and_each_result_a_location() -> None:
    run = json.loads(sarif(REPORT))["runs"][0]
    assert run["invocations"] == [
        {
            "executionSuccessful": True,
            "commandLine": "understudy verify http://h",
            "exitCode": 1,
            "startTimeUtc": "2026-11-29T01:50:00Z",
            "endTimeUtc": "2026-11-29T01:50:12Z",
            "properties": {
                "seed": 0,
                "versions": {"understudy": "0.1.0", "Python": "3.11.7"},
                "seconds": 12.0,
            },
        }
    ]
    assert run["results"][0]["locations"] == [
        {"logicalLocations": [{"fullyQualifiedName": "POST /v1/x", "kind": "resource"}]}
    ]


@pytest.mark.parametrize("writer", [html_page, markdown, junit], ids=["html", "markdown", "junit"])
def test_a_page_shows_date_duration_seed_and_versions(writer) -> None:
    text = writer(REPORT).replace("\\", "")
    shown = ["2026-11-29T01:50:00Z", "12 s", "seed", "understudy 0.1.0, Python 3.11.7"]
    assert [piece for piece in shown if piece not in text] == []
