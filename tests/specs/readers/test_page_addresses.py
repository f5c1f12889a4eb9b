"""Where a page says that its operation is: the method, the path and the host, however they are set."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read

TABLE = "\n\n| Field | Type | Description |\n|---|---|---|\n| text | string | What is seen |\n"


@pytest.mark.parametrize(
    "said",
    [
        "POST\nhttps://api.clips.example/v1/clips",
        "POST\n\nhttps://api.clips.example/v1/clips",
        "POSThttps://api.clips.example/v1/clips",
        "Request URL\thttps://api.clips.example/v1/clips\nMethod\tPOST",
        "```http\nPOST /v1/clips HTTP/1.1\nContent-Type: application/json\nHost: api.clips.example\n```",
    ],
)
def test_a_page_says_its_address_in_many_ways(said: str) -> None:
    (operation,) = read(Document("page.md", f"# Make a clip\n\n{said}{TABLE}")).operations

    assert (operation.method, operation.path, operation.servers) == (
        "post",
        "/v1/clips",
        ("https://api.clips.example",),
    )
