"""Facts in words, places in a body, and hints at renames."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.specs.diff.compare import Comparison
    from understudy.specs.diff.facts import Fact, Step

SHORT = 60
# Actions whose values are types.
TYPES = ("type-changed", "type-narrowed", "type-widened", "null-added", "null-removed")
GONE = ("property-removed", "required-property-removed")
COME = ("property-added", "required-property-added")


def title(fact: Fact, where: str) -> str:
    """One line: "image_list[].image: max length decreased, 2500 to 2000"."""
    words = fact.action.replace("-", " ")
    if fact.subject:
        words += f": {fact.subject}"
    between = " or " if fact.action in TYPES else ", "
    old, new = ("" if value is None else short(value, between) for value in (fact.old, fact.new))
    if old and new:
        words += f", {old} to {new}"
    elif old or new:
        words += f", {old or new}"
    return f"{where}: {words}" if where else words


def short(value: Any, between: str = ", ") -> str:
    """A value in a few characters; lists of words without brackets."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        text = between.join(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def spell(path: tuple[Step, ...]) -> str:
    """(("property", "list"), ("item", None), ("property", "a")) -> "list[].a"."""
    text = ""
    for kind, what in path:
        if kind == "property":
            text += f".{what}" if text else str(what)
        elif kind == "item":
            text += "[]"
        elif kind == "prefix":
            text += f"[{what}]"
        elif kind == "branch":
            text += f"({what})"
        else:
            text += ".*" if text else "*"
    return text


def renames(comparison: Comparison) -> dict[int, str]:
    """id of a fact -> the hint that its property looks like one of another name on the other side."""
    hints: dict[int, str] = {}
    for pair in comparison.walk.pairs:
        gone = [f for f in pair.facts if f.action in GONE]
        come = [f for f in pair.facts if f.action in COME]
        for old in gone[:50]:
            scored = sorted(
                ((_alike(comparison, old, new), new.subject, new) for new in come[:50]), key=_score
            )
            if scored and scored[-1][0] >= 0.8:
                new = scored[-1][2]
                hints[id(old)] = f"looks like a rename to {new.subject}"
                hints[id(new)] = f"looks like a rename of {old.subject}"
    return hints


def _score(item: tuple[float, str, Fact]) -> tuple[float, str]:
    return item[0], item[1]


def _alike(comparison: Comparison, old: Fact, new: Fact) -> float:
    """How much two properties look alike: by name, and a little by schema."""
    name = SequenceMatcher(None, old.subject.lower(), new.subject.lower()).ratio()
    one = old.base_limit["properties"][old.subject].raw
    other = new.revision_limit["properties"][new.subject].raw
    views = comparison.walk.base_views.view(one), comparison.walk.revision_views.view(other)
    same = views[0].plain == views[1].plain and bool(views[0].plain)
    return name * 0.8 + (0.2 if same else 0)
