"""A profile may say in which headers its provider tells limits; the account's own are told in them."""

from __future__ import annotations

import re
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from understudy.contracts.sample import SampleClient
from understudy.contracts.testing import mock_server
from understudy.specs import library
from understudy.specs.build import build, write
from understudy.specs.errors import UnderstudyError
from understudy.specs.importing import import_documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from understudy.contracts.sample import SampleAnswer

PAGE = """POST /v1/images/multi-image2image

| Field | Type | Required |
|---|---|---|
| subject_image_list | array | yes |
| prompt | string | no |
"""
HEADERS = """
[conventions.limits.headers]
X-RateLimit-Limit = "limit"
X-RateLimit-Remaining = "remaining"
RateLimit = '"tasks";r=${remaining};t=${reset_seconds}'
"""
NAMES = ("x-ratelimit-limit", "x-ratelimit-remaining", "ratelimit")


@pytest.fixture(scope="module")
def seller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The provider.toml of a seller of one's own, with such headers, in the folder where one is."""
    root = tmp_path_factory.mktemp("seller")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv(library.ENVIRONMENT, raising=False)
        (root / "page.md").write_text(PAGE, encoding="utf-8")
        import_documents(root, ["page.md"], "seller", date(2026, 11, 21))
        file = root / "specs" / "providers" / "seller" / "provider.toml"
        file.write_text(file.read_text(encoding="utf-8") + HEADERS, encoding="utf-8")
        write(root, build(root).files)
        yield file


def told(answer: SampleAnswer) -> list[str]:
    return [answer.headers.get(name, "") for name in NAMES]


def test_answers_tell_how_many_slots_are_left(seller: Path) -> None:
    with mock_server("seller", pace="realistic") as server:
        account = server.account()
        client = SampleClient(account)
        before = client.create()
        server.call("POST", "/limits", {"image": 3}, query={"account": account.api_key})
        prompt = client.request(prompt="#understudy:extra-fields")
        answers = [client.create(), client.create(prompt), client.create()]
    assert told(before) == ["", "", ""]  # without limits there is nothing to tell
    assert [answer.status for answer in answers] == [200, 200, 429]
    # The task of before holds a slot as well.
    assert [told(answer) for answer in answers] == [
        ["3", "1", '"tasks";r=1;t=1'],
        ["3", "0", '"tasks";r=0;t=1'],
        ["3", "0", '"tasks";r=0;t=1'],
    ]


def test_answers_tell_how_many_requests_are_left(seller: Path) -> None:
    with mock_server("seller") as server:
        account = server.account(rate=0)
        client = SampleClient(account)
        server.call("POST", "/limits", {"per_second": 2}, query={"account": account.api_key})
        answers = [client.create() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert [told(answer)[:2] for answer in answers] == [["2", "1"], ["2", "0"], ["2", "0"]]


def test_document_names_the_headers(seller: Path) -> None:
    [create, *_] = library.effective("seller")["paths"].values()
    schemas = {name: one["schema"] for name, one in create["post"]["responses"]["200"]["headers"].items()}
    assert schemas == {
        "X-RateLimit-Limit": {"type": "integer", "minimum": 0},
        "X-RateLimit-Remaining": {"type": "integer", "minimum": 0},
        "RateLimit": {"type": "string"},
    }


@pytest.mark.parametrize(
    ("what", "error"), [("left", "unknown thing 'left'"), ("${remaining}/${all}", "unknown value '$all'")]
)
def test_header_that_tells_nothing_known_is_refused(
    seller: Path, tmp_path: Path, what: str, error: str
) -> None:
    shutil.copytree(seller.parents[3], tmp_path, dirs_exist_ok=True)
    mine = tmp_path / seller.relative_to(seller.parents[3])
    mine.write_text(mine.read_text(encoding="utf-8").replace('"remaining"', f'"{what}"'))
    with pytest.raises(UnderstudyError, match=re.escape(error)):
        build(tmp_path)
