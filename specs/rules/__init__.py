"""Judgement: the table of rules, and how a user moves a level."""

from __future__ import annotations

from understudy.specs.rules.levels import LEVELS, Levels, read_levels
from understudy.specs.rules.table import RULES, Level, Rule, rule_for

__all__ = ["LEVELS", "RULES", "Level", "Levels", "Rule", "read_levels", "rule_for"]
