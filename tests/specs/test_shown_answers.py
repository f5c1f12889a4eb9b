"""What examples of answers have makes templates that promise no more than they show, and play it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from understudy.specs import library
from understudy.specs.importing import ImportOptions, ProposedApi, import_documents
from understudy.specs.importing.template import class_of

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """# Clips

Server: https://api.newcomer.example

## Start

`POST /v2/clips`

| Parameter | Type | Required | Description |
|---|---|---|---|
| prompt | string | yes | Up to 1000 characters |

### Response CREATED

```json
{"code": 200, "msg": "fine", "data": {"clip_id": "7"}}
```

## Look up

`GET /v2/clips/{clip_id}`

### Response
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(library.ENVIRONMENT, raising=False)
    return tmp_path


def described(folder: Path, *answers: str, created: str = "200") -> dict[str, Any]:
    """The description made of a page with these members of answers to a query beside the id."""
    wrapped = (f'{{"code": 200, "msg": "fine", "data": {{"clip_id": "7", {one}}}}}' for one in answers)
    blocks = "".join(f"\n```json\n{one}\n```\n" for one in wrapped)
    (folder / "clips.md").write_text(PAGE.replace("CREATED", created) + blocks, encoding="utf-8")
    made = import_documents(folder, ["clips.md"], "newcomer", date(2026, 12, 1), ImportOptions(new_api=True))
    assert isinstance(made, ProposedApi)
    assert made.is_whole
    library.effective("newcomer")
    found: dict[str, Any] = yaml.safe_load(made.file.read_text(encoding="utf-8"))
    return found


def record(folder: Path, *answers: str) -> dict[str, Any]:
    found: dict[str, Any] = described(folder, *answers)["families"]["task"]["record"]["data"]
    return found


RUNNING, DONE, FAILED = '"state": "rendering"', '"state": "done"', '"state": "failed"'
URL = '"video_url": "https://a.example/1.mp4"'
ENDS = {"done": "$updated_seconds", "failed": "$updated_seconds", "*": "$null"}


@pytest.mark.parametrize(
    ("running", "done", "failed", "member", "template"),
    [
        ('"cost": 2', '"cost": 1.5', '"cost": 0', "cost", {"$like": 2.0}),
        ('"wait": 2.5', '"wait": null', '"wait": null', "wait", {"$like": None}),
        ('"progress": "3%"', '"progress": "100%"', '"progress": "9%"', "progress", "$progress_percent"),
        ('"progress": 0.35', '"progress": 1', '"progress": 0.5', "progress", "$progress_share"),
        ('"x": 1', '"x": 1, "progress": 100', '"x": 1', "progress", {"$if_any": "$progress"}),
        ('"progress": "half"', '"progress": "all"', '"progress": "none"', "progress", {"$like": "half"}),
        (*['"created_at": 1733011200'] * 3, "created_at", "$created_seconds"),
        (*['"created_at": 1733011200000'] * 3, "created_at", "$created_at"),
        (*['"created_at": "1 May"'] * 3, "created_at", {"$like": "1 May"}),
        (
            '"completed_at": null', '"completed_at": 1733011260', '"completed_at": 1733011260',
            "completed_at", {"$status": ENDS},
        ),
        (
            '"error": null', '"error": null', '"error": {"code": "full", "message": "No room"}', "error",
            {"$status": {"failed": {"code": {"$like": "full"}, "message": "$reason"}, "*": "$null"}},
        ),
        (
            '"x": 1', '"x": 1', '"x": 1, "error": {"code": 4}', "error",
            {"$status": {"failed": {"code": {"$like": 4}}, "*": "$absent"}},
        ),
        (
            '"made": null', '"made": {"video_url": "https://a.example/1.mp4", "size": 3}', '"made": null',
            "made",
            {"$status": {"done": {"video_url": "$result_url", "size": {"$like": 3}}, "*": "$null"}},
        ),
    ],
)  # fmt: skip
def test_members_of_answers_are_as_all_examples_of_them_have_them(
    elsewhere: Path, running: str, done: str, failed: str, member: str, template: Any
) -> None:
    beside = [f", {URL}" if "video_url" not in done else ""] * 3
    told = [
        f"{state}, {one}{url}"
        for state, one, url in zip((RUNNING, DONE, FAILED), (running, done, failed), beside, strict=True)
    ]

    assert record(elsewhere, *told)[member] == template


@pytest.mark.parametrize(("said", "own"), [("201", {"status": 201}), ("200", {})])
def test_a_create_is_answered_with_the_status_that_the_page_says(
    elsewhere: Path, said: str, own: dict[str, int]
) -> None:
    found = described(elsewhere, f"{RUNNING}, {URL}", f"{DONE}, {URL}", created=said)

    answer = found["families"]["task"]["create"]["answer"]
    assert {name: part for name, part in answer.items() if name != "body"} == own


@pytest.mark.parametrize(
    ("words", "template"),
    [
        ("The time it took, once it is done", {"$status": {"done": {"$like": 9}, "*": {"$like": None}}}),
        ("The time it took so far", {"$like": 9}),
    ],
)
def test_what_is_said_to_be_there_when_a_task_is_done_is_not_promised_before(
    elsewhere: Path, words: str, template: Any
) -> None:
    rows = "".join(f"| data.{name} | string | - |\n" for name in ("clip_id", "state", "video_url"))
    table = f"| Field | Type | Description |\n|---|---|---|\n{rows}| data.took | integer | {words} |\n"
    example = f'```json\n{{"data": {{"clip_id": "7", {DONE}, {URL}, "took": 9}}}}\n```\n'
    page = PAGE.replace("CREATED", "200")
    (elsewhere / "clips.md").write_text(f"{page}\n{table}\n{example}", encoding="utf-8")

    made = import_documents(elsewhere, ["clips.md"], "newcomer", date(2026, 12, 1))

    assert isinstance(made, ProposedApi)  # though no usual name tells the id: the path's parameter does
    assert made.proposal.description["families"]["task"]["record"]["data"]["took"] == template


def test_refusals_that_no_page_shows_look_as_answers_and_promise_nothing(elsewhere: Path) -> None:
    found = described(elsewhere, f"{RUNNING}, {URL}", f"{DONE}, {URL}")["refusals"]["body"]

    assert found == {"code": {"$if_any": "$http_status"}, "msg": {"$if_any": "$message"}}


def test_a_state_that_says_what_is_being_done_is_one_of_a_task_under_way() -> None:
    assert [class_of(one) for one in ("rendering", "TASK_COMPOSING", "king", "ring", "pending")] == [
        "running", "running", "", "", "queued",
    ]  # fmt: skip
