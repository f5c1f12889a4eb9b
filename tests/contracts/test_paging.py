"""How lists are paged: the parameters of each page, by vendors of each kind."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.contracts.paging import Paging, paging_of
from understudy.contracts.target import read_target

# (provider, parameters of a first page of two tasks, its answer, those of page 2, those of one far behind).
PAGES: list[tuple[str, dict[str, str], Any, dict[str, str] | None, dict[str, str] | None]] = [
    (
        "kling", {"pageNum": "1", "pageSize": "2"}, {},
        {"pageNum": "2", "pageSize": "2"}, {"pageNum": "1000", "pageSize": "2"},
    ),
    ("ark", {"page_num": "1", "page_size": "2"}, {}, {"page_num": "2", "page_size": "2"}, None),
    (
        "luma", {"offset": "0", "limit": "2"}, {},
        {"offset": "2", "limit": "2"}, {"offset": "100000", "limit": "2"},
    ),
    ("openai-videos", {"limit": "2"}, {"last_id": "7", "data": []}, {"after": "7", "limit": "2"}, None),
    ("openai-videos", {"limit": "2"}, {"last_id": None, "data": []}, None, None),
    ("replicate", {}, {"next": "https://a.test/v1?cursor=c7", "results": []}, {"cursor": "c7"}, None),
    ("replicate", {}, {"next": None, "results": []}, None, None),
    ("replicate", {}, None, None, None),
    (
        "kling-v2", {"/limit": "2"}, {"data": {"next_cursor": "c7", "has_more": True, "result": []}},
        {"/cursor": "c7", "/limit": "2"}, None,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "first", "answer", "second", "beyond"), PAGES)
def test_pages(provider: str, first: Any, answer: Any, second: Any, beyond: Any) -> None:
    paging = paging_of(read_target(provider).families[0])
    assert isinstance(paging, Paging)
    assert (paging.first(2), paging.following(2, 2, answer), paging.beyond(2)) == (first, second, beyond)


@pytest.mark.parametrize("provider", ["fal", "minimax"])
def test_what_has_no_pages(provider: str) -> None:
    assert paging_of(read_target(provider).families[0]) is None
