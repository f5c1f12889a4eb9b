"""`understudy verify`, as a person or a CI job runs it: what it prints, writes and exits with."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from tests.broken_servers.bugs import BUGS
from tests.contracts.serving import serving
from tests.mocks import mock_account

from understudy.contracts.checks import PROMISES
from understudy.contracts.checks.table import TASK
from understudy.contracts.cli import run as command
from understudy.contracts.cli.verify import verify
from understudy.contracts.runner.options import clean_key
from understudy.contracts.runner.plan import DEEP, enough_for
from understudy.contracts.target import read_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from understudy.contracts.handle import Account

QUICK = ("--pace", "0.04", "--generated", "0")
IMAGE = ("--family", "multi-image2image", "--budget", "6")
BOTH = (*IMAGE, "--family", "multi-image2video")
# Promises of APIs that keep their results for those who have the key, or offer what this one does not.
NOT_OURS = {"private-results-need-their-key"} | {p for p in PROMISES if PROMISES[p].offered is not None}
# Promises that cost a task, but not of multi-image2video: one is made of pictures, two an empty list shows.
SHOWN_FOR_NOTHING = {"result-indexes", "list-is-stable", "other-account-cannot-list"}
DEAR = {p for p in PROMISES if PROMISES[p].cost == TASK} - SHOWN_FOR_NOTHING - NOT_OURS
# What else a run without tasks leaves unseen; what needs a second task; what else a run of one leaves unseen.
UNSEEN = {"auth-unknown-key-refused", "list-page-size-kept", "list-pages-without-loss"}
SECOND_TASK = {"accepts-empty-texts", "bad-picture-fails", "external-id-is-unique"}
UNSEEN_BY_ONE = {
    "accepts-odd-fields",
    "auth-unknown-key-refused",
    "callback-ids-differ",
    "callback-is-retried",
    "callback-signature",
    "external-ids-are-per-account",
    "failed-tasks-are-free",
    "list-families-apart",
    "list-newest-first",
    "task-ids-cannot-be-guessed",
}


@pytest.fixture(scope="module")
def mock() -> Iterator[Account]:
    with mock_account(pace="fast", rate=5.0) as running:
        yield running


def run(*arguments: str, **environment: str) -> Result:
    quiet = {"UNDERSTUDY_API_KEY": "", "UNDERSTUDY_OTHER_API_KEY": "", "GITHUB_ACTIONS": ""}
    return CliRunner().invoke(verify, list(arguments), env={**quiet, **environment})


def test_a_faithful_server_keeps_the_promises_of_both_families(mock: Account) -> None:
    result = run(mock.url, "--pace", "0.04", *BOTH, "--budget", "10")
    assert result.exit_code == 0, result.output
    assert re.search(r"units: 10 of 10\n", result.output)
    assert "broken" not in result.output
    assert "could not tell" not in result.output


def test_a_faithful_server_keeps_the_promises_of_the_families_that_the_usual_budget_buys(
    mock: Account,
) -> None:
    result = run(mock.url, "--pace", "0.04")
    assert result.exit_code == 0, result.output
    [planned] = re.findall(r"tasks for at most (\S+) units", result.stderr)
    assert f"units: {planned} of 10\n" in result.stdout
    left = 10 - Decimal(planned)
    assert 0 <= left < min(cost for f in read_target("canonical").families if (cost := f.cost({})))
    assert "broken" not in result.output
    assert "could not tell" not in result.output


def test_the_plan_is_said_before_anything_is_spent(mock: Account) -> None:
    result = run(mock.url, *QUICK, *IMAGE)
    assert re.match(r"about \d+ free requests, then 4 tasks for at most 5 units", result.stderr)


def test_quietly_the_findings_alone_are_told(mock: Account) -> None:
    result = run(mock.url, *QUICK, *IMAGE, "--quiet")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert "promises" in result.stdout


def test_succeeded_for_succeed_names_the_promise_and_the_command_that_shows_it(mock: Account) -> None:
    with serving(mock.url, BUGS["succeeded-for-succeed"]) as url:
        result = run(url, *QUICK, *IMAGE, "-v")
    assert result.exit_code == 1
    assert "[status-known]" in result.output
    assert "promised by specs/canonical/openapi.yaml:" in result.output
    command = re.search(r"curl -sS .*multi-image2image/\d+.*", result.output)
    assert command is not None
    assert "Bearer $UNDERSTUDY_API_KEY" in command[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_printed_command_reproduces_the_failure(mock: Account, tmp_path: Path) -> None:
    with serving(mock.url, BUGS["n-10-is-taken"]) as url:
        report = tmp_path / "report.json"
        result = run(
            url, *QUICK, *IMAGE, "--budget", "0", f"--report=json={report}", UNDERSTUDY_API_KEY="v-k"
        )
        assert result.exit_code == 1
        rows = [r for r in json.loads(report.read_text())["rows"] if r["level"] == "fail"]
        [guilty] = [r for r in rows if r["id"] == "refuses-beyond-limits"]
        command = next(d["text"] for d in guilty["details"] if d["title"] == "repeat with")
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, text=True, env={"UNDERSTUDY_API_KEY": "v-again"},
        )  # fmt: skip
    assert '"task_status": "submitted"' in done.stdout, done.stderr
    assert '"n": 10' in command


def test_a_recorded_run_is_judged_again_without_network(mock: Account, tmp_path: Path) -> None:
    har = tmp_path / "run.har"
    with serving(mock.url, BUGS["result-is-square"]) as url:
        first = run(url, *QUICK, *IMAGE, "--har", str(har), "--api-key", "v-hush-hush")
    again = run("--replay", str(har))
    assert first.exit_code == again.exit_code == 1
    assert first.stdout == again.stdout
    assert "hush-hush" not in har.read_text()


def test_a_key_that_is_a_common_letter_spoils_no_answer(mock: Account) -> None:
    """A real key is blotted out of answers; blotting "k" would turn `task_id` into something unknown."""
    result = run(mock.url, *QUICK, *IMAGE, "--budget", "1", "--api-key", "k")
    assert "broken" not in result.output


def test_every_report_is_written(mock: Account, tmp_path: Path) -> None:
    names = ("junit", "html", "json", "sarif", "markdown")
    with serving(mock.url, BUGS["one-result-too-many"]) as url:
        result = run(url, *QUICK, *IMAGE, *(f"--report={n}={tmp_path / n}" for n in names))
    assert result.exit_code == 1
    assert result.stdout == ""
    suites = ET.parse(tmp_path / "junit").getroot()
    assert int(suites.get("failures", "0")) >= 1
    assert 'classname="result-count"' in (tmp_path / "junit").read_text()
    page = (tmp_path / "html").read_text()
    assert "result-count" in page
    assert "<svg viewBox" in page
    sarif = json.loads((tmp_path / "sarif").read_text())
    [found] = [r for r in sarif["runs"][0]["results"] if r["ruleId"] == "result-count"]
    where = found["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "specs/canonical/openapi.yaml"
    assert where["region"]["startLine"] > 1


def test_github_gets_annotations(mock: Account) -> None:
    with serving(mock.url, BUGS["codes-as-texts"]) as url:
        result = run(url, *QUICK, *IMAGE, "--budget", "0", GITHUB_ACTIONS="true")
    [line] = [one for one in result.stdout.splitlines() if one.startswith("::error")]
    assert "file=specs/canonical/openapi.yaml,line=" in line
    assert "refusal-shape" in line


def test_only_and_skip_choose_promises(mock: Account) -> None:
    result = run(mock.url, *QUICK, "--only", "refuses-wrong-types", "--only", "refusal-code",
                 "--skip", "refusal-code", "-v")  # fmt: skip
    assert result.exit_code == 0
    assert set(re.findall(r"\[([a-z-]+)\]", result.stdout)) == {"refuses-wrong-types"}
    assert "units: 0 of 10" in result.stdout


def test_one_family_is_asked_in_depth_and_the_others_are_named_with_their_price(
    mock: Account, tmp_path: Path
) -> None:
    har = tmp_path / "run.har"
    result = run(mock.url, *QUICK, "--only", "result-count", "--budget", "10", "--har", str(har))
    said = re.search(r"a budget of 10 does not buy (.*); --budget (\S+) asks all", result.output)
    assert said is not None, result.output
    families = read_target("canonical").families
    prices = {f.name: enough_for([f], 0, ["result-count"]) for f in families}
    asked, named = set(re.findall(r"latency (\S+):", result.output)), set(said[1].split(", "))
    assert (asked | named, asked & named) == (set(prices), set())
    # The cheapest that charges as much as a picture, and those that cost less than any that is left out.
    deep = "multi-image2image"
    assert max(prices[name] for name in asked - {deep}) <= min(prices[name] for name in named)
    assert sum(prices[name] for name in asked) <= 10
    sent = [e for e in json.loads(har.read_text())["log"]["entries"] if e["request"]["method"] == "POST"]
    creates = Counter(e["_understudy"]["family"] for e in sent)
    assert (deep in asked, creates[deep]) == (True, DEEP)
    [spent] = re.findall(r"units: (\S+) of 10\n", result.output)
    assert (result.exit_code, 0 <= 10 - Decimal(spent) < min(filter(None, prices.values()))) == (0, True)


def test_free_promises_alone_cost_nothing(mock: Account) -> None:
    result = run(mock.url, *QUICK, *BOTH, "--budget", "0")
    assert result.exit_code == 0
    assert "units: 0 of 0" in result.stdout
    assert (
        "not checked  69 promises (multi-image2video): not affordable with a budget of 0; "
        "--budget 10 buys a task for every promise: accepts-valid-requests, " in result.stdout
    )
    assert re.search(r"^145 not checked · 63 kept$", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("family", "budget", "spent", "dear", "unseen", "enough"),
    [
        ("multi-image2video", "0", "0", DEAR, UNSEEN, "6"),
        ("multi-image2video", "1", "0", DEAR, UNSEEN, "6"),
        ("multi-image2image", "2", "2", SECOND_TASK, UNSEEN_BY_ONE, "4"),
        ("multi-image2image", "6", "6", set(), None, ""),
    ],
)
def test_what_the_budget_does_not_buy_is_told_last_and_could_not_be_told(
    mock: Account,
    tmp_path: Path,
    family: str,
    budget: str,
    spent: str,
    dear: set[str],
    unseen: set[str] | None,
    enough: str,
) -> None:
    arguments = ("--family", family, "--budget", budget, f"--report=json={tmp_path / 'report'}")
    result = run(mock.url, *QUICK, *arguments, "--report=terminal")
    code = 3 if dear and budget != "0" else 0  # with 0 the free promises alone were asked for
    assert (result.exit_code, f"units: {spent} of {budget}" in result.stdout) == (code, True), result.output
    skipped = [r for r in json.loads((tmp_path / "report").read_text())["rows"] if r["level"] == "skip"]
    assert {r["id"] for r in skipped if r["text"].startswith("not affordable")} == dear
    said = []
    if unseen is not None:
        assert {r["id"] for r in skipped} == dear | unseen
        said.append(
            f"{len(dear)} of the {len(dear | unseen)} not checked: not affordable with a budget of {budget}; "
            f"--budget {enough} buys them"
        )
    assert re.findall(r"^\d+ .*not checked:.*", result.stderr, re.MULTILINE) == said


PROXIES = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


@pytest.mark.parametrize(
    ("names", "options", "reached"),
    [
        (("HTTP_PROXY",), (), True),
        (("all_proxy",), (), True),
        ((), ("--proxy", "{mock}"), True),
        ((), (), False),
        (("http_proxy",), ("--no-proxy",), False),
    ],
)
def test_provider_that_a_proxy_alone_can_reach_is_verified_through_it(
    mock: Account, names: tuple[str, ...], options: tuple[str, ...], reached: bool
) -> None:
    """The mock stands for the proxy: it is asked for whole URLs, of a name that means nothing here."""
    words = [word.format(mock=mock.url) for word in options]
    given = {**dict.fromkeys(PROXIES, ""), **dict.fromkeys(names, mock.url)}
    asked = (*QUICK, *IMAGE, "--only", "list-limits-accepted", "--budget", "0", "--api-key", "k")
    result = run("http://api.example.test", *asked, *words, **given)
    assert result.exit_code == (0 if reached else 3), result.output
    assert ("no such host" in result.output) == (not reached)


def test_money_that_taken_bad_requests_used_up_is_the_reason_given(mock: Account) -> None:
    """The canonical mock takes what ChainHub's documents refuse: a request without model_name."""
    result = run(mock.url, *QUICK, *IMAGE, "--provider", "chainhub", "--budget", "2")
    assert result.exit_code == 1
    assert re.search(
        r"not checked  \d+ promises: not seen: bad requests that were taken had used up the budget "
        r"of 2 units: accepts-valid-requests, ",
        result.stdout,
    )


def test_every_count_can_be_found_again_in_what_is_shown(mock: Account) -> None:
    result = run(mock.url, *QUICK, *BOTH, "--budget", "4")
    rows = re.findall(r"^not checked  (\d+)?.*\((multi\S+)( and multi\S+)?\): ", result.stdout, re.MULTILINE)
    [total] = re.findall(r"^(?:.* )?(\d+) not checked", result.stdout, re.MULTILINE)
    assert sum(int(number or 1) * (2 if second else 1) for number, _, second in rows) == int(total)
    [parts] = re.findall(r"requests: (\d+): (\d+) .*, (\d+) .*, (\d+) ", result.stdout)
    whole, *each = map(int, parts)
    assert sum(each) == whole


@pytest.mark.parametrize("given", ["sk-123", " sk-123\n", "Bearer sk-123", "bearer  sk-123 "])
def test_a_key_is_taken_as_people_paste_it(given: str) -> None:
    assert clean_key(given, "--api-key") == "sk-123"


OF_FEW = {name for name, promise in PROMISES.items() if promise.offered is not None}


def test_the_table_lists_every_promise_that_the_provider_makes() -> None:
    result = run("--list")
    assert result.exit_code == 0
    listed = [line.split()[0] for line in result.stdout.splitlines()]
    assert listed == [name for name in PROMISES if name not in OF_FEW]
    assert re.search(
        r"^status-moves-forward +query +a task .*\[specs/\S+:\d+\]$", result.stdout, re.MULTILINE
    )
    fal = {line.split()[0] for line in run("--list", "--provider", "fal").stdout.splitlines()}
    assert fal & OF_FEW == {
        "answers-have-headers", "callback-only-when-chosen", "cancel-ends-the-task", "cancel-of-ended-task",
        "query-status-fits-state", "results-wait-for-the-end", "stream-tells-states",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "use the URL"),
        (("ftp://h",), "not an http or https URL"),
        (("http://",), "not an http or https URL"),
        (("http://h:99999",), "not an http or https URL"),
        (("http://me:hush@127.0.0.1",), "a user or password in the URL cannot be used (the key comes from"),
        (("http://127.0.0.1:1/kling?a=b#c",), "without ? and # (give http://127.0.0.1:1/kling)"),
        (("http://127.0.0.1", "--api-key", "sk-1\nsk-2"), "--api-key: a key is one word"),
        (("http://127.0.0.1", "--other-api-key", "a\x07b"), "--other-api-key: a key is one word"),
        (("https://api.example.com",), "no key (set UNDERSTUDY_API_KEY, or give --api-key)"),
        (("http://127.0.0.1", "--provider", "nobody"), "unknown provider 'nobody'"),
        (("http://127.0.0.1", "--family", "x"), "has no family 'x'"),
        (("http://127.0.0.1", "--only", "result-cuont"), "no promise 'result-cuont'"),
        (("http://127.0.0.1", "--only", "result-count", "--skip", "result-count"), "no promise is left"),
        (("http://127.0.0.1", "--budget", "-1"), "units must be a number"),
        (("http://127.0.0.1", "--budget", "nan"), "units must be a number"),
        (("http://127.0.0.1", "--callback-listen", "x"), "use HOST:PORT"),
        (("http://127.0.0.1", "--report", "pdf"), "no report format 'pdf'"),
        (("http://127.0.0.1", "--image", "/no/such/file"), "cannot read the picture"),
    ],
)
def test_a_wrong_call_says_what_to_do_and_exits_2(
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("UNDERSTUDY_API_KEY", raising=False)
    monkeypatch.setattr(sys, "argv", ["understudy", "verify", *arguments])
    assert command() == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert "hush" not in told


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"log": {"entries": []}}', "nonsense", '{"log":{"_understudy":7}}']
)
def test_a_file_that_is_no_recorded_run_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x.har"
    file.write_text(text)
    result = run("--replay", str(file))
    assert result.exception is not None
    assert "x.har" in str(result.exception)
