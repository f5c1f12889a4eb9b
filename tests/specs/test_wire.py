"""How a provider's pages word its answers becomes its conventions: played, and read back by verify."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from understudy.specs import profile
from understudy.specs.importing import Imported, import_documents

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = """POST /v1/images/multi-image2image

| Field | Type | Required | Description |
|---|---|---|---|
| subject_image_list | array | Yes | 1 to 4 pictures |
| subject_image_list[].subject_image | string | Yes | URL |
"""
QUERY = "GET /v1/images/multi-image2image/{task_id}\n"


def conventions(folder: Path, page: str) -> tuple[dict[str, Any], Imported]:
    (folder / "page.md").write_text(page, encoding="utf-8")
    made = import_documents(folder, [str(folder / "page.md")], "seller", date(2026, 11, 29))
    assert isinstance(made, Imported)
    text = (made.folder / "provider.toml").read_text(encoding="utf-8")
    profile.parse(text, "provider.toml")
    found: dict[str, Any] = tomllib.loads(text).get("conventions", {})
    return found, made


def test_vendors_own_form_needs_no_conventions(tmp_path: Path) -> None:
    found, made = conventions(
        tmp_path, f'{REQUEST}\n### Response\n\n```json\n{{"code": 0, "data": {{"task_id": "1"}}}}\n```\n'
    )

    assert (found, made.wire.found) == ({}, [])


def test_what_a_program_takes_out_of_the_vendors_form_is_no_other_form(tmp_path: Path) -> None:
    found, made = conventions(
        tmp_path,
        f"""{REQUEST}
```python
r = requests.get(f"https://x.example/v1/images/multi-image2image/{{task_id}}")
data = r.json()["data"]
if data["task_status"] == "succeed":
    print(data["task_result"]["images"][0]["url"])
```
""",
    )

    assert (found, made.wire.found) == ({}, [])


def test_flat_answers_with_other_words_become_templates(tmp_path: Path) -> None:
    words = {"submitted": "waiting", "processing": "working", "succeed": "done", "failed": "broken"}
    found, _ = conventions(
        tmp_path,
        f"""{REQUEST}
### Response

```json
{{"task_id": "1", "status": "waiting", "created": 1722769557708}}
```

{QUERY}
### Response

| Field | Type | Description |
|---|---|---|
| task_id | string | The task |
| status | string | One of `waiting`, `working`, `done`, `broken` |
| images | array | Pictures |
| images[].url | string | Address |
| error | string | Why |
""",
    )

    query = {
        "task_id": "$id",
        "status": {"$status": words},
        "images": {"$each": {"url": "$item.url"}},
        "error": "$reason",
    }
    assert found == {
        "answers": {
            "create": {"task_id": "$id", "status": {"$status": words}, "created": "$created_at"},
            "query": query,
            "callback": query,
        }
    }


def test_words_of_which_some_are_the_vendors_are_played(tmp_path: Path) -> None:
    answer = """### Response

| Field | Type | Description |
|---|---|---|
| task_id | string | The task |
| task_status | string | One of `submitted`, `processing`, `completed`, `failed` |
"""
    found, _ = conventions(tmp_path, f"{REQUEST}\n{answer}\n{QUERY}\n{answer}")

    words = {"submitted": "submitted", "processing": "processing", "succeed": "completed", "failed": "failed"}
    assert found["answers"]["query"]["task_status"] == {"$status": words}


def test_words_that_examples_have_are_played_and_those_that_none_has_are_told(tmp_path: Path) -> None:
    answers = """### Response

```json
{"task_id": "1", "status": "pending", "error": null}
```

```json
{"task_id": "1", "status": "completed", "images": [{"url": "https://e.example/1"}], "error": null}
```
"""
    found, made = conventions(tmp_path, f"{REQUEST}\n{QUERY}\n{answers}")

    words = {"submitted": "pending", "processing": "processing", "succeed": "completed", "failed": "failed"}
    assert found["answers"]["query"] == {
        "task_id": "$id",
        "status": {"$status": words},
        "error": {"$status": {"failed": "$reason", "*": "$null"}},
        "images": {"$status": {"succeed": {"$each": {"url": "$item.url"}}, "*": "$absent"}},
    }
    assert made.wire.missing == ["words of the states that no example has: processing, failed (page.md:13)"]


@pytest.mark.parametrize(
    ("code", "state", "found"),
    [
        (0, "succeed", None),
        (200, "succeed", {"code": {"$like": 200}, "data": {"task_id": "$id", "task_status": "$status"}}),
        (0, "completed", {"code": {"$like": 0}, "data": {"task_id": "$id", "task_status": {"$status": {
            "submitted": "submitted", "processing": "processing", "succeed": "completed", "failed": "failed",
        }}}}),
    ],
)  # fmt: skip
def test_the_vendors_envelope_with_another_code_or_another_word_is_the_providers_own(
    tmp_path: Path, code: int, state: str, found: dict[str, Any] | None
) -> None:
    answer = f'{{"code": {code}, "data": {{"task_id": "1", "task_status": "{state}"}}}}'
    page = f"{REQUEST}\n{QUERY}\n### Response\n\n```json\n{answer}\n```\n"

    told, _ = conventions(tmp_path, page)

    assert told.get("answers", {}).get("query") == found


def test_word_of_a_state_that_nothing_tells_is_said(tmp_path: Path) -> None:
    _, made = conventions(
        tmp_path,
        f"""{REQUEST}
{QUERY}
### Response

| Field | Type | Description |
|---|---|---|
| task_id | string | The task |
| status | string | One of `red`, `green` |
""",
    )

    assert made.wire.missing == ["which of red, green is submitted (page.md:15)"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            '{"error": {"code": "bad_request", "message": "no"}}',
            {"code": "word", "body": {"error": {"code": "$code", "message": "$message"}}},
        ),
        ('{"success": false, "detail": "no"}', {"body": {"success": False, "detail": "$message"}}),
        ('{"code": 1201, "message": "no", "request_id": "r"}', None),
    ],
)
def test_refusals_of_another_form_become_a_template(
    tmp_path: Path, answer: str, error: dict[str, Any] | None
) -> None:
    found, _ = conventions(tmp_path, f"{REQUEST}\n### Response 400\n\n```json\n{answer}\n```\n")

    assert found.get("error") == error
