"""A server whose time stands still until it is moved, and a browser to look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.browser import browser, visit
from tests.mocks import mock_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.handle import Account

__all__ = ["browser", "visit"]


@pytest.fixture
def still() -> Iterator[Account]:
    """A server whose clock is moved by hand."""
    with mock_account(pace="fast", rate=0) as mock:
        yield mock
