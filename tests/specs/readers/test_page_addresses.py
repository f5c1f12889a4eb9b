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
        ("POST /v1/clips HTTP/1.1\nHost: api.clips.example\n", ("https://api.clips.example",)),
        ("The host: api\n\nPOST /v1/clips", ()),
        ("See https://docs.clips.example/v1/clips\n\nPOST /v1/clips", ()),
        ("The base URL of the API is https://a.example\n\nPOST /v1/clips", ("https://a.example",)),
        ("All URIs are relative to *https://a.example*\n\nPOST /v1/clips", ("https://a.example",)),
        ("Base URL: https://a.example or https://b.example\n\nPOST /v1/clips", ()),
        ("Base URL: https://a.example/api\n\nPOST /api/v1/clips", ("https://a.example",)),
        ("Base URL: https://a.example/api/v1/\n\nPOST /v1/clips", ("https://a.example/api",)),
        ("Base URL: https://a.example/ap\n\nPOST /api/v1/clips", ("https://a.example/ap",)),
        ("API endpoint: https://a.example/m/v1/clips\n\nPOST /v1/clips", ("https://a.example/m",)),
        ("You can host pictures on https://pictures.example\n\nPOST /v1/clips", ()),
        ("The domain must be allowed at https://allow.example/add\n\nPOST /v1/clips", ()),
        ("图片域名：https://pictures.example\n\nPOST /v1/clips", ()),
        ("Callback server address: https://yours.example\n\nPOST /v1/clips", ()),
    ],
)
def test_a_copied_page_says_its_host(said: str, servers: tuple[str, ...]) -> None:
    (operation,) = read(Document("page.txt", f"Make a clip\n\n{said}{FIELDS}")).operations

    assert (operation.servers, len(operation.request)) == (servers, 2)


@pytest.mark.parametrize(
    ("said", "servers"),
    [
        ("The clip is at https://files.example/v1/clips/c1.mp4", ()),
        ("Ask https://a.example/v1/clips/c1", ("https://a.example",)),
        ("Ask https://a.example/v1/clips/c1/frames", ()),
        ("API endpoint: https://a.example/v1/clips", ("https://a.example",)),
    ],
)
def test_an_address_of_a_file_is_none_of_the_query(said: str, servers: tuple[str, ...]) -> None:
    queried = 'GET /v1/clips/{id}\n\n```json\n{"id": "c1"}\n```\n'
    _, query = read(Document("page.md", f"# Clips\n\n{said}\n\nPOST /v1/clips{TABLE}\n{queried}")).operations

    assert query.servers == servers


@pytest.mark.parametrize("base", ["https://a.example/media", "https://a.example"])
def test_a_command_says_what_stands_before_the_path_of_the_page(base: str) -> None:
    call = (
        f'curl --request POST \\\n  --url {base}/clips/made \\\n  --data \'\n{{\n  "text": "a boat"\n}}\n\''
    )
    fields = (
        "Body\n\napplication/json\ntext\nstring\nrequired\n\nWhat is seen\n\nseconds\ninteger\n\nHow long\n"
    )
    page = f"POST\n/\nclips\n/\nmade\n{call}\n\n{fields}"

    (operation,) = read(Document("page.txt", page)).operations

    assert (operation.path, operation.servers) == ("/clips/made", (base,))


def test_a_parameter_behind_a_colon_is_one_in_braces() -> None:
    table = TABLE.replace("text", "clip_id")

    (operation,) = read(Document("page.md", f"# Clips\n\nGET /v1/clips/:clip_id/frames{table}")).operations

    assert (operation.path, [(one.place, one.field.name) for one in operation.parameters]) == (
        "/v1/clips/{clip_id}/frames",
        [("path", "clip_id")],
    )
