"""Pages of an unknown API become its first description: facts as read, the rest guessed or asked for."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from understudy.specs import library
from understudy.specs.cli.specs import specs as command
from understudy.specs.errors import UnderstudyError
from understudy.specs.importing import ImportOptions, ProposedApi, import_documents
from understudy.specs.importing.proposal import class_of

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 21)
PAGE = """# Clips

Server: https://api.newcomer.example

## Start

`POST /v2/clips`

| Parameter | Type | Required | Description |
|---|---|---|---|
| promptText | string | yes | Up to 1000 characters |
| model | string | yes | Accepted values: `fast-2`, `fine-2` |
| duration | integer | no | Accepted values: 5, 10. Default: 5 |
| webhook_url | string | no | Where to tell |

### Responses

| Field | Type | Description |
|---|---|---|
| id | string | Its number |

## Look up

`GET /v2/clips/{id}`

### Responses

| Field | Type | Description |
|---|---|---|
| id | string | Its number |
| state | string | One of `PENDING`, `RUNNING`, `DONE`, `FAILED` |
| video_url | string | The clip |
| fail_reason | string | Why it failed |
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(library.ENVIRONMENT, raising=False)
    (tmp_path / "clips.md").write_text(PAGE, encoding="utf-8")
    return tmp_path


def imported(root: Path, options: ImportOptions | None = None) -> ProposedApi:
    made = import_documents(root, ["clips.md"], "newcomer", TODAY, options)
    assert isinstance(made, ProposedApi)
    return made


def test_a_page_of_an_unknown_api_becomes_a_description_that_is_whole(elsewhere: Path) -> None:
    made = imported(elsewhere)

    family = made.proposal.description["families"]["task"]
    assert made.is_whole
    assert family["record"] == {
        "id": "$id", "state": "$status", "video_url": "$result_url", "fail_reason": "$reason"
    }  # fmt: skip
    assert family["request"] == {"prompt": "/promptText", "model": "/model", "callback_url": "/webhook_url"}
    assert family["states"] == {
        "PENDING": {"class": "queued", "next": ["RUNNING", "DONE", "FAILED"]},
        "RUNNING": {"class": "running", "next": ["DONE", "FAILED"]},
        "DONE": {"class": "success"},
        "FAILED": {"class": "failed"},
    }
    assert family["create"]["schema"]["properties"]["promptText"] == {"type": "string", "maxLength": 1000}
    assert library.effective("newcomer")["paths"].keys() >= {"/v2/clips", "/v2/clips/{id}"}


@pytest.mark.parametrize(
    ("said", "media"),
    [
        ("", None),
        ('curl https://api.newcomer.example/v2/clips -F "promptText=cats"', ["multipart/form-data"]),
    ],
)
def test_a_request_is_sent_as_the_page_sends_it(elsewhere: Path, said: str, media: list[str] | None) -> None:
    page = PAGE.replace("### Responses", f"```bash\n{said}\n```\n\n### Responses", 1) if said else PAGE
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    assert imported(elsewhere).proposal.description["families"]["task"]["create"].get("media") == media


def test_results_that_an_example_has_as_json_in_a_text_are_played_so(elsewhere: Path) -> None:
    rows = "| video_url | string | The clip |"
    example = r"""```json
{"id": "7", "state": "DONE", "held": "{\"clips\": 1, \"urls\": [\"https://a.example/1.mp4\"]}"}
```
"""
    page = PAGE.replace(rows, "| held | string | What came out |").rstrip()
    (elsewhere / "clips.md").write_text(f"{page}\n\n{example}", encoding="utf-8")

    made = imported(elsewhere)

    held = {"$json": {"clips": {"$like": 0}, "urls": {"$each": "$item.url"}}}
    record = made.proposal.description["families"]["task"]["record"]
    assert record["held"] == {"$status": {"DONE": held, "*": {"$like": None}}}
    assert made.is_whole


def test_what_no_name_tells_is_sent_as_in_the_example_and_nothing_but_its_type_promised(
    elsewhere: Path,
) -> None:
    example = """```json
{"id": "7", "state": "DONE", "video_url": "https://a.example/1.mp4", "fail_reason": "", "code": 200,
 "ok": true, "note": null, "share": 0.5}
```
"""
    rows = "| share | number | Of the day |\n| seen | integer | How often |\n| note | string | Of the maker |"
    rows += "\n| memo | string \\| null | Of the day |"
    (elsewhere / "clips.md").write_text(f"{PAGE}{rows}\n\n{example}", encoding="utf-8")

    record = imported(elsewhere).proposal.description["families"]["task"]["record"]

    told = {name: part for name, part in record.items() if isinstance(part, dict)}
    assert told == {
        "share": {"$like": 0.5}, "seen": {"$like": 0}, "code": {"$like": 200}, "ok": {"$like": True},
        "note": {"$like": None}, "memo": {"$like": None},
    }  # fmt: skip
    answer = library.effective("newcomer")["paths"]["/v2/clips/{id}"]["get"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    assert {name: schema["properties"][name] for name in told} == {
        "share": {"type": "number"}, "seen": {"type": "integer"}, "code": {"type": "integer"},
        "ok": {"type": "boolean"}, "note": {}, "memo": {},
    }  # fmt: skip
    assert schema["required"] == ["id", "state", "video_url", "fail_reason"]


STATES = """### Responses

```json
{"id": "7", "state": "PENDING", "video_url": null}
```

```json
{"id": "7", "state": "ENDED_WELL", "video_url": "https://a.example/1.mp4"}
```

```json
{"id": "7", "state": "SUCCEEDED", "video_url": "https://a.example/1.mp4"}
```

```json
{"id": "7", "state": "FAILED", "video_url": null, "fail_reason": "none"}
```
"""


def test_tasks_begin_in_a_state_that_is_no_end_in_whatever_order_a_page_lists_them(elsewhere: Path) -> None:
    page = PAGE.replace("One of `PENDING`, `RUNNING`, `DONE`, `FAILED`", "One of `DONE`, `FAILED`, `RUNNING`")
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    made = imported(elsewhere)

    assert list(made.proposal.description["families"]["task"]["states"]) == ["RUNNING", "DONE", "FAILED"]
    assert made.is_whole


def test_a_state_that_only_an_example_has_is_one_beside_those_that_are_listed(elsewhere: Path) -> None:
    example = """```json
{"id": "7", "state": "EXPIRED", "video_url": ""}
```

```json
{"id": "7", "state": "CLIP_TIMED_OUT", "video_url": ""}
```

```json
{"id": "7", "state": "TASK_STATUS_REJECTED", "video_url": ""}
```
"""
    (elsewhere / "clips.md").write_text(f"{PAGE}\n{example}", encoding="utf-8")

    states = imported(elsewhere).proposal.description["families"]["task"]["states"]

    assert {name: one["class"] for name, one in states.items()} == {
        "PENDING": "queued", "RUNNING": "running", "DONE": "success", "FAILED": "failed",
        "EXPIRED": "expired", "TASK_STATUS_REJECTED": "failed",
    }  # fmt: skip


@pytest.mark.parametrize("outer", ["10000", '"success"'])
def test_of_two_fields_that_are_called_so_the_one_of_the_task_tells_its_state(
    elsewhere: Path, outer: str
) -> None:
    head, _, _ = PAGE.partition("### Responses")
    answers = "".join(
        f'```json\n{{"status": {outer}, "data": {{"id": "7", "status": "{one}", "video_url": "u"}}}}\n```\n\n'
        for one in ("waiting", "done")
    )
    query = f"## Look up\n\n`GET /v2/clips/{{id}}`\n\n### Responses\n\n{answers}"
    (elsewhere / "clips.md").write_text(f"{head}{query}", encoding="utf-8")

    family = imported(elsewhere, ImportOptions(new_api=True)).proposal.description["families"]["task"]

    assert list(family["states"]) == ["waiting", "running", "done", "failed"]
    assert family["record"] == {
        "status": {"$like": json.loads(outer)},
        "data": {"id": "$id", "status": "$status", "video_url": "$result_url"},
    }


def test_a_field_whose_values_are_states_tells_the_state_whatever_it_is_called(elsewhere: Path) -> None:
    head, _, _ = PAGE.partition("### Responses")
    created = '### Responses\n\n```json\n{"id": "7", "phase": "queued"}\n```\n\n'
    answers = "".join(
        f'```json\n{{"id": "7", "phase": "{word}", "mood": "calm", "video_url": "u"}}\n```\n\n'
        for word in ("sketching", "ready", "failed")
    )
    query = f"## Look up\n\n`GET /v2/clips/{{id}}`\n\n### Responses\n\n{answers}"
    (elsewhere / "clips.md").write_text(f"{head}{created}{query}", encoding="utf-8")

    made = imported(elsewhere)

    family = made.proposal.description["families"]["task"]
    assert family["record"]["phase"] == family["create"]["answer"]["body"]["phase"] == "$status"
    assert family["record"]["mood"] == {"$like": "calm"}
    assert {name: one["class"] for name, one in family["states"].items()} == {
        "queued": "queued", "sketching": "running", "ready": "success", "failed": "failed",
    }  # fmt: skip
    assert made.is_whole


def test_states_and_what_is_empty_in_them_are_those_of_the_examples(elsewhere: Path) -> None:
    head, _, _ = PAGE.partition("### Responses")
    query = "## Look up\n\n`GET /v2/clips/{id}`\n\n"
    (elsewhere / "clips.md").write_text(f"{head}{query}{STATES}", encoding="utf-8")

    made = imported(elsewhere)

    family = made.proposal.description["families"]["task"]
    assert {name: one["class"] for name, one in family["states"].items()} == {
        "PENDING": "queued", "running": "running", "SUCCEEDED": "success", "FAILED": "failed",
    }  # fmt: skip
    assert family["record"] == {
        "id": "$id",
        "state": "$status",
        "video_url": {"$status": {"SUCCEEDED": "$result_url", "*": "$null"}},
        "fail_reason": {"$status": {"FAILED": "$reason", "*": "$absent"}},
    }
    assert "families.task.states: the states of a task, with the class of each" in made.proposal.missing
    assert made.is_whole


@pytest.mark.parametrize(
    ("parameter", "name"), [("id", "jobId"), ("clipNumber", "clipNumber"), ("id", "TaskID")]
)
def test_the_id_is_called_so_in_any_spelling_or_as_the_query_calls_it(
    elsewhere: Path, parameter: str, name: str
) -> None:
    page = PAGE.replace("{id}", f"{{{parameter}}}").replace("| id |", f"| {name} |")
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    made = imported(elsewhere, ImportOptions(new_api=True))

    assert made.proposal.description["families"]["task"]["record"][name] == "$id"
    assert made.is_whole


def test_of_several_queries_the_one_is_taken_that_tells_the_state(elsewhere: Path) -> None:
    other = "## Metrics\n\n`GET /v2/clips/{id}/metrics`\n\n## Look up"
    (elsewhere / "clips.md").write_text(PAGE.replace("## Look up", other), encoding="utf-8")

    assert imported(elsewhere).proposal.description["families"]["task"]["query"] == {"path": "/v2/clips/{id}"}


def test_a_host_is_reached_as_the_page_reaches_it(elsewhere: Path) -> None:
    request = 'curl -X POST http://localhost:8000/v2/clips -d \'{"promptText": "a fox"}\''
    page = re.sub(r"https?://[\w.]+", "", PAGE).replace(
        "### Responses", f"```sh\n{request}\n```\n\n### Responses", 1
    )
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    assert imported(elsewhere).proposal.description["servers"] == ["http://localhost:8000"]


def test_paths_without_a_host_are_at_a_placeholder(elsewhere: Path) -> None:
    page = re.sub(r"https?://[\w.]+", "", PAGE).replace("/v2/clips", "/api/v2/clips")
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    made = imported(elsewhere)

    assert made.proposal.description["servers"] == ["https://api.newcomer.example/api"]
    assert "servers: the address that requests go to" in made.proposal.missing
    assert made.is_whole


def test_refusals_are_those_that_the_pages_show(elsewhere: Path) -> None:
    refusals = """### Response 400

```json
{"error": {"code": "bad_prompt", "message": "no", "retries": 3}, "ok": false}
```

## Errors

| HTTP status | Code | Meaning |
|---|---|---|
| 402 | no_money | The balance is too low |
| 418 | teapot | Short and stout |

## Look up"""
    (elsewhere / "clips.md").write_text(PAGE.replace("## Look up", refusals), encoding="utf-8")

    made = imported(elsewhere)

    assert made.proposal.description["refusals"] == {
        "body": {"error": {"code": "$code", "message": "$message", "retries": {"$like": 3}}, "ok": False},
        "situations": {"account_in_arrears": {"code": "no_money"}},
    }
    assert made.is_whole
    assert "refusals.situations: which one is '418 teapot Short and stout'" in str(made.proposal.missing)


def test_its_own_example_that_the_page_forbids_is_told_with_the_line(elsewhere: Path) -> None:
    command_ = """```bash
curl https://api.newcomer.example/v2/clips -d '{"promptText": "cats", "duration": 7}'
```
"""
    (elsewhere / "clips.md").write_text(
        PAGE.replace("### Responses", f"{command_}\n### Responses", 1), "utf-8"
    )

    done = CliRunner().invoke(command, ["import", "clips.md", "--name", "newcomer"])

    lines = {name: n for n, line in enumerate(PAGE.splitlines(), 1) for name in [line.split(" |")[0][2:]]}
    told = "its own example of POST /v2/clips is refused:"
    assert [one.strip() for one in done.stdout.splitlines() if told in one] == [
        f"clips.md:{lines['model']} contradiction (model): {told} model is missing, and it is required here",
        (
            f"clips.md:{lines['duration']} contradiction (duration): {told} duration is 7, and enum here is "
            "[5, 10]"
        ),
    ]


def test_what_was_guessed_says_how_surely(elsewhere: Path) -> None:
    guesses = {one.what: (one.value, one.confidence) for one in imported(elsewhere).proposal.guesses}

    assert guesses["query"] == ("GET /v2/clips/{id}", 0.9)
    assert guesses["state DONE"] == ("success", 0.9)
    assert guesses["account"] == ("Authorization: Bearer KEY", 0.6)


def test_a_result_that_the_page_calls_by_its_own_word_is_guessed_as_that(elsewhere: Path) -> None:
    page = elsewhere / "clips.md"
    page.write_text(
        PAGE.replace("| video_url | string | The clip |", "| clip_link | string | There once done |")
    )

    made = imported(elsewhere)

    assert made.is_whole
    assert made.proposal.description["families"]["task"]["record"]["clip_link"] == "$result_url"
    assert [(one.value, one.confidence) for one in made.proposal.guesses if one.what == "clip_link"] == [
        ("$result_url", 0.7)
    ]


@pytest.mark.parametrize("sign", ["?Action=", "#X-Acme-Action="])
def test_two_calls_at_one_address_are_a_create_and_a_query(elsewhere: Path, sign: str) -> None:
    told = sign.strip("?#=")
    page = PAGE.replace("- `id`", "").replace("/v2/clips/{id}", "/clips/{id}")
    for path, action in (("`POST /v2/clips`", "SubmitClip"), ("`GET /clips/{id}`", "GetClip")):
        call = f"`POST /{sign}{action}`" if sign[0] == "?" else f"`POST /`\n\n`{told}: {action}`"
        page = page.replace(path, call)
    asked = "\n\n| Field | Type | Required |\n|---|---|---|\n| id | string | yes |\n\n### Responses\n\n"
    head, _, tail = page.rpartition("\n\n### Responses\n\n")
    (elsewhere / "clips.md").write_text(f"{head}{asked}{tail}", encoding="utf-8")

    made = imported(elsewhere)

    family = made.proposal.description["families"]["task"]
    assert made.is_whole
    assert family["create"]["path"] == f"/{sign}SubmitClip"
    assert family["query"] == {
        "path": f"/{sign}GetClip", "id": {"in": "body", "name": "/id"}, "method": "POST"
    }  # fmt: skip


def test_what_nothing_tells_is_asked_for_by_name_and_stays_a_draft(elsewhere: Path) -> None:
    page = PAGE.split("## Look up", maxsplit=1)[0].replace("promptText", "subject")
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    made = imported(elsewhere, ImportOptions(new_api=True))

    assert (made.is_whole, made.file.name) == (False, "api.draft.yaml")
    assert sorted({one.split(":")[0] for one in made.proposal.missing}) == [
        "families.task.query.path",
        "families.task.record",
        "families.task.states",
        "servers",
    ]
    assert "newcomer" not in library.apis()


def test_a_description_that_is_there_is_a_persons(elsewhere: Path) -> None:
    file = imported(elsewhere).file
    file.write_text(file.read_text(encoding="utf-8") + "# corrected\n", encoding="utf-8")

    with pytest.raises(UnderstudyError, match="newcomer has a description already"):
        imported(elsewhere)

    assert file.read_text(encoding="utf-8").endswith("# corrected\n")


def test_a_path_like_a_known_one_needs_to_be_said_to_be_new(elsewhere: Path) -> None:
    page = PAGE.replace("/v2/clips", "/v2/multi-image2video")
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    with pytest.raises(UnderstudyError, match="--new-api"):
        import_documents(elsewhere, ["clips.md"], "newcomer", TODAY)

    assert imported(elsewhere, ImportOptions(new_api=True)).is_whole


def test_an_api_of_its_own_may_have_the_path_of_a_known_family(elsewhere: Path) -> None:
    page = PAGE.replace("/v2/clips", "/v1/images/generations")
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    made = imported(elsewhere, ImportOptions(new_api=True))

    assert made.proposal.description["families"]["task"]["create"]["path"] == "/v1/images/generations"
    assert made.is_whole


def test_a_page_that_says_no_path_is_of_an_api_of_its_own_at_the_one_that_is_said(elsewhere: Path) -> None:
    page = PAGE.replace("`POST /v2/clips`", "Send it.").partition("## Look up")[0]
    page = re.sub(r"(?m)^.*/v2/clips.*\n", "", page)
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    made = imported(elsewhere, ImportOptions(operation="POST /v2/clips", new_api=True))

    assert made.proposal.description["families"]["task"]["create"]["path"] == "/v2/clips"


def test_a_new_api_without_a_request_that_begins_a_task_is_refused_as_that(elsewhere: Path) -> None:
    (elsewhere / "clips.md").write_text("# Clips" + PAGE[PAGE.index("## Look up") :], encoding="utf-8")

    message = (
        r"clips\.md: describes GET /v2/clips/\{id\}, and no POST with fields: nothing here begins a task"
    )
    with pytest.raises(UnderstudyError, match=message):
        import_documents(elsewhere, ["clips.md"], "newcomer", TODAY, ImportOptions(new_api=True))


def test_a_page_that_shows_no_task_is_refused_unless_it_is_said_to_be_new(elsewhere: Path) -> None:
    (elsewhere / "clips.md").write_text(PAGE.split("### Responses", maxsplit=1)[0], encoding="utf-8")

    with pytest.raises(UnderstudyError, match="is taken with --new-api"):
        import_documents(elsewhere, ["clips.md"], "newcomer", TODAY)

    assert not (elsewhere / "specs").exists()


def test_the_command_says_what_was_guessed_and_what_is_missing(elsewhere: Path) -> None:
    done = CliRunner().invoke(command, ["import", "clips.md", "--name", "newcomer"])

    assert done.exit_code == 0
    assert "state DONE: success  (90%, its word)" in done.stdout
    assert done.stdout.endswith("play it: understudy serve --provider newcomer\n")


def test_it_says_how_much_was_read_of_the_pages_and_which_lines_gave_nothing(elsewhere: Path) -> None:
    (elsewhere / "clips.md").write_text(f"{PAGE}\nUse it only at night.\n", encoding="utf-8")

    done = CliRunner().invoke(command, ["import", "clips.md", "--name", "newcomer"])

    assert done.stdout.splitlines()[-6:-2] == [
        "Lines with a figure, a name, a value or a condition that is in no fact (1)",
        f"  clips.md: {len(PAGE.splitlines()) + 2}",
        "",
        "27 facts read, 0 lines told; 48% of the text's 21 lines gave no fact",
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [("IN_QUEUE", "queued"), ("InProgress", "running"), ("SUCCEEDED", "success"), ("canceled", "cancelled"),
     ("Request Moderated", "moderated"), ("frobnicated", "")],
)  # fmt: skip
def test_a_state_has_the_class_of_its_word(word: str, kind: str) -> None:
    assert class_of(word) == kind


def test_a_post_that_takes_the_id_is_the_query_and_the_id_of_a_request_is_no_tasks(elsewhere: Path) -> None:
    page = PAGE.replace("| id | string | Its number |", "| task_id | string | Its number |", 1)
    page = page.replace(
        "`GET /v2/clips/{id}`\n",
        "`POST /v2/clips/look`\n\n| Field | Type |\n|---|---|\n| task_id | string |\n",
    )
    page = page.replace("| id | string | Its number |", "| request_id | string | Of the request |")
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    family = imported(elsewhere, ImportOptions(new_api=True)).proposal.description["families"]["task"]

    assert family["query"] == {
        "path": "/v2/clips/look",
        "id": {"in": "body", "name": "/task_id"},
        "method": "POST",
    }
    assert family["record"]["request_id"] == "$request_id"


def test_of_two_queries_the_one_beside_the_create_asks_for_its_task(elsewhere: Path) -> None:
    page = PAGE.replace("`POST /v2/clips`", "`POST /v2/clips/make`")
    page = page.replace("`GET /v2/clips/{id}`", "`GET /v2/clips/look?id={id}`")
    page += """
## Look up a song

`GET /songs/{id}`

### Responses

| Field | Type | Description |
|---|---|---|
| id | string | Its number |
| state | string | One of `NEW`, `SUNG`, `FAILED` |
"""
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    family = imported(elsewhere, ImportOptions(new_api=True)).proposal.description["families"]["task"]

    assert family["query"] == {"path": "/v2/clips/look", "id": {"in": "query", "name": "id"}}
    assert family["states"].keys() == {"PENDING", "RUNNING", "DONE", "FAILED"}


def test_an_answer_that_is_a_list_is_played_as_one(elsewhere: Path) -> None:
    rows = "| Field | Type | Description |\n|---|---|---|\n| id | string | Its number |\n"
    shown = '```json\n[{"id": "c1", "state": "PENDING"}, {"id": "c2", "state": "PENDING"}]\n```\n'
    (elsewhere / "clips.md").write_text(PAGE.replace(rows, shown, 1), encoding="utf-8")

    made = imported(elsewhere)

    create = made.proposal.description["families"]["task"]["create"]
    assert (create["answer"], made.is_whole) == ({"body": [{"id": "$id", "state": "$status"}]}, True)


@pytest.mark.parametrize(
    ("said", "account"),
    [
        ("`POST /v2/clips?api_key=YOUR_KEY`", {"in": "query", "name": "api_key"}),
        ("`POST /v2/clips?token={token}`", {"in": "query", "name": "token"}),
        (
            "`POST /v2/clips?key=fast`",
            {"in": "header", "name": "Authorization", "scheme": "Bearer"},
        ),
    ],
)
def test_a_key_may_stand_in_the_address(elsewhere: Path, said: str, account: dict[str, str]) -> None:
    (elsewhere / "clips.md").write_text(PAGE.replace("`POST /v2/clips`", said), encoding="utf-8")

    assert imported(elsewhere).proposal.description["account"] == account


def test_a_key_in_the_body_is_missing_from_the_account(elsewhere: Path) -> None:
    row = "| token | string | yes | Your API key |\n| model |"
    (elsewhere / "clips.md").write_text(PAGE.replace("| model |", row), encoding="utf-8")

    missing = imported(elsewhere).proposal.missing

    assert "account: the key stands in the body, as 'token', where none of a description can" in missing


@pytest.mark.parametrize(
    ("first", "second", "headers"),
    [
        ("X-Clip-Version: 2", "X-Clip-Version: 2", {"X-Clip-Version": "2"}),
        ("X-Clip-Version: 2", "X-Clip-Version: 3", None),
        ("X-Clip-Async: on", "X-Other: on", None),
        ("X-Api-Key: abc", "X-Api-Key: abc", None),
        ("X-Clip-Region: $REGION", "X-Clip-Region: $REGION", None),
    ],
)
def test_every_request_has_the_headers_that_all_commands_have(
    elsewhere: Path, first: str, second: str, headers: dict[str, str] | None
) -> None:
    commands = (
        f"```sh\ncurl https://api.newcomer.example/v2/clips -H '{first}' -d '{{\"duration\": 5}}'\n```\n"
        f"\n```sh\ncurl https://api.newcomer.example/v2/clips/c1 -H '{second}'\n```\n"
    )
    (elsewhere / "clips.md").write_text(f"{PAGE}\n{commands}", encoding="utf-8")

    assert imported(elsewhere).proposal.description.get("headers") == headers


def test_files_of_shapes_are_no_kind_of_result(elsewhere: Path) -> None:
    page = PAGE.replace("video_url", "glb_url").replace("/v2/clips", "/v2/image-to-3d")
    (elsewhere / "clips.md").write_text(page, encoding="utf-8")

    missing = imported(elsewhere).proposal.missing

    assert any(one.startswith("families.task.result.kind: it seems to be a 3D model") for one in missing)
