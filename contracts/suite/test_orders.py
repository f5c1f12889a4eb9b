"""Requests in arbitrary order: Hypothesis searches for one that breaks the lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from understudy.contracts.target import Target


def test_no_order_of_requests_breaks_the_lifecycle(
    pytestconfig: pytest.Config, understudy_target: Target
) -> None:
    # Here: the search brings Hypothesis, 280 ms, and most runs do not ask for it.
    from understudy.contracts.lifecycle import explore
    from understudy.contracts.suite.plugin import options_of

    units = pytestconfig.getoption("--understudy-explore")
    if not pytestconfig.getoption("--understudy-url") or units == "0":
        pytest.skip("give --understudy-url URL and --understudy-explore UNITS")
    explore(options_of(pytestconfig, units), understudy_target)
