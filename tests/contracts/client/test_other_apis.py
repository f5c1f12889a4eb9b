"""A client of another API is graded as one of Kling's is."""

from __future__ import annotations

import json
import subprocess
import sys
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


PLAYED = "all-is-well,fails-late,ends-cancelled,ends-expired,cancel-too-late"


def graded(tmp_path: Path, told: str, after_cancel: str, *more: str) -> subprocess.CompletedProcess[str]:
    client = tmp_path / "client.py"
    client.write_text(CLIENT.replace("TOLD", told).replace("AFTER_CANCEL", after_cancel), encoding="utf-8")
    command = [Path(sys.executable).parent / "understudy", "verify-client", "-p", "replicate"]
    options = [
        "--env",
        "BASE={url}",
        "--env",
        "KEY={api_key}",
        "--scenarios",
        PLAYED,
        "--task-seconds",
        "0.5",
    ]
    words = [*command, *options, *more, "--", sys.executable, client]
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


def test_client_of_another_api_is_graded_and_compared_within_it(tmp_path: Path) -> None:
    done = graded(tmp_path, 'task["error"]', 'ask(task["urls"]["get"])', "--json")
    verdicts = {row["id"]: row["verdict"] for row in json.loads(done.stdout)["rows"]}
    assert (done.returncode, [name for name, found in verdicts.items() if found == "broken"]) == (0, [])
    further = ("learns-what-its-cancel-did", "recovers-from-other-endings")
    assert [verdicts[name] for name in further] == ["kept", "kept"]
    assert "canonical" not in done.stdout


def test_reason_that_stands_elsewhere_and_a_cancel_that_came_too_late_are_looked_for(tmp_path: Path) -> None:
    """The one client has two faults: it hides reasons, and takes its cancel for done."""
    done = graded(tmp_path, '""', 'task | {"status": "canceled"}', "--json")
    broken = {row["id"]: row["text"] for row in json.loads(done.stdout)["rows"] if row["verdict"] == "broken"}
    assert (done.returncode, sorted(broken)) == (1, ["learns-what-its-cancel-did", "reports-failure-reason"])
    assert broken["learns-what-its-cancel-did"] == (
        "cancel-too-late: its cancel came too late, and it did not look again: 1 unit paid for and abandoned"
    )
