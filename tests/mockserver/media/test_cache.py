"""The cache keeps results within its bound, and renders each once however many ask."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.mockserver.media import MediaCache, Render, cache
from understudy.specs.errors import UnderstudyError


def result(number: int) -> Render:
    return Render("image", "image/png", number, "16:9", 0.0, "a fox", "kling", watermark=False, seed="s")


@pytest.fixture
def rendered(monkeypatch):
    """Renderings stand in as ten bytes of the index; the fixture is the list of those made."""
    made = []

    def render(wanted: Render) -> bytes:
        made.append(wanted.index)
        return bytes([wanted.index]) * 10

    monkeypatch.setattr(cache, "render", render)
    return made


def test_a_result_is_rendered_on_first_use_only():
    media = MediaCache(10_000_000)
    first = media.get(result(0))
    assert media.get(result(0)) is first
    assert first.startswith(b"\x89PNG")
    assert (media.renders, media.held_bytes) == (1, len(first))


def test_the_least_recently_used_goes_first(rendered):
    media = MediaCache(30)
    for number in (0, 1, 2, 0, 3, 0, 2, 1):
        assert media.get(result(number)) == bytes([number]) * 10
    assert rendered == [0, 1, 2, 3, 1]
    assert (media.renders, media.held_bytes) == (5, 30)


@pytest.mark.parametrize(("bound", "renders", "held"), [(0, 2, 0), (9, 2, 0), (10, 1, 10)])
def test_a_result_larger_than_the_bound_is_handed_out_and_not_kept(rendered, bound, renders, held):
    media = MediaCache(bound)
    assert [media.get(result(5)), media.get(result(5))] == [bytes([5]) * 10] * 2
    assert (media.renders, media.held_bytes) == (renders, held)


@given(st.integers(0, 60), st.lists(st.integers(0, 9), max_size=40))
def test_the_bound_holds_and_what_is_kept_is_what_was_used_last(bound, asked):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "render", lambda wanted: bytes([wanted.index]) * (wanted.index + 1))
        media, model, renders = MediaCache(bound), OrderedDict(), 0
        for number in asked:
            assert media.get(result(number)) == bytes([number]) * (number + 1)
            renders += number not in model
            if number < bound:
                model[number] = number + 1
                model.move_to_end(number)
            while sum(model.values()) > bound:
                model.popitem(last=False)
            assert (media.held_bytes, media.renders) == (sum(model.values()), renders)


def test_many_threads_wait_for_one_rendering(monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def render(wanted: Render) -> bytes:
        begun.set()
        assert go_on.wait(10)
        return b"made"

    monkeypatch.setattr(cache, "render", render)
    media = MediaCache(100)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(media.get, result(0))
        assert begun.wait(10)
        others = [pool.submit(media.get, result(0)) for _ in range(7)]
        go_on.set()
        assert [one.result() for one in (first, *others)] == [b"made"] * 8
    assert media.renders == 1


def test_different_results_are_rendered_side_by_side(monkeypatch):
    both = threading.Barrier(2, timeout=10)

    def render(wanted: Render) -> bytes:
        both.wait()  # passes only when two are inside at once
        return bytes([wanted.index])

    monkeypatch.setattr(cache, "render", render)
    media = MediaCache(100)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(media.get, [result(0), result(1)])) == [b"\x00", b"\x01"]


def test_a_failure_reaches_all_who_wait_and_is_not_remembered(monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def render(wanted: Render) -> bytes:
        begun.set()
        assert go_on.wait(10)
        raise UnderstudyError("no")

    monkeypatch.setattr(cache, "render", render)
    media = MediaCache(100)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(media.get, result(0))
        assert begun.wait(10)
        second = pool.submit(media.get, result(0))
        go_on.set()
        assert isinstance(first.exception(), UnderstudyError)
        assert isinstance(second.exception(), UnderstudyError)
    monkeypatch.setattr(cache, "render", lambda wanted: b"made")
    assert media.get(result(0)) == b"made"


def test_a_bound_below_nothing_is_refused():
    with pytest.raises(UnderstudyError, match=r"max_bytes: a cache cannot hold -1 bytes \(use 0 or more\)"):
        MediaCache(-1)
