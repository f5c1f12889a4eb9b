"""A client of another API is graded as one of Kling's is."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.contracts.client.grading import broken_in, graded

from understudy.contracts.client_verifier.played import abilities
from understudy.contracts.client_verifier.scenarios import choose

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = """
import json, os, time, urllib.request

def ask(url, body=None):
    headers = {"Authorization": "Bearer " + os.environ["KEY"], "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    return json.load(urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10))

patience = time.monotonic() + 4
task = ask(os.environ["BASE"] + "/v1/predictions", {"version": "a", "input": {"prompt": "a boat"}})
while task["status"] in ("starting", "processing"):
    time.sleep(0.3)
    task = ask(task["urls"]["get"])
    if time.monotonic() > patience:
        try:
            ask(task["urls"]["cancel"], {})
        except urllib.error.HTTPError as refused:
            print(refused)
        task = AFTER_CANCEL
print(task["status"], TOLD)
raise SystemExit(task["status"] != "succeeded")
"""


PLAYED = "all-is-well,fails-late,ends-cancelled,ends-expired,cancel-too-late,cancel-without-effect"


def played(tmp_path: Path, told: str, after_cancel: str) -> tuple[int, dict[str, Any]]:
    client = tmp_path / "client.py"
    client.write_text(CLIENT.replace("TOLD", told).replace("AFTER_CANCEL", after_cancel), encoding="utf-8")
    names = ("--env", "BASE={url}", "--env", "KEY={api_key}")
    words = ("verify-client", "-q", "-p", "replicate", *names, "--scenarios", PLAYED, "--task-seconds", "0.5")
    return graded(*words, "--json", "--", sys.executable, client)


def test_client_of_another_api_is_graded_and_compared_within_it(tmp_path: Path) -> None:
    code, card = played(tmp_path, 'task["error"]', 'ask(task["urls"]["get"])')
    verdicts = {row["id"]: row["verdict"] for row in card["rows"]}
    assert (code, [name for name, found in verdicts.items() if found == "broken"]) == (0, [])
    further = ("learns-what-its-cancel-did", "recovers-from-other-endings")
    assert [verdicts[name] for name in further] == ["kept", "kept"]
    assert "canonical" not in json.dumps(card)


VIDEO = """
import json, os, time, urllib.request
headers = {"Authorization": "Bearer " + os.environ["UNDERSTUDY_API_KEY"], "Content-Type": "application/json"}
def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["UNDERSTUDY_URL"] + url, data, headers)
    return urllib.request.urlopen(request).read()
video = json.loads(ask("/v1/videos", {"prompt": "a boat"}))
while video["status"] in ("queued", "in_progress"):
    time.sleep(0.2)
    video = json.loads(ask("/v1/videos/" + video["id"]))
    print(f"{video['progress']:FORM}%")
ask("/v1/videos/" + video["id"] + "/content")
"""


@pytest.mark.parametrize(
    ("form", "broken"), [(".0f", {}), ("3d", {"survives-fractions": ["progress-in-fractions"]})]
)
def test_progress_in_fractions_is_played_where_progress_is_told(form: str, broken: object) -> None:
    words = ("verify-client", "-q", "-p", "openai-videos", "--scenarios", "progress-in-fractions", "--json")
    _, card = graded(*words, "--task-seconds", "0.4", "--", sys.executable, "-c", VIDEO.replace("FORM", form))
    assert broken_in(card) == broken


@pytest.mark.parametrize(
    ("provider", "told"), [("openai-videos", False), ("runway", True), ("canonical", True)]
)
def test_success_without_results_is_played_where_records_hold_results(provider: str, told: bool) -> None:
    names = {scenario.name for scenario in choose("all", abilities=abilities(provider))}
    assert (
        {"succeeds-without-results", "results-come-late"} <= names
        if told
        else "results-come-late" not in names
    )


def test_bytes_that_are_fetched_from_the_task_are_results_and_no_polls() -> None:
    """A client that tries five times to fetch what is gone."""
    fetch = VIDEO.replace("FORM", ".0f").replace(
        'ask("/v1/videos/" + video["id"] + "/content")',
        """for _ in range(5):
    try: ask("/v1/videos/" + video["id"] + "/content"); break
    except OSError as gone: print(gone); time.sleep(.1)
else: raise SystemExit("no result")""",
    )
    words = (
        "verify-client",
        "-q",
        "-p",
        "openai-videos",
        "--scenarios",
        "results-gone",
        "--task-seconds",
        "0.4",
    )
    code, card = graded(*words, "--json", "--", sys.executable, "-c", fetch)
    verdicts = {row["id"]: row["verdict"] for row in card["rows"]}
    assert (code, verdicts["recovers-from-expired-results"]) == (0, "kept")


def test_reason_that_stands_elsewhere_and_a_cancel_that_came_too_late_are_looked_for(tmp_path: Path) -> None:
    """The one client has two faults: it hides reasons, and takes its cancel for done."""
    code, card = played(tmp_path, '""', 'task | {"status": "canceled"}')
    broken = {row["id"]: row["text"] for row in card["rows"] if row["verdict"] == "broken"}
    assert (code, sorted(broken)) == (1, ["learns-what-its-cancel-did", "reports-failure-reason"])
    both, why = broken["learns-what-its-cancel-did"].split(": ", 1)
    assert both == "cancel-too-late, cancel-without-effect"
    assert why == "its cancel came too late, and it did not look again: 1 unit paid for and abandoned"
