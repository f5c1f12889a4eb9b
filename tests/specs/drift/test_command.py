"""`understudy drift`: what it prints, where it writes, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from understudy.contracts.cli import cli
from understudy.specs import library
from understudy.specs.cli.drift import rules_table
from understudy.specs.cli.drift_progress import progress
from understudy.specs.cli.drift_rows import file_named
from understudy.specs.drift.data import finding_data
from understudy.specs.drift.finding import Finding
from understudy.specs.drift.matrix import matrix
from understudy.specs.places import operations
from understudy.specs.rules import RULES

ROOT = Path(__file__).parents[3]
OLD = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                name: {type: string, maxLength: 9}
      responses:
        '200': {description: ok}
"""
NEW = OLD.replace("maxLength: 9", "maxLength: 3")
UNDECIDED = OLD.replace("maxLength: 9", "minLength: 1000000000")

TITLE = "name: max length decreased, 9 to 3  [request-max-length-decreased]"
SCREEN = f"""\
Drift from old.yaml to new.yaml
  base: old.yaml
  revision: new.yaml

Breaks clients
breaks clients  POST /things application/json  {TITLE}
    The revision refuses what a client of the base may send.
    base old.yaml:13
    revision new.yaml:13
    witness: base takes, revision refuses ("aaaa" is longer than 3 characters):
      {{
        "name": "aaaa"
      }}

1 breaks clients
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(NEW)
    (tmp_path / "undecided.yaml").write_text(UNDECIDED)
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["drift", *arguments])


def fingerprint() -> str:
    return json.loads(run("old.yaml", "new.yaml", "--json").stdout)["findings"][0]["fingerprint"]


def test_a_break_is_shown_with_both_places_and_the_witness(files: Path) -> None:
    result = run("old.yaml", "new.yaml")
    assert result.exit_code == 1
    assert result.stdout == SCREEN


def test_the_same_document_is_fine(files: Path) -> None:
    result = run("old.yaml", "old.yaml")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "nothing found")


def test_what_is_undecided_could_not_be_told(files: Path) -> None:
    base = OLD.replace("maxLength: 9", "minLength: 999999999")
    (files / "old.yaml").write_text(base)
    assert run("old.yaml", "undecided.yaml").exit_code == 3


@pytest.mark.parametrize(
    ("sides", "fail_on", "code"),
    [
        (("old.yaml", "new.yaml"), "breaks clients", 1),
        (("old.yaml", "new.yaml"), "never", 0),
        (("new.yaml", "old.yaml"), "breaks clients", 0),
        (("new.yaml", "old.yaml"), "breaks providers", 1),
        (("new.yaml", "old.yaml"), "warns", 1),
    ],
)
def test_fail_on_says_what_makes_the_exit_code(files: Path, sides: tuple, fail_on: str, code: int) -> None:
    assert run(*sides, "--fail-on", fail_on).exit_code == code


def test_levels_move_a_rule(files: Path) -> None:
    (files / "levels.toml").write_text('request-max-length-decreased = "warns"')
    result = run("old.yaml", "new.yaml", "--levels", "levels.toml")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "1 warns")


def test_a_waiver_takes_a_finding_out_until_its_day(files: Path) -> None:
    (files / "w.toml").write_text(
        f'[[waiver]]\nfingerprint = "{fingerprint()}"\nreason = "known"\nexpires = 2026-12-31\n'
    )
    before = run("old.yaml", "new.yaml", "--waivers", "w.toml", "--today", "2026-12-31")
    after = run("old.yaml", "new.yaml", "--waivers", "w.toml", "--today", "2027-01-01")
    assert (before.exit_code, before.stdout.splitlines()[-1]) == (0, "1 waived")
    assert (after.exit_code, after.stdout.splitlines()[-1]) == (1, "1 breaks clients · 1 warns")


def test_the_fingerprint_outlives_lines_and_file_names(files: Path) -> None:
    first = fingerprint()
    (files / "old.yaml").write_text("# a line more\n" + OLD)
    assert fingerprint() == first


def test_json_holds_findings_and_surfaces(files: Path) -> None:
    data = json.loads(run("old.yaml", "new.yaml", "--json").stdout)
    assert data["findings"][0] == {
        "rule": "request-max-length-decreased",
        "verdict": "breaks clients",
        "title": "name: max length decreased, 9 to 3",
        "direction": "request",
        "area": "schema",
        "surface": "POST /things application/json",
        "where": "name",
        "base_place": {"file": "old.yaml", "line": 13},
        "revision_place": {"file": "new.yaml", "line": 13},
        "reach": ["POST /things application/json"],
        "witness": {
            "kind": "payload",
            "surface": "POST /things application/json",
            "payload": {"name": "aaaa"},
            "taken_by": "base",
            "refused_by": "revision",
            "refusal": '"aaaa" is longer than 3 characters',
        },
        "reason": "The max length is stricter on one side.",
        "fingerprint": data["findings"][0]["fingerprint"],
        "old": 9,
        "new": 3,
    }
    verdicts = [(s["surface"], s["stays"], s["verdict"]) for s in data["surfaces"]]
    assert verdicts == [
        ("POST /things application/json", "clients", "incompatible"),
        ("POST /things application/json", "providers", "compatible"),
    ]


def test_json_lists_the_first_of_many_places_and_counts_all() -> None:
    places = [
        {
            key: value
            for key, value in finding_data(Finding(rule="r", verdict="warns", title="t", reach=names)).items()
            if "reach" in key
        }
        for names in (tuple(f"GET /{n}" for n in range(100)), tuple(f"GET /{n}" for n in range(101)))
    ]
    first = [f"GET /{n}" for n in range(100)]
    assert places == [{"reach": first}, {"reach": first, "reach_count": 101}]


def test_reports_are_written_side_by_side(files: Path) -> None:
    formats = ("markdown", "json", "sarif", "junit", "html", "github")
    result = run("old.yaml", "new.yaml", *(f"--report={name}={name}.out" for name in formats))
    assert (result.exit_code, result.stdout) == (1, "")
    for name in formats:
        text = (files / f"{name}.out").read_text(encoding="utf-8")
        assert "request-max-length-decreased" in text
        assert "new.yaml" in text
        assert "aaaa" in text


def test_two_runs_print_the_same_bytes() -> None:
    program = "import understudy.contracts.cli as c; c.main()"
    command = [sys.executable, "-c", program, "drift", "canonical", "yutoai", "--json"]
    outputs = [
        subprocess.run(
            command,
            capture_output=True,
            check=False,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1] != b""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.yaml",), "two documents are needed"),
        (("old.yaml", "--live", "x.har", "--json", "more"), "one name is needed"),
    ],
)
def test_wrong_usage_is_exit_code_2(files: Path, arguments: tuple, message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (("old.yaml", "nobody"), "there is nothing called 'nobody'"),
        (("old.yaml", "."), "there is nothing called '.'"),
        (("old.yaml", "-"), "-: is empty"),
        (("old.yaml", "file://elsewhere/new.yaml"), "elsewhere is another host"),
        (("old.yaml", "n" * 300), f"there is nothing called '{'n' * 100}…'"),
        (("chainhub@no-such-ref", "chainhub"), "git has no"),
        (("chainhub@--upload-pack=x", "chainhub"), "is not a commit"),
        (("old.yaml", "--live", "old.yaml"), "not JSON"),
        (("old.yaml", "--live", "ftp://x"), "cannot read"),
        (("--matrix", "nobody"), "unknown provider 'nobody'"),
        (("old.yaml", "new.yaml", "--levels", "none.toml"), "cannot read the levels"),
    ],
)
def test_what_cannot_be_used_is_one_error(files: Path, sides: tuple, message: str) -> None:
    result = run(*sides)
    assert message in str(result.exception)
    assert type(result.exception).__module__.startswith("understudy.")


def test_a_side_may_be_a_pipe_standard_input_or_an_address_of_a_file(files: Path) -> None:
    """As a shell passes <(git show main:api.yaml)."""
    reader, writer = os.pipe()
    with os.fdopen(reader), os.fdopen(writer, "wb") as into:
        into.write(OLD.encode())
        into.close()
        piped = run(f"/dev/fd/{reader}", (files / "new.yaml").as_uri(), "--json")
    typed = CliRunner().invoke(cli, ["drift", "-", "new.yaml", "--json"], input=OLD)
    expected = [(1, "request-max-length-decreased")] * 2
    assert [(r.exit_code, json.loads(r.stdout)["findings"][0]["rule"]) for r in (piped, typed)] == expected


def test_operations_that_break_are_a_table_of_their_own(files: Path) -> None:
    for name, text in (("one.yaml", OLD), ("two.yaml", NEW)):
        item = text.partition("paths:\n")[2]
        (files / name).write_text(text + item.replace("/things", "/{of}/things").replace("post", "put"))
    for sides, counts in ((("one.yaml", "two.yaml"), ("1", "")), (("two.yaml", "one.yaml"), ("", "1"))):
        data = json.loads(run(*sides, "--report", "json").stdout)
        assert data["grid"] == [
            ["operation", "breaks clients", "breaks providers"],
            ["POST /things", *counts],
            ["PUT /{}/things", *counts],
        ]
    assert "grid" not in json.loads(run("old.yaml", "new.yaml", "--report", "json").stdout)


def test_a_provider_is_compared_with_itself_at_a_commit() -> None:
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("not a git checkout")
    result = run("canonical@HEAD", "canonical")
    assert result.exit_code in (0, 1)


def test_a_document_of_another_format_is_normalised_first() -> None:
    document = ROOT / "fixtures" / "docs" / "chainhub-multi-image2video.md"
    data = json.loads(run("canonical", str(document), "--json").stdout)
    broken = {f["title"] for f in data["findings"] if f["verdict"] == "breaks clients"}
    assert broken >= {f"property became required: {name}" for name in ("mode", "duration", "model_name")}


def test_the_matrix_goes_by_field_with_every_provider_s_witness() -> None:
    result = run("--matrix", "canonical", "chainhub", "yutoai", "--json")
    data = json.loads(result.stdout)
    assert result.exit_code == 1
    assert len(data["pairs"]) == 6
    (field,) = [
        f
        for f in data["fields"]
        if f["title"] == "property became required: model_name" and "images" in f["surface"]
    ]
    assert sorted(field["providers"]) == ["chainhub", "yutoai"]
    assert all(p["witness"]["refused_by"] == "revision" for p in field["providers"].values())


def test_watch_finds_nothing_in_what_is_committed() -> None:
    result = run("--watch", "--json")
    data = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [p["provider"] for p in data["providers"] if p.get("findings")] == []
    assert [p["provider"] for p in data["providers"] if p["read"]] == [
        "chainhub",
        "cometapi",
        "powertokens",
        "yutoai",
    ]


HAR_DOCUMENT = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things/{id}:
    post:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object, required: [n]}}}}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  state: {enum: [new, done]}
                  count: {type: integer}
                  never: {type: string}
"""


def entry(
    status: int, answer: Any, asked: Any = None, path: str = "/api/things/7", method: str = "POST"
) -> dict:
    request = {"method": method, "url": f"https://a.example{path}?x=1"}
    if asked is not None:
        request["postData"] = {"text": json.dumps(asked)}
    content = {"mimeType": "application/json", "text": json.dumps(answer)}
    return {"request": request, "response": {"status": status, "content": content}}


def test_live_compares_a_recording_with_the_document(files: Path) -> None:
    entries = [
        entry(200, {"state": "lost", "count": "3", "extra": 1}, {"n": 1}),
        entry(200, {"state": "new"}, {}),
        entry(400, {}, {"n": 2}),
        entry(200, {}, path="/other", method="GET"),
    ]
    (files / "run.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    (files / "api.yaml").write_text(HAR_DOCUMENT)
    result = run("api.yaml", "--live", "run.har", "--json")
    data = json.loads(result.stdout)
    assert [(f["verdict"], f["rule"], f["title"]) for f in data["findings"]] == [
        (
            "breaks clients",
            "live-answer-refused",
            'count: "3" is not of type "integer"',
        ),
        ("breaks clients", "live-answer-refused", 'state: "lost" is not one of "new" or "done"'),
        ("breaks clients", "live-request-refused", "refuses a request that its document takes"),
        ("warns", "live-operation-undocumented", "GET /other is not documented"),
        ("warns", "live-field-undocumented", "extra is never documented"),
        (
            "warns",
            "live-request-taken",
            'takes a request that its document refuses: "n" is a required property',
        ),
        ("warns", "live-status-undocumented", "status 400 is not documented"),
        ("compatible", "live-field-never-seen", "never was never seen"),
    ]
    assert result.exit_code == 1


def one_operation(file: str, asked: dict[str, Any], answered: dict[str, Any]) -> None:
    """A JSON document (which is YAML) of one operation, into `file`."""
    content = {"content": {"application/json": {"schema": asked}}, "required": True}
    answer = {"description": "ok", "content": {"application/json": {"schema": answered}}}
    paths = {"/t": {"post": {"requestBody": content, "responses": {"200": answer}}}}
    info = {"title": "t", "version": "1"}
    Path(file).write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}, indent=1))


def test_what_breaks_clients_stands_before_what_breaks_providers(files: Path) -> None:
    """Also where the one is in answers and the other in requests."""
    one_operation("a.yaml", {"type": "string", "maxLength": 3}, {"type": "string", "maxLength": 5})
    one_operation("b.yaml", {"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 7})
    lines = run("a.yaml", "b.yaml").stdout.splitlines()
    heads = [line for line in lines if line in ("Breaks clients", "Breaks providers")]
    assert heads == ["Breaks clients", "Breaks providers"]
    assert "    The revision may answer what a client of the base does not expect." in lines


def test_a_long_witness_and_its_refusal_are_cut(files: Path) -> None:
    one_operation("a.yaml", {"type": "array", "items": {"type": "integer"}}, {})
    one_operation("b.yaml", {"type": "array", "items": {"type": "integer"}, "maxItems": 250}, {})
    result = run("a.yaml", "b.yaml", "-v")
    assert '"… (251 items)"' in result.stdout
    assert max(map(len, result.stdout.splitlines())) < 300


def test_rules_are_listed(files: Path) -> None:
    assert "operation-removed" in run("--rules").stdout
    assert len(json.loads(run("--rules", "--json").stdout)) > 300


def test_help_names_verdicts_policies_and_exit_codes() -> None:
    text = run("--help").stdout
    for word in ("breaks providers", "Policies:", "Exit codes:", "--matrix", "--watch", "--live"):
        assert word in text


def test_the_package_s_waivers_can_be_read() -> None:
    assert run("canonical", "canonical").exit_code == 0


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_matrix_is_a_table_of_breaks_and_warnings() -> None:
    made = matrix(("canonical", "chainhub"))
    counts = {pair: [f.verdict for f in drift.findings] for pair, drift in made.drifts.items()}
    there, back = counts["canonical", "chainhub"], counts["chainhub", "canonical"]
    assert there.count("breaks clients") > 0
    assert made.grid() == (
        ("base \\ revision", "canonical", "chainhub"),
        ("canonical", "-", f"{there.count('breaks clients')} / {there.count('warns')}"),
        ("chainhub", f"{back.count('breaks clients')} / {back.count('warns')}", "-"),
    )
    shown = run("--matrix", "canonical", "chainhub").stdout.splitlines()
    start = next(n for n, line in enumerate(shown) if line.lstrip().startswith("base"))
    grid = [line.split() for line in shown[start : start + 3]]
    assert grid == [" ".join(line).split() for line in made.grid()]


def test_the_progress_of_a_matrix_is_for_a_terminal_and_gone_at_the_end() -> None:
    screen, pipe = Screen(), io.StringIO()
    for stream in (screen, pipe):
        with progress(stream) as began:
            began(1, 2, "a", "b")
    assert "comparing 1 of 2: a to b" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")
    assert pipe.getvalue() == ""


def test_help_fits_a_terminal_of_80_columns() -> None:
    text = CliRunner().invoke(cli, ["drift", "--help"], terminal_width=80).stdout
    assert [line for line in text.splitlines() if len(line) > 80] == []


def test_rules_fit_a_terminal() -> None:
    text = rules_table(width=80)
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert [line for line in text.splitlines() if line[0] != " "] == sorted(RULES)


def test_files_of_the_installation_and_below_the_current_folder_are_named_shortly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert file_named(str(library.canonical_file())) == "specs/canonical/openapi.yaml"
    assert file_named(str(tmp_path / "sub" / "x.yaml")) == "sub/x.yaml"
    assert file_named("/x.yaml") == "/x.yaml"
    assert file_named("https://a.example/x.yaml") == "https://a.example/x.yaml"


def test_what_a_finding_reaches_is_counted_with_three_of_it_named() -> None:
    lines = run("canonical", "yutoai").stdout.splitlines()
    (at,) = (n for n, line in enumerate(lines) if "server removed: /" in line)
    assert lines[at + 1] == "    The message that the other side sends is taken."
    reached = list(operations(library.canonical()))
    # A create that calls back reaches its callback, too.
    count = len(reached) + sum("callbacks" in operation for _, operation in reached)
    assert re.fullmatch(
        rf"    Reaches {count} operations: GET /\S+; GET /\S+; GET /\S+; and {count - 3} more\.",
        lines[at + 2],
    )
