"""Levels that a user sets: a TOML file of `rule-id = "level"`, and `--fail-on`."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from understudy.specs.errors import UnderstudyError
from understudy.specs.rules.table import CLIENTS, FINE, PROVIDERS, RULES, WARNS, Level, Rule

if TYPE_CHECKING:
    from pathlib import Path

LEVELS: tuple[Level, ...] = (CLIENTS, PROVIDERS, WARNS, FINE)


class Levels:
    """The levels of a run: the table's, with a user's changes."""

    def __init__(self, changes: dict[str, Level] | None = None) -> None:
        self.changes = changes or {}

    def level(self, rule: Rule) -> Level:
        """What `rule` is when a witness shows it."""
        return self.changes.get(rule.id, rule.level)

    def otherwise(self, rule: Rule) -> Level:
        """What `rule` is when nothing tells the sides apart; a user's level is only ever lower here."""
        change = self.changes.get(rule.id)
        return change if change in (WARNS, FINE) else rule.otherwise


def read_levels(path: Path) -> Levels:
    """Read `rule-id = "level"` lines. Raises UnderstudyError for unknown rules and levels, by name."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnderstudyError(f"cannot read the levels: {error.strerror}", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnderstudyError(f"is not TOML: {error}", where=str(path)) from error
    for name, level in data.items():
        if name not in RULES:
            near = sorted(rule for rule in RULES if rule.endswith(name.split("-", 1)[-1]))[:5]
            known = ", ".join(near) or "see `understudy drift --rules`"
            raise UnderstudyError(f"no rule {name!r}", where=str(path), advice=f"near: {known}")
        if level not in LEVELS:
            raise UnderstudyError(
                f"{name}: no level {level!r}", where=str(path), advice=f"known: {', '.join(LEVELS)}"
            )
    return Levels(data)
