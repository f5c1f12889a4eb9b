"""A browser for reports that people look at."""

from __future__ import annotations

from tests.browser import browser, visit

__all__ = ["browser", "visit"]
