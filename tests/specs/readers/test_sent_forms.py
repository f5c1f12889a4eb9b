"""A request that is sent as a form is told from one of JSON: by calls, headers, prose, media types."""

from __future__ import annotations

import json

import pytest

from understudy.specs.documents import Document
from understudy.specs.readers import read

MULTIPART, URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
FIELDS = (
    "| Field | Type | Required | Description |\n|---|---|---|---|\n| prompt | string | yes | What to draw |\n"
)
QUERY = '\n## Ask\n\nGET /v1/clips/{id}\n\n```\n{"id": "1"}\n```\n'
CALL = "\n```bash\ncurl -X POST https://a.test/v1/clips "


def forms_of(text: str) -> dict[str, str]:
    """The form of each operation of the document, by its method."""
    return {one.method: one.form for one in read(Document("x", text)).operations}


@pytest.mark.parametrize(
    ("said", "form"),
    [
        (CALL + '-F prompt="two cats" -F "image=@cat.png"\n```\n', MULTIPART),
        (CALL + "--form 'image=@cat.png'\n```\n", MULTIPART),
        (CALL + "--data-urlencode 'prompt=two cats'\n```\n", URLENCODED),
        (CALL + "-d prompt=cats -d 'n=3'\n```\n", URLENCODED),
        ("\nThe body is sent as `multipart/form-data`.\n", MULTIPART),
        ("\n请求体格式：multipart/form-data\n", MULTIPART),
        ("\nContent-Type: application/x-www-form-urlencoded\n", URLENCODED),
        ("\n| Header | Value |\n|---|---|\n| Content-Type | multipart/form-data |\n", MULTIPART),
        (
            "\nmultipart/form-data\n\n```\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{}\n```\n",
            MULTIPART,
        ),
        # JSON is taken as well, or alone.
        (CALL + '-d \'{"prompt": "two cats"}\'\n```\nOr as multipart/form-data.\n', ""),
        (
            CALL
            + "-H 'Content-Type: application/json' --data @body.json\n```\nUploads: multipart/form-data\n",
            "",
        ),
        ("\nAn option of curl is -F.\n", ""),
        # What is no form, or need not be one.
        ("\nFiles are uploaded elsewhere as multipart/form-data.\n", ""),
        ("\nDo not send multipart/form-data.\n", ""),
        ("\napplication/json or multipart/form-data\n", ""),
        ("\n不支持 multipart/form-data\n", ""),
        ("\n", ""),
    ],
)
def test_a_page_says_how_its_request_is_sent(said: str, form: str) -> None:
    assert forms_of(f"POST /v1/clips\n\n{FIELDS}{said}{QUERY}") == {"post": form, "get": ""}


def test_each_operation_of_a_page_is_sent_in_its_own_way() -> None:
    upload = f"POST /v1/clips\n\n{FIELDS}{CALL}-F prompt=cats\n```\n"
    other = f"\n## Change\n\nPUT /v1/clips\n\n{FIELDS}\nContent-Type: application/json\n"

    assert forms_of(upload + other) == {"post": MULTIPART, "put": ""}


@pytest.mark.parametrize(
    ("kinds", "form"),
    [
        ([MULTIPART], MULTIPART),
        ([f"{URLENCODED}; charset=utf-8"], URLENCODED),
        ([URLENCODED, MULTIPART], MULTIPART),
        ([MULTIPART, "application/json"], ""),
        (["application/vnd.clips+json"], ""),
        (["image/png"], ""),
    ],
)
def test_an_openapi_document_says_it_by_its_media_types(kinds: list[str], form: str) -> None:
    schema = {"type": "object", "properties": {"prompt": {"type": "string"}}}
    body = {"content": {kind: {"schema": schema} for kind in kinds}}
    paths = {"/v1/clips": {"post": {"requestBody": body, "responses": {}}}}

    assert forms_of(json.dumps({"openapi": "3.1.0", "paths": paths})) == {"post": form}


@pytest.mark.parametrize(("mode", "form"), [("formdata", MULTIPART), ("urlencoded", URLENCODED), ("raw", "")])
def test_a_postman_collection_says_it_by_the_mode_of_the_body(mode: str, form: str) -> None:
    content = '{"prompt": "cats"}' if mode == "raw" else [{"key": "prompt", "value": "cats"}]
    request = {"method": "POST", "url": "https://a.test/v1/clips", "body": {"mode": mode, mode: content}}

    assert forms_of(json.dumps({"_postman_id": "1", "item": [{"request": request}]})) == {"post": form}


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("-F 'prompt=two cats' \\\n  -F image=@cat.png", {"prompt": "string", "image": "string"}),
        ('--form "prompt=cats" --form "tags[]=a" -F "tags[]=b"', {"prompt": "string", "tags[]": "string"}),
        ("-d 'prompt=cats' -d 'size[width]=5' -d 'size[height]=4'", {
            "prompt": "string", "size.width": "string", "size.height": "string",
        }),
        ("--data-urlencode 'prompt={\"a\": 1}'", {"prompt": "string"}),
        ("-F file=@/tmp/v1/cat.png https://a.test/v1/clips", {"file": "string"}),
    ],
)  # fmt: skip
def test_a_call_shows_the_fields_of_its_form(call: str, shown: dict[str, str]) -> None:
    address = "" if "https" in call else "https://a.test/v1/clips "
    (operation,) = read(Document("x", f"# Clips\n\n```bash\ncurl {address}{call}\n```\n")).operations
    types = {".".join(one.path).replace(".[]", "[]"): one.get("type") for one in operation.request}

    assert (operation.method, operation.path) == ("post", "/v1/clips")
    assert {name: type_ for name, type_ in types.items() if type_ not in ("object", "array")} == shown


def test_what_a_call_adds_to_its_address_is_no_form() -> None:
    text = "# Clips\n\n```bash\ncurl -G https://a.test/v1/clips --data-urlencode 'page=2'\n```\n"
    (operation,) = read(Document("x", text)).operations

    assert (operation.method, operation.form, operation.request) == ("get", "", ())
