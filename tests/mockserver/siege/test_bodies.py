"""Bodies: deep, wrong, huge, many at a time. Every one is answered, in the vendor's shape."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mocks import mock_account
from tests.mockserver.siege.conftest import BODY, IMAGE, LONG, Wire, head, post

from understudy.mockserver.board import thumbs
from understudy.mockserver.jsontext import too_deep
from understudy.mockserver.media import MediaCache

if TYPE_CHECKING:
    from understudy.contracts.handle import Account

VIDEO = "/v1/videos/multi-image2video"
MEGABYTE = 2**20


def nested(depth: int, padding: int = 0) -> bytes:
    """A request whose unknown field is so deep, and which is so many bytes longer."""
    return b'{"x":' + b"[" * depth + b"]" * depth + b',"y":"' + b"z" * padding + b'",' + BODY[1:]


@pytest.mark.parametrize("padding", [0, 20_000, 200_000], ids=["small", "journalled short", "off the loop"])
@pytest.mark.parametrize(
    ("depth", "told"), [(60, (200, 0)), (70, (400, 1200)), (1000, (400, 1200)), (5000, (400, 1200))]
)
def test_deep_bodies_are_refused_and_can_be_seen_in_the_journal(
    fort: Account, depth: int, told: tuple[int, int], padding: int
) -> None:
    mine = fort.server.account(key=f"deep-{depth}-{padding}")
    with Wire(fort) as wire:
        assert wire.send(post(nested(depth, padding), key=mine.api_key)).answer().told == told
    [entry] = mine.journal
    assert (entry["status"], json.dumps(entry["request"])[:2]) == (told[0], '{"' if told[0] == 200 else '"{')


@given(
    st.recursive(st.text('[]{}\\"a', max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=40)
)
def test_depth_is_what_a_recursive_walk_finds(value: Any) -> None:
    def depth(part: Any) -> int:
        return 1 + max(map(depth, part), default=0) if isinstance(part, list) else 0

    text = json.dumps(value).encode()
    assert [too_deep(text, most) for most in range(9)] == [depth(value) > most for most in range(9)]


VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    1.5,
    1e308,
    "",
    "x",
    "\x00",
    "\U0001f642",
    [],
    [None],
    [[]],
    {},
    {"a": 1},
]
PLACES = [
    "model_name", "prompt", "negative_prompt", "n", "aspect_ratio", "watermark_info", "callback_url",
    "external_task_id", "scene_image", "style_image", "subject_image_list", "image_list", "mode", "duration",
    "unknown", "",
]  # fmt: skip
INNER = [
    {"subject_image_list": [value]} for value in [*VALUES, {"subject_image": None}, {"subject_image": [1]}]
] + [{"watermark_info": {"enabled": value}} for value in VALUES]


def test_wrong_types_anywhere_are_answered(fort: Account) -> None:
    base = {
        "subject_image_list": [{"subject_image": "http://a"}],
        "image_list": [{"image": "http://a"}],
        "prompt": "p",
    }
    changes = [{place: value} for place in PLACES for value in VALUES] + INNER
    with Wire(fort) as wire:
        for path in (IMAGE, VIDEO):
            for change in changes:
                body = json.dumps({**base, **change}).encode()
                status, code = wire.send(post(body, path, key="types")).answer().told
                assert (status, code) in ((200, 0), (400, 1200), (400, 1201)), body
            for value in VALUES:
                answer = wire.send(post(json.dumps(value).encode(), path, key="types")).answer()
                assert (answer.status, answer.json["code"] // 10) == (400, 120), value


NO_JSON = [
    b"",
    b"{",
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b'{"prompt": "\xff"}',
    b'{"prompt": "\\ud800"}',
    b'{"n": NaN}',
    b'{"n": Infinity}',
    b'{"n": 01}',
    b"{'n': 1}",
    b'{"n": 1,}',
    b'{"n": 1} {}',
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00",
]


@pytest.mark.parametrize("body", NO_JSON, ids=repr)
def test_what_is_no_json_is_refused(fort: Account, body: bytes) -> None:
    with Wire(fort) as wire:
        assert wire.send(post(body)).answer().told == (400, 1200)


def token(claims: object) -> str:
    def part(value: object) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")

    return f"{part({'alg': 'HS256'})}.{part(claims)}.c2ln"


TOKENS = [
    token("[" * 2500),
    token([1]),
    token({"iss": "\ud800", "exp": 2**40}),
    token({"iss": "a\x00b", "exp": 2**40}),
    token({"iss": {"a": 1}, "exp": 2**40}),
    token('{"iss": "a", "exp": NaN}'),
    token({"iss": "a", "exp": "soon"}),
    token('{"iss": "a", "exp": 1' + "0" * 2000 + ', "nbf": 1' + "0" * 2000 + "}"),
    "k" * 5000,
    "a.b.c d",
]


@pytest.mark.parametrize("key", TOKENS, ids=lambda key: key[20:60])
def test_keys_that_are_none_are_refused_or_taken_as_plain_ones(fort: Account, key: str) -> None:
    with Wire(fort) as wire:
        status, code = wire.send(head("GET", IMAGE, key=key)).answer().told
        assert (status, code) in ((401, 1002), (401, 1003), (401, 1004), (200, 0))
        assert (status == 200) == (key == token("[" * 2500) or key == token([1]))


def test_a_token_signed_with_the_wrong_secret_is_refused() -> None:
    claims = {"iss": "access", "exp": time.time() + 100}
    with mock_account(secrets=(("access", "s" * 32),)) as mock, Wire(mock) as wire:
        good, bad = (jwt.encode(claims, secret * 32) for secret in "sx")
        assert wire.send(head("GET", IMAGE, key=good)).answer().told == (200, 0)
        assert wire.send(head("GET", IMAGE, key=bad)).answer().told == (401, 1000)


def picture_request(count: int, megabytes: int) -> bytes:
    """Pictures as Base64; they are no PNG, so the task will fail later, as the vendor does it."""
    text = base64.b64encode(b"\x00" * (megabytes * MEGABYTE)).decode()
    images = {
        "subject_image_list": [{"subject_image": text}] * (count - 2),
        "scene_image": text,
        "style_image": text,
    }
    return json.dumps(images).encode()


def test_six_pictures_of_ten_megabytes_fit_and_others_are_answered_meanwhile(fort: Account) -> None:
    body = picture_request(6, 10)
    assert 80 * MEGABYTE < len(body) < 96 * MEGABYTE
    waits: list[float] = []
    done = threading.Event()

    def ask() -> None:
        with Wire(fort) as wire:
            while not done.is_set():
                started = time.monotonic()
                wire.send(head("GET", f"{IMAGE}/nobody", key="other")).answer()
                waits.append(time.monotonic() - started)
                time.sleep(0.005)

    asking = threading.Thread(target=ask)
    asking.start()
    with Wire(fort, 30) as wire:
        assert wire.send(post(body, key="big")).answer().told == (200, 0)
    done.set()
    asking.join()
    # 0.3 s on an idle machine; parsing and checking on the loop takes longer than this on a busy one.
    assert max(waits) < 3.0, max(waits)


@pytest.mark.parametrize("declared", [96 * MEGABYTE + 1, 2**40, 10**18, 2**63])
def test_larger_bodies_are_refused_before_they_are_read(fort: Account, declared: int) -> None:
    with Wire(fort) as wire:
        answer = wire.send(head("POST", IMAGE, f"Content-Length: {declared}"), b'{"a": "').answer()
        assert answer.told == (413, 1200)
        assert answer.json["message"].endswith("the body is larger than 100663296 bytes")


def test_a_client_that_sends_too_much_all_the_same_sees_the_answer() -> None:
    with mock_account(max_body=MEGABYTE) as mock:
        body = b"x" * (5 * MEGABYTE)
        with Wire(mock) as wire:
            assert wire.send(post(body)).answer().told == (413, 1200)
        with Wire(mock) as wire:
            wire.send(head("POST", IMAGE, "Transfer-Encoding: chunked"))
            assert wire.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)).answer().told == (413, 1200)


def test_a_body_of_countless_values_is_refused_unread(fort: Account) -> None:
    with Wire(fort) as wire:
        assert wire.send(post(b'{"x": [' + b"[]," * 30_000 + b"1]}")).answer().told == (400, 1200)
        assert wire.send(post(b'{"subject_image_list": [' + b"0," * 9_000 + b"1]}")).answer().told == (
            400,
            1201,
        )


def test_bodies_in_flight_are_bounded_and_all_are_answered() -> None:
    """Room for two of them at a time; twelve come at once, half of them without saying how long they are."""
    count = 60 if LONG else 12
    body = b'{"x": "' + b"y" * (3 * MEGABYTE) + b'", ' + BODY[1:]
    with mock_account(max_body=4 * MEGABYTE, max_in_flight=8 * MEGABYTE) as mock:

        def one(number: int) -> tuple[int, int]:
            with Wire(mock, 30) as wire:
                if number % 2:
                    return wire.send(post(body)).answer().told
                wire.send(head("POST", IMAGE, "Transfer-Encoding: chunked"))
                return wire.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)).answer().told

        with ThreadPoolExecutor(count) as pool:
            assert list(pool.map(one, range(count))) == [(200, 0)] * count


def test_small_chunked_bodies_do_not_wait_for_big_ones() -> None:
    with (
        mock_account(max_body=MEGABYTE, max_in_flight=MEGABYTE) as mock,
        Wire(mock) as slow,
        Wire(mock, 3) as wire,
    ):
        slow.send(head("POST", IMAGE, f"Content-Length: {MEGABYTE}"))
        wire.send(head("POST", IMAGE, "Transfer-Encoding: chunked"))
        assert wire.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)).answer().told == (200, 0)


def test_a_client_that_leaves_gives_its_room_back() -> None:
    with mock_account(max_body=MEGABYTE, max_in_flight=MEGABYTE) as mock:
        for lines in (f"Content-Length: {MEGABYTE}", "Transfer-Encoding: chunked"):
            for _ in range(3):
                with Wire(mock) as leaver:
                    leaver.send(head("POST", IMAGE, lines), b"ffffff\r\n" + b"z" * 100_000)
        body = b'{"x": "' + b"y" * 900_000 + b'", ' + BODY[1:]
        with Wire(mock, 5) as wire:
            assert wire.send(post(body)).answer().told == (200, 0)


def test_a_big_create_does_not_wait_for_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty results and forty thumbnails of the board are asked for, and none is drawn before it is read."""
    begun, drawn = threading.Semaphore(0), threading.Event()

    def draw(*_: object, **__: object) -> bytes:
        begun.release()
        assert drawn.wait(60)
        return b"drawn"

    monkeypatch.setattr(MediaCache, "get", draw)
    monkeypatch.setattr(thumbs, "thumbnail", draw)
    body = b'{"x": "' + b"y" * (3 * MEGABYTE) + b'", ' + BODY[1:]
    with mock_account(pace="instant") as mock, contextlib.ExitStack() as lines:
        creator = lines.enter_context(Wire(mock, 30))
        task = creator.send(post(BODY)).answer().json["data"]["task_id"]
        paths = (f"/results/{task}/0.png", f"/__understudy__/board/thumbs/{task}")
        viewers = [lines.enter_context(Wire(mock, 30)) for _ in range(80)]
        try:
            for n, viewer in enumerate(viewers):
                viewer.send(head("GET", paths[n % 2]))
            assert begun.acquire(timeout=30)
            assert creator.send(post(body)).answer().told == (200, 0)
        finally:
            drawn.set()
        assert {viewer.answer().raw for viewer in viewers} == {b"drawn"}


@settings(max_examples=2000 if LONG else 150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_as_a_body_are_answered(fort: Account, body: bytes) -> None:
    with Wire(fort) as wire:
        assert wire.send(post(body, key="any")).answer().told in ((400, 1200), (400, 1201))
