"""How requests of a new API say whose they are, as its pages show it."""

from __future__ import annotations

import pytest

from understudy.specs.documents import Document
from understudy.specs.importing.account import account_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('curl https://a.example/v1/x -H "Authorization: Bearer $KEY"', "Authorization: Bearer KEY"),
        ('curl https://a.example/v1/x -H "Authorization: Key $A_KEY"', "Authorization: Key KEY"),
        ("Authorization\tToken {your api key}\twhose it is", "Authorization: Token KEY"),
        ("--header 'Authorization: <YOUR_API_KEY>'", "Authorization: KEY"),
        (
            "| `Authorization` | string | 是 | 身份验证，例如：`Bearer {{密钥}}` |",
            "Authorization: Bearer KEY",
        ),
        ("headers = {'Authorization': f'Bearer {token}'}", "Authorization: Bearer KEY"),
        ("All requests need the `x-key` header with your key.", "x-key: KEY"),
        ('curl https://a.example -H "X-API-Key: your_key"', "X-API-Key: KEY"),
        ("parameters:\n  - name: xi-api-key\n    in: header\n    required: true", "xi-api-key: KEY"),
    ],
)
def test_the_header_of_the_key_is_the_one_that_pages_show(text: str, shown: str) -> None:
    said = account_of([Document("page.md", text)])

    assert said is not None
    assert (said.shown, said.confidence) == (shown, 0.9)


@pytest.mark.parametrize(
    "text",
    [
        "| Authorization | Authentication information, see the guide |",
        "| Authorization | string | required |",
        "--header 'Authorization: <authorization>'",
        '{"token": "a-secret-of-the-body"}',
        "parameters:\n  - name: token\n    in: query",
        "Store the key in `FILM_API_KEY`; authorization is described elsewhere.",
    ],
)
def test_what_says_no_header_of_a_key_is_none(text: str) -> None:
    assert account_of([Document("page.md", text)]) is None


def test_where_places_differ_the_most_frequent_is_less_sure() -> None:
    lines = [
        "-H 'Authorization: Key $KEY'",
        "-H 'Authorization: Key $KEY'",
        "-H 'Authorization: Bearer $KEY'",
    ]

    said = account_of([Document("page.md", "\n".join(lines))])

    assert said is not None
    assert (said.shown, said.confidence, said.why) == ("Authorization: Key KEY", 0.7, "page.md:1 has it")
