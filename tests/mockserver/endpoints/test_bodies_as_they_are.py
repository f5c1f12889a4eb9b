"""What is told of bodies that are not plain JSON, of media types, and of paths that nobody has."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import IMAGE, IMAGE_REQUEST, Client

if TYPE_CHECKING:
    from understudy.contracts.handle import Account

TEXT = json.dumps({**IMAGE_REQUEST, "prompt": "两只纸船"}, ensure_ascii=False)
PLAIN = TEXT.encode()

PACKED = [
    (gzip.compress(PLAIN, mtime=0), "", "compressed (gzip)"),
    (gzip.compress(PLAIN, mtime=0), "gzip", "compressed (gzip)"),
    (zlib.compress(PLAIN), "", "compressed (deflate)"),
    (zlib.compress(PLAIN, 9), "deflate", "compressed (deflate)"),
    (b"\x28\xb5\x2f\xfd" + PLAIN, "", "compressed (zstd)"),
    (b"\x0b\x02\x80" + PLAIN, "br", "compressed (br)"),
    (TEXT.encode("utf-16"), "", "the body is UTF-16: JSON is UTF-8 (RFC 8259, 8.1)"),
    (TEXT.encode("utf-16-le"), "", "the body is UTF-16: JSON is UTF-8"),
    (TEXT.encode("utf-16-be"), "", "the body is UTF-16: JSON is UTF-8"),
    (TEXT.encode("utf-32"), "", "the body is UTF-32: JSON is UTF-8"),
    (TEXT.encode("gbk"), "", "the body is GBK: JSON is UTF-8"),
    (b'{"prompt": "caf\xe9"}', "", "the body is Latin-1: JSON is UTF-8"),
    (b"\xef\xbb\xbf" + PLAIN, "", "the body begins with a byte order mark"),
    (b"{", "", "the body is not JSON: "),
    (b"\x00\xff", "", "the body is not JSON: "),
]


@pytest.mark.parametrize(("body", "coding", "says"), PACKED)
def test_a_body_that_is_no_json_is_named_as_what_it_is(
    client: Client, body: bytes, coding: str, says: str
) -> None:
    answer = client.post(IMAGE, body, Content_Encoding=coding)
    assert (answer.status, answer.json["code"]) == (400, 1200)
    assert says in answer.json["message"]


def test_a_form_is_named_as_one(client: Client) -> None:
    answer = client.post(IMAGE, b"prompt=cats&n=1", Content_Type="application/x-www-form-urlencoded")
    assert "the body is a form (application/x-www-form-urlencoded), not JSON" in answer.json["message"]


SENT = [
    ("application/json", 200),
    ("Application/JSON; charset=utf-8", 200),
    ("text/plain", 400),
    ("application/x-www-form-urlencoded", 400),
    ("multipart/form-data; boundary=x", 400),
    ("image/png", 400),
    ("", 400),
]


@pytest.mark.parametrize("option", ["strict", "textbook"])
def test_media_types_are_checked_when_the_document_is_taken_at_its_word(option: str) -> None:
    with mock_account(**{option: True}) as mock:  # type: ignore[arg-type]
        client = Client(mock)
        told = [client.post(IMAGE, IMAGE_REQUEST, Content_Type=sent) for sent, _ in SENT]
    assert [answer.status for answer in told] == [status for _, status in SENT]
    assert "Content-Type must be application/json, not text/plain" in told[2].json["message"]
    assert "not missing" in told[-1].json["message"]


def test_media_types_are_not_looked_at_where_the_provider_is_not_known_to(client: Client) -> None:
    assert client.post(IMAGE, IMAGE_REQUEST, Content_Type="text/plain").status == 200


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/v1/images/multi-image2imag", f"GET {IMAGE}"),
        ("/v1/image/multi-image2image", f"GET {IMAGE}"),
        ("/kling/v1/images/multi_image2image", f"GET /kling{IMAGE}"),
        ("/" + "x" * 5000, None),
    ],
)
def test_a_path_that_nobody_has_is_told_the_nearest_one(
    client: Client, mock: Account, path: str, near: str | None
) -> None:
    answer = client.get(path)
    assert (answer.status, answer.headers.get("x-understudy-nearest")) == (404, near)
    assert mock.journal[-1]["nearest"] == (near or "")
