"""JSON as it is read from what was recorded: exactly, and by the grammar (RFC 8259)."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from understudy.contracts.har import from_har, to_har
from understudy.contracts.trace import Conversation, Exchange, Request, Response, parse


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 2.5, null, true, "\xc3\xa9"]}', {"a": [1, 2.5, None, True, "é"]}),
        # Integers of any length are exact.
        (b"123456789012345678901", 123456789012345678901),
        (b'{"id": 123456789012345678901}', {"id": 123456789012345678901}),
        (b'{"id":[-123456789012345678901,1]}', {"id": [-123456789012345678901, 1]}),
        (b'{"id": 18446744073709551616}', {"id": 2**64}),
        (b'{"a":1,"id":18446744073709551616}', {"a": 1, "id": 2**64}),
        (b"[1,18446744073709551616]", [1, 2**64]),
        (b"[1,\n\t18446744073709551616\r]", [1, 2**64]),
        (b"-18446744073709551616", -(2**64)),
        (
            b'["http://a/18446744073709551616/0.png",18446744073709551616]',
            ["http://a/18446744073709551616/0.png", 2**64],
        ),
        (b'{"id": 999999999999999999}', {"id": 10**18 - 1}),
        (b'{"id": "123456789012345678901"}', {"id": "123456789012345678901"}),
        (b"0.1234567890123456789", 0.1234567890123456789),
        (b"1e999", float("inf")),
        # Half a character is an escape (8.2).
        (rb'"\ud800"', "\ud800"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_json_is_read_exactly(body: bytes, value: Any) -> None:
    assert parse(body) == value


def test_ids_in_texts_and_addresses_are_no_long_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly every answer has one: read by Python's own parser, each took ten times as long."""
    monkeypatch.setattr(json, "loads", None)
    value = {"id": "1" * 20, "url": f"http://a/{'1' * 20}/0.png?of={'1' * 20}", "at": 1796085530381}
    assert parse(orjson.dumps(value)) == value


@pytest.mark.parametrize(
    "body", [None, b"", b"NaN", b'{"a": -Infinity}', b"\xff", b"[" * 100_000, b'{"a": 1,}', b"\xef\xbb\xbf{}"]
)
def test_what_is_no_json_is_refused(body: bytes | None) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of them says so
        parse(body)


def test_a_form_is_kept_as_it_was_sent_with_the_value_that_it_means() -> None:
    kind = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = Request("POST", "http://a/v1/videos", kind, b"n=2&prompt=a", meant=b'{"n": 2, "prompt": "a"}')
    said = Exchange(0, "videos", "create", "own", request, Response(200), 0.0, 1.0)
    [kept] = from_har(to_har(Conversation("canonical", "http://a", exchanges=[said]))).exchanges
    assert (kept.request, kept.request.json()) == (request, {"n": 2, "prompt": "a"})
    assert said.request.place.endswith("n=2&prompt=a")
