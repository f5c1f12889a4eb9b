"""What is blotted out of a recording, and what stays to the last byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.contracts import trace
from understudy.contracts.har import to_har
from understudy.specs.secrets import BLOT, blot, blot_body, blot_headers, blot_url, is_secret_name


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
        ("https://[h/x?key=s", "https://[h/x?key=[blotted%20out]"),
        (
            "https://h/x?X-Amz-Signature=s&X-Amz-Date=d",
            "https://h/x?X-Amz-Signature=[blotted%20out]&X-Amz-Date=d",
        ),
        ("https://h/x?sign=s&auth_key=1-0-0-a&Expires=9", "https://h/x?sign={0}&auth_key={0}&Expires=9"),
        ("https://h/x?Ocp-Apim-Subscription-Key=s", "https://h/x?Ocp-Apim-Subscription-Key={0}"),
        (
            "https://h/x?subscription-key=s&client%5Fsecret=t",
            "https://h/x?subscription-key={0}&client%5Fsecret={0}",
        ),
        ("https://h/cb#access_token=s&state=1", "https://h/cb#access_token={0}&state=1"),
        ("https://h/x?to=http%3A%2F%2Fu%3Ap%40h%2F&n=1", "https://h/x?to={0}&n=1"),
        ("https://h/x?page_token=abc&max_tokens=5#top", "https://h/x?page_token=abc&max_tokens=5#top"),
        ("https://user@h.example:8443/a@b?q=a@b", "https://h.example:8443/a@b?q=a@b"),
        ("https://h/x?monkey=1&token=", "https://h/x?monkey=1&token="),
        ("https://h/%20a//b?q=%2F+", "https://h/%20a//b?q=%2F+"),
    ],
)
def test_urls(url, kept):
    assert blot_url(url) == kept.replace("{0}", "[blotted%20out]")


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
        (b'{"callback_url": "http://u:p@h/hook"}', b'{"callback_url": "http://h/hook"}'),
        (
            b'{"clientSecret": "s", "authToken": "t"}',
            b'{"clientSecret": "[blotted out]", "authToken": "[blotted out]"}',
        ),
        (b"model=a&api_key=s&sign=t", b"model=a&api_key=[blotted%20out]&sign=[blotted%20out]"),
        (b"grant_type=client_credentials", b"grant_type=client_credentials"),
        (
            b'--x\r\nContent-Disposition: form-data; name="apiKey"\r\n\r\nsecret\r\n--x--',
            b'--x\r\nContent-Disposition: form-data; name="apiKey"\r\n\r\n[blotted out]\r\n--x--',
        ),
        (
            b'data: {"token": "s"}\n\ndata: {"n": 1}\n\n',
            b'data: {"token": "[blotted out]"}\n\ndata: {"n": 1}\n\n',
        ),
        (b'{"prompt": "x", "secret_key": "abc', b'{"prompt": "x", "secret_key": "[blotted out]'),
        (b"see https://h/a.png?sig=s for it", b"see https://h/a.png?sig=[blotted%20out] for it"),
        (b"\xff\x00", b"\xff\x00"),
        (b"", b""),
    ],
)
def test_bodies(body, kept):
    assert blot_body(body) == kept


SECRET_NAMES = [
    "api_key",
    "apiKey",
    "API-KEY",
    "x-api-key",
    "apikey",
    "accessKey",
    "access_key_secret",
    "secretKey",
    "clientSecret",
    "client_secret",
    "authToken",
    "auth_token",
    "accessToken",
    "refresh_token",
    "idToken",
    "password",
    "userPassword",
    "passwd",
    "signature",
    "X-Amz-Signature",
    "sign",
    "sig",
    "auth_key",
    "authorization",
    "Proxy-Authorization",
    "Ocp-Apim-Subscription-Key",
    "X-Subscription-Key",
    "webhookSecret",
    "signing_key",
    "privateKey",
    "X-Goog-Credential",
    "xAuthToken",
    "APIKey",
]
PLAIN_NAMES = [
    "key",
    "keyword",
    "monkey",
    "max_tokens",
    "tokens",
    "token_count",
    "tokenizer",
    "next_page_token",
    "nextToken",
    "page_token",
    "author",
    "signal",
    "design",
    "assign",
    "passed",
    "secretary",
    "primary_key",
    "foreignKey",
    "task_id",
    "prompt",
    "public_key",
    "negative_prompt",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_name_of_a_secret_is_known_in_any_spelling(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_name_that_only_looks_like_one_is_kept(name):
    assert not is_secret_name(name)


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


def test_har_of_any_conversation_is_kept_without_secrets():
    headers = (("Content-Type", "application/json"), ("X-Subscription-Key", SECRET))
    request = trace.Request("GET", f"https://u:{SECRET}@h/x?sign={SECRET}", headers, b"")
    body = json.dumps({"url": f"https://h/1.png?sig={SECRET}", "authToken": SECRET}).encode()
    response = trace.Response(200, (*headers, ("Set-Cookie", f"a={SECRET}")), body)
    conversation = trace.Conversation(provider="canonical", url="https://h")
    conversation.exchanges.append(trace.Exchange(1, "", "", "own", request, response, 0.0, 1.0))
    assert SECRET not in json.dumps(to_har(conversation))
