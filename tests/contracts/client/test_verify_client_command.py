"""`understudy verify-client` as its users meet it: options, exit codes, files, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from tests.contracts.client.test_process import gone, wait_for

from understudy.contracts.cli import cli
from understudy.contracts.client_verifier.scenarios import SETS
from understudy.specs.errors import UnderstudyError

CLIENTS = Path(__file__).parents[3] / "fixtures" / "clients"
FAST = ("--task-seconds", "0.2", "--env", "POLL_SECONDS=0.05")
ONE = ("--scenarios", "all-is-well")
# Creates a task with what the arguments name, and does not wait for its end.
CREATE = """
import json, sys, urllib.request
url, key, body = sys.argv[1:]
request = urllib.request.Request(url + "/v1/images/multi-image2image", data=body.encode())
request.add_header("Authorization", "Bearer " + key)
request.add_header("Content-Type", "application/json")
try:
    urllib.request.urlopen(request).read()
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())
"""
BODY = '{"subject_image_list": [{"subject_image": "https://example.com/cat.png"}]}'


def invoke(*words):
    """Run the command in this process; an UnderstudyError is in `exception`, as `main` would get it."""
    return CliRunner().invoke(cli, ["verify-client", *words])


def careful(*options):
    return invoke(*FAST, *options, "--", sys.executable, str(CLIENTS / "careful.py"))


def rows(result):
    return {row["id"]: row for row in json.loads(result.stdout)["rows"]}


def test_url_and_key_reach_the_command_as_arguments_and_under_mapped_names():
    names = "KLING_API_BASE_URL={url}", "KLING_KEY=Bearer {api_key}", "PLAIN={}", "WHAT={scenario}"
    code = (
        CREATE
        + "import os; print(os.environ['KLING_API_BASE_URL'] == url == os.environ['UNDERSTUDY_URL'],"
        + "os.environ['KLING_KEY'] == 'Bearer ' + key == 'Bearer ' + os.environ['UNDERSTUDY_API_KEY'],"
        + "os.environ['PLAIN'], os.environ['WHAT'], os.environ['UNDERSTUDY_WEBHOOK_SECRET'][:6])"
    )
    mapped = [word for name in names for word in ("--env", name)]
    result = invoke(
        *ONE,
        *mapped,
        "--report",
        "terminal",
        "-v",
        "--",
        sys.executable,
        "-c",
        code,
        "{url}",
        "{api_key}",
        BODY,
    )
    assert result.exit_code == 0, result.output
    # It creates and leaves: all is well, and the card says what was not seen.
    assert "kept, but look  It finishes when nothing goes wrong." in result.stdout


def test_output_exit_code_and_conversation_of_each_run_are_kept(tmp_path):
    result = careful("--scenarios", "fails-late", "--keep", str(tmp_path / "runs"))
    assert result.exit_code == 0, result.output
    kept = {p.name: json.loads(p.read_text()) for p in (tmp_path / "runs").iterdir()}
    assert sorted(kept) == ["all-is-well.json", "fails-late.json"]
    failed = kept["fails-late.json"]
    assert (failed["exit_code"], failed["stopped"]) == (1, "")
    assert failed["output"] == "the task failed: Failure to pass the risk control system\n"
    assert failed["conversation"][0].endswith("POST /v1/images/multi-image2image → 200, submitted")


def test_callback_that_nobody_takes_is_told_as_such(tmp_path):
    body = BODY.replace("}]", '}], "callback_url": "http://127.0.0.1:1/"')
    code = CREATE + "import time; time.sleep(1)"
    words = (*ONE, "--keep", str(tmp_path), "--", sys.executable, "-c", code, "{url}", "{api_key}", body)
    assert invoke(*words).exit_code == 0
    kept = json.loads((tmp_path / "all-is-well.json").read_text())["conversation"]
    assert kept[1].endswith("callback submitted → no answer")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BODY.replace("}]", '}], "n": 0'), "n: must be at least 1"),
        (BODY.replace("}]", '}], "prompt": 7'), "prompt: must be of type string"),
        ('{"prompt": "a kite"}', "subject_image_list: is required"),
    ],
)
def test_order_that_is_refused_as_invalid_is_told_with_its_field_and_nothing_else_is_played(body, said):
    result = invoke(
        *("--scenarios", "all-is-well,unknown-fields", "--json", "--portable-to", "cometapi", "--"),
        *(sys.executable, "-c", CREATE, "{url}", "{api_key}", body),
    )
    told = rows(result)
    assert result.exit_code == 1
    assert {i: row["verdict"] for i, row in told.items() if row["verdict"] == "broken"} == {
        "requests-valid": "broken",
        "finishes": "broken",
        "portable": "broken",
    }
    assert f"POST /v1/images/multi-image2image: {said}" in told["requests-valid"]["text"]
    refused = "not played: the order of all-is-well was refused as invalid"
    assert told["survives-unknown-fields"]["text"] == refused
    assert json.loads(result.stdout)["facts"]["runs"] == "1"
    assert "understudy: only all-is-well was played: what it orders is refused as invalid" in result.stderr


def test_field_that_nobody_heeds_is_worth_a_look():
    body = BODY.replace("}]", '}], "sceen_image": "https://example.com/sea.png"')
    result = invoke(*ONE, "--json", "--", sys.executable, "-c", CREATE, "{url}", "{api_key}", body)
    row = rows(result)["requests-valid"]
    assert (result.exit_code, row["verdict"], row["level"]) == (0, "kept, but look", "warn")
    assert row["text"] == "all-is-well: the provider does not know, and would not heed: sceen_image"


def test_portable_says_which_providers_would_refuse_and_why():
    result = invoke(*ONE, "--json", "--", sys.executable, "-c", CREATE, "{url}", "{api_key}", BODY)
    row = rows(result)["portable"]
    assert (result.exit_code, row["verdict"]) == (0, "kept")
    told = dict(
        part.split(" would refuse: ") for part in row["text"].removeprefix("all-is-well: ").split("; ")
    )
    assert "canonical" not in told
    assert "kling" not in told
    assert "cometapi" not in told
    assert '"n" is a required property' in told["chainhub"]
    assert '"model_name" is a required property' in told["chainhub"]
    assert 'is not of type "string"' in told["yutoai"]


NOTHING = [
    (
        "print('using https://api.example.com:8443/v1'); exit(4)",
        3,
        (
            "understudy: could not tell: the command never asked the mock anything. Does it read its "
            "address from UNDERSTUDY_URL, or from a name given with --env NAME={url}? "
            "Its output names https://api.example.com:8443.\n"
            "It ended with exit code 4 after # s, and printed:\nusing https://api.example.com:8443/v1\n"
        ),
    ),
    (
        "pass",
        3,
        (
            "understudy: could not tell: the command never asked the mock anything. Does it read its "
            "address from UNDERSTUDY_URL, or from a name given with --env NAME={url}?\n"
            "It ended with exit code 0 after # s, and printed nothing\n"
        ),
    ),
    (
        "print('sh: client: not found\\x1b[2J'); exit(127)",
        2,
        (
            "understudy: the command could not be started\n"
            "It ended with exit code 127 after # s, and printed:\nsh: client: not found[2J\n"
        ),
    ),
    (
        CREATE.replace('"Bearer " + key', '"Bearer mine"'),
        3,
        (
            "understudy: could not tell: the command asked the mock with another key. Does it read its key "
            "from UNDERSTUDY_API_KEY, or from a name given with --env NAME={api_key}? It asked:\n"
            "  POST /v1/images/multi-image2image → 401, authorization_failed\n"
            "It ended with exit code 1 after # s, and printed:\n#\n"
        ),
    ),
    (
        CREATE.replace("/v1/images", "/api/v1/images"),
        3,
        (
            "understudy: could not tell: the command created no task, though nothing went wrong. It asked:\n"
            "  POST /api/v1/images/multi-image2image → 404, The requested resource does not exist: "
            "/api/v1/images/multi-image2image; nearest is POST /v1/images/multi-image2image\n"
            "It ended with exit code 1 after # s, and printed:\n#\n"
        ),
    ),
]


@pytest.mark.parametrize(
    ("code", "exit_code", "message"), NOTHING, ids=["elsewhere", "nothing", "not-there", "key", "path"]
)
def test_client_that_orders_nothing_is_told_so_once_before_the_other_scenarios(code, exit_code, message):
    result = invoke(
        "--scenarios", "quick", "-q", "--", sys.executable, "-c", code, "{url}", "{api_key}", BODY
    )
    told = re.sub(
        r"after [\d.]+ s|^\{.*\}$",
        lambda m: "after # s" if m[0][0] == "a" else "#",
        result.stderr,
        flags=re.MULTILINE,
    )
    left = f"That was all-is-well; the other scenarios ({len(SETS['quick']) - 1}) were not begun.\n"
    assert (result.exit_code, result.stdout, told) == (exit_code, "", message + left)


def test_reports_of_a_client_that_orders_nothing_say_so_too(tmp_path):
    words = ("--report", f"junit={tmp_path / 'card.xml'}", "--keep", str(tmp_path / "runs"), "--json", "-q")
    result = invoke(*ONE, *words, "--", sys.executable, "-c", "print('no configuration')")
    (row,) = json.loads(result.stdout)["rows"]
    assert (result.exit_code, row["id"], row["verdict"]) == (3, "orders-something", "could not tell")
    assert "no configuration" in row["text"]
    assert "orders-something" in (tmp_path / "card.xml").read_text()
    assert json.loads((tmp_path / "runs" / "all-is-well.json").read_text())["output"] == "no configuration\n"


def test_runs_are_told_in_a_pipe_unless_quiet():
    words = ("--", sys.executable, "-c", CREATE, "{url}", "{api_key}", BODY)
    told = invoke(*ONE, *words).stderr.splitlines()
    assert told[0].startswith("1 run, ")
    assert re.fullmatch(r"1/1  all-is-well: exit code 0 after \d+\.\d s", told[1])
    assert (len(told), invoke("-q", *ONE, *words).stderr) == (2, "")


def test_baseline_lets_what_is_known_pass_and_what_is_new_fail(tmp_path):
    baseline = tmp_path / "known.json"
    words = (*FAST, "--scenarios", "fails-late,unknown-fields", "--baseline", str(baseline))
    client = ("--", sys.executable, str(CLIENTS / "breaks_on_new_field.py"))
    assert invoke(*words, *client).exit_code == 1
    written = invoke(*words, "--update-baseline", *client)
    assert written.exit_code == 0
    assert json.loads(baseline.read_text())["broken"] == ["survives-unknown-fields/unknown-fields"]
    again = invoke(*words, *client)
    assert again.exit_code == 0
    assert "broken, known  It tolerates unknown fields." in again.stdout
    better = careful(*words[len(FAST) :])
    assert (
        "no longer broken, remove from the baseline: survives-unknown-fields/unknown-fields" in better.stdout
    )


def test_reports_hold_the_conversation_of_what_is_broken(tmp_path):
    files = {name: tmp_path / f"card.{name}" for name in ("junit", "json", "html")}
    reports = [word for name, file in files.items() for word in ("--report", f"{name}={file}")]
    words = (*FAST, "--scenarios", "unknown-fields", *reports, "--report", "terminal")
    result = invoke(*words, "--", sys.executable, str(CLIENTS / "breaks_on_new_field.py"))
    said = "POST /v1/images/multi-image2image"
    assert said in result.stdout
    suite = ET.parse(files["junit"]).getroot()
    failure = suite.find(".//failure")
    assert suite.attrib["failures"] == "1"
    assert said in failure.text
    assert "TypeError" in failure.text
    assert said in files["html"].read_text()
    row = next(r for r in json.loads(files["json"].read_text())["rows"] if r["verdict"] == "broken")
    assert [detail["title"] for detail in row["details"]] == [
        "in unknown-fields",
        "printed in unknown-fields",
    ]


def test_fast_sleep_lets_a_patient_client_be_graded_in_seconds():
    """Polls every 20 s, pauses as it is told for 30, tasks of a minute: minutes that pass in seconds."""
    words = ("--env", "POLL_SECONDS=20", "--task-seconds", "60", "--retry-after", "30", "--fast-sleep", "50")
    scenarios = ("--scenarios", "fails-late,too-fast-at-create,callbacks-forged")
    result = invoke(*words, *scenarios, "--json", "--", sys.executable, str(CLIENTS / "careful.py"))
    assert result.exit_code == 0, result.output
    verdicts = {name: row["verdict"] for name, row in rows(result).items()}
    kept = ("finishes", "reports-failure-reason", "honours-retry-after", "checks-signatures")
    assert {name: verdicts[name] for name in kept} == dict.fromkeys(kept, "kept")
    # By the client's clock.
    assert float(rows(result)["finishes"]["text"].removeprefix("all-is-well: in ").removesuffix(" s")) > 60


def test_fast_sleep_keeps_tokens_in_their_time():
    """The client is half a minute ahead of our wall clock, and so is the mock that dates its tokens."""
    token = (
        'import jwt, time; time.sleep(30); now = int(time.time()); claims = {"iss": key, "nbf": now - 5}; '
        'key = jwt.encode(claims | {"exp": now + 20}, "s" * 32, algorithm="HS256")'
    )
    code = CREATE.replace("request = ", f"{token}\nrequest = ")
    client = (sys.executable, "-c", code, "{url}", "{api_key}", BODY)
    result = invoke(*ONE, "--fast-sleep", "50", "--json", "--", *client)
    assert (result.exit_code, rows(result)["finishes"]["verdict"]) == (0, "kept, but look"), result.output


def test_fast_sleep_is_refused_to_a_client_that_cannot_follow():
    client = (sys.executable, "-I", "-c", CREATE, "{url}", "{api_key}", BODY)
    result = invoke(*ONE, "--fast-sleep", "10", "--", *client)
    assert isinstance(result.exception, UnderstudyError)
    assert str(result.exception).startswith("--fast-sleep: the command does not follow")


def test_client_that_sleeps_too_long_is_told_so():
    words = ("--timeout", "3.5", "--env", "POLL_SECONDS=60", "--task-seconds", "30", *ONE)
    result = invoke(*words, "--", sys.executable, str(CLIENTS / "careful.py"))
    assert result.exit_code == 3
    # A few seconds, by how long Python takes to start.
    assert re.search(r"could not tell: all-is-well was still at work after \d+ s,", result.stderr)
    assert "s in pauses between polls. To make them shorter" in result.stderr


def test_list_shows_every_scenario_and_promise():
    result = invoke("--list")
    assert result.exit_code == 0
    assert "create-times-out-at-the-provider" in result.stdout
    assert "honours-retry-after" in result.stdout
    assert "reset:at=query" not in result.stdout
    assert "\n      run:ms={long}+reset:at=query,times=1" in invoke("--list", "-v").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no command to run"),
        (("--", "no-such-program"), "CMD: no program 'no-such-program' (is it on the PATH?)"),
        (("--env", "X={uri}", "--", "true"), "--env: unknown placeholder {uri}"),
        (
            ("--scenarios", "fial", "--", "true"),
            "--scenarios: unknown scenario 'fial' (known: all, quick, all-is-well",
        ),
        (("-p", "nobody", "--", "true"), "unknown provider 'nobody' (known: canonical, "),
        (("--portable-to", "nobody", "--", "true"), "unknown provider 'nobody' (known: canonical, "),
        (("--env", "=x", "--", "true"), "--env: '=x' is not NAME=VALUE"),
        (("--report", "pdf", "--", "true"), "--report: no report format 'pdf'"),
    ],
)
def test_wrong_option_is_told_with_what_there_is(words, message):
    result = invoke(*words)
    assert isinstance(result.exception, UnderstudyError)
    assert message in str(result.exception)


def test_command_needs_no_dashes_and_keeps_its_own_options():
    client = (sys.executable, "-c", CREATE.replace("sys.argv[1:]", "sys.argv[2:]"))
    result = invoke("-q", *ONE, *client, "--json", "{url}", "{api_key}", BODY)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "Grade card of the client"), result.output


@pytest.mark.parametrize(
    "words",
    [("--keep", "FILE/x"), ("--baseline", "FILE/x.json", "--update-baseline")],
    ids=["keep", "baseline"],
)
def test_what_cannot_be_written_is_found_out_before_anything_runs(words, tmp_path):
    (tmp_path / "file").touch()
    given = [word.replace("FILE", str(tmp_path / "file")) for word in words]
    ran = ("--", sys.executable, "-c", "import sys; open(sys.argv[1], 'w')", str(tmp_path / "ran"))
    result = invoke(*given, *ran)
    assert isinstance(result.exception, UnderstudyError)
    assert str(result.exception).startswith(str(tmp_path / "file" / "x"))
    assert not (tmp_path / "ran").exists()


def test_update_baseline_without_a_file_is_a_usage_error():
    result = invoke("--update-baseline", "--", "true")
    assert (result.exit_code, "--update-baseline needs --baseline FILE" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_stopping_leaves_no_process_behind(tmp_path, number, code):
    """Three clients are running, each with a child; all are gone when the command has ended."""
    client = CREATE + (
        "import os, subprocess, time; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "open(os.environ['FOLDER'] + '/' + os.environ['UNDERSTUDY_SCENARIO'], 'w').write(f'{child.pid}'); "
        "time.sleep(60)"
    )
    names = ["all-is-well", "fails-late", "never-ends"]
    command = subprocess.Popen(
        [
            *(sys.executable, "-m", "understudy.contracts.cli", "verify-client", "-q"),
            *("--scenarios", ",".join(names), "--env", f"FOLDER={tmp_path}"),
            *("--", sys.executable, "-c", client, "{url}", "{api_key}", BODY),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    children = [wait_for(tmp_path / name) for name in names]
    os.kill(command.pid, number)
    out, error = command.communicate(timeout=60)
    assert (command.returncode, out, error) == (code, b"", b"")
    assert [gone(child) for child in children] == [True, True, True]
