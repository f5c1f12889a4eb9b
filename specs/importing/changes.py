"""What a second import found changed: facts, not places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.specs.places import REQUEST, path_text
from understudy.specs.render.text import shown
from understudy.specs.tree import same

if TYPE_CHECKING:
    from understudy.specs.model import ProviderSpec


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that a second import found changed; None where there was, or is, none."""

    operation: str
    body: str
    field: str
    keyword: str
    before: Any
    after: Any


def changes(before: ProviderSpec, after: ProviderSpec) -> list[Change]:
    """Every fact that is no longer, or newly, or differently stated; places and order are no facts."""
    old, new = _facts(before), _facts(after)
    return [
        Change(*subject, old.get(subject), new.get(subject))
        for subject in dict.fromkeys([*old, *new])
        if not same(old.get(subject), new.get(subject))
    ]


def _facts(spec: ProviderSpec) -> dict[tuple[str, str, str, str], Any]:
    facts: dict[tuple[str, str, str, str], Any] = {}
    for key, body, one in spec.fields():
        written = spec.aliases.get(key, {}).get(one.path) if body == REQUEST else None
        facts[key, body, path_text(one.path), "field"] = written or one.name
        for word in one.keywords:
            facts[key, body, path_text(one.path), word.name] = word.value
    return facts


def told(change: Change) -> str:
    """A change in one line: `POST /v1/x request: n maximum 9 -> 4`."""
    before = "-" if change.before is None else shown(change.before)
    after = "-" if change.after is None else shown(change.after)
    return f"{change.operation} {change.body}: {change.field} {change.keyword} {before} -> {after}"
