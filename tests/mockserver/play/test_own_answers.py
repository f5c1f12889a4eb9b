"""A provider whose page documents a flat answer is played by that page alone, and read back by the checks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client

from understudy.specs.behaviour import read
from understudy.specs.effective import effective
from understudy.specs.importing import Imported, import_documents
from understudy.specs.library import canonical

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """POST /v1/images/multi-image2image

| Field | Type | Required | Description |
|---|---|---|---|
| model_name | string | No | Which |
| subject_image_list | array | Yes | 1 to 4 pictures |
| subject_image_list[].subject_image | string | Yes | URL |

### Response

| Field | Type | Description |
|---|---|---|
| job_id | string | The task |
| state | string | One of `pending`, `running`, `ready`, `error` |

GET /v1/images/multi-image2image/{job_id}

### Response

| Field | Type | Description |
|---|---|---|
| job_id | string | The task |
| state | string | One of `pending`, `running`, `ready`, `error` |
| pictures | array | All |
| pictures[].url | string | Address |
"""


# An answer with members that no name tells.
EXAMPLE = """
```json
{"job_id": "1", "state": "ready", "pictures": [{"url": "https://e.example/1"}], "code": 200, "msg": "success"}
```
"""


def imported(folder: Path, page_text: str = PAGE) -> Imported:
    page = folder / "page.md"
    page.write_text(page_text, encoding="utf-8")
    made = import_documents(folder, [str(page)], "seller", date(2026, 11, 29))
    assert isinstance(made, Imported)
    return made


def test_flat_answers_are_played(tmp_path: Path) -> None:
    folder = imported(tmp_path).folder
    with mock_account(provider=str(folder)) as seller:
        mine = seller.server.account(key="k")
        mine.clock.rate = 0
        client = Client(mine)
        created = client.post(IMAGE, IMAGE_REQUEST).json
        mine.clock.advance(3600)
        asked = client.get(f"{IMAGE}/{created['job_id']}").json

    assert created == {"job_id": created["job_id"], "state": "pending"}
    assert list(asked) == ["job_id", "state", "pictures"]
    assert (asked["job_id"], asked["state"]) == (created["job_id"], "ready")
    assert [list(one) for one in asked["pictures"]] == [["url"]]


def test_flat_answers_are_read_back_as_records(tmp_path: Path) -> None:
    spec = imported(tmp_path).spec
    behaviour = read(effective(canonical(), spec), "seller")
    family = next(one for one in behaviour.families if one.operations.create.key == f"POST {IMAGE}")

    record = family.record({"job_id": "7", "state": "ready", "pictures": [{"url": "https://e.example/1"}]})

    assert record is not None
    assert family.status_of(record) == family.lifecycle.success
    assert family.items_of(record) == [{"url": "https://e.example/1"}]
    assert not family.tells("query", "created_at")
    assert not family.calls_back_records


def test_members_that_no_name_tells_are_those_of_the_example_and_may_be_others(tmp_path: Path) -> None:
    made = imported(tmp_path, PAGE + EXAMPLE)
    with mock_account(provider=str(made.folder)) as seller:
        mine = seller.server.account(key="k")
        client = Client(mine)
        asked = client.get(f"{IMAGE}/{client.post(IMAGE, IMAGE_REQUEST).json['job_id']}").json

    assert (asked["code"], asked["msg"]) == (200, "success")
    path = effective(canonical(), made.spec)["paths"][f"{IMAGE}/{{id}}"]["get"]
    schema = path["responses"]["200"]["content"]["application/json"]["schema"]
    assert {name: schema["properties"][name] for name in ("code", "msg")} == {
        "code": {"type": "integer"},
        "msg": {"type": "string"},
    }
