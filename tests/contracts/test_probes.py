"""Odd requests cost nothing: no body among them is one that a provider may take."""

from __future__ import annotations

import json

import pytest

from understudy.contracts.runner.probes import large_body, odd_bodies
from understudy.contracts.target import read_target
from understudy.specs.library import apis, profiles


@pytest.mark.parametrize("profile", [*profiles(), *apis()])
def test_no_odd_body_is_a_request_that_may_be_taken(profile: str) -> None:
    for family in read_target(profile).families:
        for body in odd_bodies(family):
            assert not family.request_shape.takes(json.loads(body.removeprefix(b"\xef\xbb\xbf"))), body


@pytest.mark.parametrize("profile", ["kling", "chainhub"])
def test_a_large_body_is_none_that_may_be_taken(profile: str) -> None:
    made = [(family, large_body(family)) for family in read_target(profile).families]
    large = [(family, body) for family, body in made if body is not None]
    assert "multi-image2image" in {family.name for family, _ in large}
    assert all(len(body) > 1_500_000 for _, body in large)
    assert not any(family.request_shape.takes(json.loads(body)) for family, body in large)
