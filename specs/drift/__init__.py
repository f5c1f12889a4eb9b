"""Drift: what differs between two promises, judged and proven."""

from __future__ import annotations

from understudy.specs.drift.engine import Drift, compare
from understudy.specs.drift.finding import VERDICTS, Finding, Verdict
from understudy.specs.drift.sides import load

__all__ = ["VERDICTS", "Drift", "Finding", "Verdict", "compare", "load"]
