"""What is blotted out of a recording, and what stays to the last byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.record.secrets import BLOT, blot, blot_body, blot_headers, blot_url


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("Authorization", "Bearer sk-1", BLOT),
        ("X-Api-Key", "k", BLOT),
        ("cookie", "a=b", BLOT),
        ("Set-Cookie", "a=b", BLOT),
        ("X-Amz-Security-Token", "t", BLOT),
        ("X-Note", "uses Bearer sk-123456789 today", f"uses {BLOT} today"),
        ("Content-Type", "application/json", "application/json"),
        ("Retry-After", "3", "3"),
    ],
)
def test_headers(name, value, kept):
    assert blot_headers(((name, value),)) == ((name, kept),)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://u:p@h.example/v1?pageNum=2", "https://h.example/v1?pageNum=2"),
        ("https://h/x?api_key=s&n=1", "https://h/x?api_key=[blotted%20out]&n=1"),
        ("https://h/x?key=s", "https://h/x?key=[blotted%20out]"),
        ("https://[h/x?key=s", BLOT),
        (
            "https://h/x?X-Amz-Signature=s&X-Amz-Date=d",
            "https://h/x?X-Amz-Signature=[blotted%20out]&X-Amz-Date=d",
        ),
        ("https://h/x?monkey=1&token=", "https://h/x?monkey=1&token="),
        ("https://h/%20a//b?q=%2F+", "https://h/%20a//b?q=%2F+"),
    ],
)
def test_urls(url, kept):
    assert blot_url(url) == kept


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"prompt": "a  token",  "n":1}', b'{"prompt": "a  token",  "n":1}'),
        (b'{"secret_key":"s","n":1}', b'{"secret_key": "[blotted out]", "n": 1}'),
        (
            b'{"a":[{"url":"https://h/1.png?sig=s"}]}',
            b'{"a": [{"url": "https://h/1.png?sig=[blotted%20out]"}]}',
        ),
        (b'{"token": null, "password": ""}', b'{"token": null, "password": ""}'),
        (b"Bearer abcdefghijk and more", b"[blotted out] and more"),
        (b"\xff\x00", b"\xff\x00"),
        (b"", b""),
    ],
)
def test_bodies(body, kept):
    assert blot_body(body) == kept


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
SECRET = "s3cr3t-" + "x" * 12


@given(JSON, st.sampled_from(["api_key", "access_token", "clientSecret_secret", "X-Signature", "password"]))
def test_secret_is_gone_wherever_it_stands_and_blotting_twice_changes_nothing(value, name):
    body = {
        "deep": [value, {name: SECRET, "link": f"https://h/x?token={SECRET}", "said": f"Bearer {SECRET}"}]
    }
    clean = blot(body)
    assert SECRET not in json.dumps(clean)
    assert blot(clean) == clean


ANY_TEXT = st.text(max_size=20, alphabet=st.characters())  # half characters, too


@given(st.builds("http://{}?token={}".format, ANY_TEXT, ANY_TEXT) | st.just("http://[x?token=y"), ANY_TEXT)
def test_whatever_a_client_sends_can_be_blotted(url, text):
    raw = json.dumps({"url": url, "text": text, "token": SECRET}).encode()
    assert json.loads(blot_body(raw)) == blot(json.loads(raw))
    assert SECRET not in blot_body(raw).decode()


@given(JSON)
def test_bytes_are_never_made_worse(value):
    raw = json.dumps(value).encode()
    assert json.loads(blot_body(raw)) == blot(value)
