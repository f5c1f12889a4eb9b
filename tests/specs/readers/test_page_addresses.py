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


FIELDS = """

Body Params application/json
text
string
required
What is seen
length
integer
optional
Seconds
"""


@pytest.mark.parametrize(
    ("said", "servers"),
    [
        ("POST\nhttps://api.clips.example/v1/clips", ("https://api.clips.example",)),
        ("POST\nhttps://api.clips.example/media/v1/clips", ("https://api.clips.example",)),
        (
            "Base URL: https://api.clips.example/media/\n\nPOST /v1/clips",
            ("https://api.clips.example/media",),
        ),
        ("服务地址：https://api.clips.example\n\nPOST /v1/clips", ("https://api.clips.example",)),
        ("Base URL: https://a.example\nBase URL (test): https://b.example\n\nPOST /v1/clips", ()),
        ("See https://docs.clips.example/guide\n\nPOST /v1/clips", ()),
    ],
)
def test_a_copied_page_says_its_host(said: str, servers: tuple[str, ...]) -> None:
    (operation,) = read(Document("page.txt", f"Make a clip\n\n{said}{FIELDS}")).operations

    assert (operation.servers, len(operation.request)) == (servers, 2)
