"""Requests in an order that nobody planned: Hypothesis looks for one that breaks the lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contracts.target import Target


def test_no_order_of_requests_breaks_the_lifecycle(
    pytestconfig: pytest.Config, understudy_target: Target
) -> None:
    from contracts.lifecycle import explore
    from contracts.provider.plugin import options_of

    units = pytestconfig.getoption("--understudy-explore")
    if not pytestconfig.getoption("--understudy-url") or units == "0":
        pytest.skip("give --understudy-url URL and --understudy-explore UNITS")
    explore(options_of(pytestconfig, units), understudy_target)
