"""The control plane under bad input: every endpoint answers one clear JSON error, and goes on."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mockserver.siege.conftest import LONG, Answer, Wire, head

from understudy.mockserver.control.verbs import CONTROL

if TYPE_CHECKING:
    from understudy.contracts.handle import Account

ROOT = "/__understudy__"
ENDPOINTS = [(method, path.partition("?")[0].replace("{id}", "1")) for method, path, _ in CONTROL]
POSTS = [path for method, path in ENDPOINTS if method == "POST"]
MEMBERS = [
    "rate",
    "seconds",
    "to",
    "pace",
    "scenario",
    "next",
    "image",
    "video",
    "per_second",
    "status",
    "reason",
]


def order(
    fort: Account, method: str, path: str, body: bytes = b"", *lines: str, key: str = "control"
) -> Answer:
    with Wire(fort) as wire:
        sent = head(method, path, *lines, f"Content-Length: {len(body)}", key=key)
        return wire.send(sent, body).answer(method)


def error(answer: Answer) -> str:
    """The one clear error of an answer that must be one."""
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"] == "application/json"
    text = answer.json["error"]
    assert 0 < len(text) <= 1000
    assert "\n" not in text.strip()
    return str(text)


NO_ORDERS = [
    b"{", b"[]", b"3", b"null", b'"x"', b"\xff", b'{"rate": NaN}', b"[" * 5000,
    b'{"a":' * 400 + b"1" + b"}" * 400,
    b'{"nobody": 1}', b'{"\\ud800": 1}', b'{"' + b"x" * 10_000 + b'": 1}', b"x" * 1_100_000,
]  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_what_is_no_order_is_refused(fort: Account, path: str) -> None:
    for body in NO_ORDERS:
        if path.endswith("/reset"):
            continue  # takes no body
        error(order(fort, "POST", path, body))


WRONG: list[Any] = [None, True, -1, 0.5, 10**30, "", "x", "²", "9" * 5000, [], {}, [[1]], {"a": {}}]


@pytest.mark.parametrize("path", POSTS)
def test_members_of_the_wrong_type_are_refused(fort: Account, path: str) -> None:
    for name in MEMBERS:
        for value in WRONG:
            answer = order(fort, "POST", path, json.dumps({name: value}).encode())
            if answer.status != 200:
                error(answer)


PARAMETERS = ["account", "limit", "operation", "verdict", "task", "field", "status", "profile", "nobody"]
VALUES = ["", "%C2%B2", "-1", "0", "1" * 5000, "%FF", "%00", "[", "x", "%ED%A0%80"]


@pytest.mark.parametrize(("method", "path"), [e for e in ENDPOINTS if e[0] == "GET"], ids=lambda part: part)
def test_parameters_are_read_or_refused(fort: Account, method: str, path: str) -> None:
    for name in PARAMETERS:
        for value in VALUES:
            answer = order(fort, method, f"{path}?{name}={value}")
            if answer.status != 200:
                error(answer)
    assert "known: " in error(order(fort, method, f"{path}?nobody=1"))


@pytest.mark.parametrize("limit", ["%C2%B2", "0", "-1", "1.5", "1" * 5000, "", "x", "100001"])
def test_a_limit_that_is_no_number_is_refused(fort: Account, limit: str) -> None:
    assert "limit" in error(order(fort, "GET", f"{ROOT}/journal?limit={limit}"))


@pytest.mark.parametrize(
    "line", ["Host: [", "Host: ::::", "Host: a b", "Host: \xff", "Origin: http://[", "Origin: null"]
)
def test_hosts_and_origins_that_are_none_are_no_harm(fort: Account, line: str) -> None:
    for method, path in (
        ("GET", ROOT),
        ("POST", f"{ROOT}/scenario"),
        ("GET", f"{ROOT}/nothing"),
        ("PUT", ROOT),
    ):
        answer = order(fort, method, path, b'{"scenario": ""}' if method == "POST" else b"", line)
        assert answer.status < 500, line
        assert isinstance(answer.json, dict)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://[", "http://x.evil.example", "file://"]
)
def test_pages_of_other_origins_give_no_orders(fort: Account, origin: str) -> None:
    assert "does not accept requests from the origin" in error(
        order(fort, "POST", f"{ROOT}/reset", b"", f"Origin: {origin}")
    )
    assert order(fort, "POST", f"{ROOT}/reset", b"", "Origin: http://x").status == 200


def test_a_method_that_an_endpoint_does_not_know_is_told_which_it_knows(fort: Account) -> None:
    answer = order(fort, "DELETE", f"{ROOT}/clock")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert error(answer) == f"{ROOT}/clock takes GET, HEAD, POST, not DELETE"


@pytest.mark.parametrize(
    "path", ["/nothing", "/clock/", "//", "/tasks/a/b/finish", "/%2e%2e/x", "/tasks//finish"]
)
def test_paths_that_are_not_there_say_where_to_look(fort: Account, path: str) -> None:
    answer = order(fort, "GET", ROOT + path)
    if answer.status != 200:  # a doubled slash is tolerated
        error(answer)
        assert answer.json["see"] == ROOT


def test_a_client_that_leaves_in_the_middle_of_an_order_is_no_mistake(fort: Account) -> None:
    with Wire(fort) as wire:
        wire.send(head("POST", f"{ROOT}/scenario", "Content-Length: 1000"), b"{")
    assert order(fort, "GET", f"{ROOT}/health").json == {"status": "ok"}


def test_a_token_stands_for_its_issuer_here_too(fort: Account) -> None:
    now = time.time()
    first, second = (jwt.encode({"iss": "issuer", "exp": now + more}, "s" * 32) for more in (100, 200))
    assert (
        order(fort, "POST", f"{ROOT}/scenario", b'{"scenario": "account_in_arrears"}', key=first).status
        == 200
    )
    assert order(fort, "GET", "/v1/images/multi-image2image", key=second).told == (429, 1101)
    assert order(fort, "GET", f"{ROOT}/journal/count?account=issuer").json == {"count": 1}


def test_clocks_of_any_rate_go_on(fort: Account) -> None:
    for rate in (1e-300, 5e-324, 1e-9, 1_000_000, 0):
        for path, body in (("/clock", {"rate": rate}), ("/clock/advance", {"seconds": 1e-12})):
            assert order(fort, "POST", ROOT + path, json.dumps(body).encode(), key="rates").status == 200
        task = {"subject_image_list": [{"subject_image": "http://a"}], "callback_url": "http://127.0.0.1:9/"}
        made = order(fort, "POST", "/v1/images/multi-image2image", json.dumps(task).encode(), key="rates")
        assert made.told == (200, 0)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=5000 if LONG else 200, deadline=None)
@given(
    st.sampled_from(POSTS),
    st.dictionaries(st.sampled_from(MEMBERS), json_values, max_size=3).map(json.dumps).map(str.encode)
    | st.binary(max_size=100),
)
def test_any_order_is_answered_in_json(fort: Account, path: str, body: bytes) -> None:
    answer = order(fort, "POST", f"{path}?account=fuzz", body)
    assert answer.status in (200, 400)
    assert isinstance(answer.json, dict | list)
