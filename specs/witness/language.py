"""Texts that a schema sends and a limit on texts refuses, or the proof that there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Judge
from understudy.specs.diff.definitions import VALUES
from understudy.specs.diff.language import same, texts
from understudy.specs.witness.budget import StepBudget
from understudy.specs.witness.flat import MAX_CASES, flatten

if TYPE_CHECKING:
    from understudy.specs.algebra import Schema

# Patterns of a schema beyond which they are not held against each other.
MANY = 50
LIMITS = ("pattern", "minLength", "maxLength", "enum", "const")


def told_apart(bundle: Schema, demanded: Schema) -> list[str] | None:
    """Texts of `bundle` that break `demanded`, one limit on texts; [] proves that there are none; None: it
    cannot be told."""
    if isinstance(bundle, bool) or isinstance(demanded, bool) or len(demanded) != 1:
        return None
    ((limit, value),) = demanded.items()
    if limit not in LIMITS or '"pattern"' not in repr((bundle, demanded)).replace("'", '"'):
        return None
    budget = StepBudget(2_000)
    cases = list(flatten(bundle, bundle.get("$defs", {}), budget))
    if budget.spent or len(cases) == MAX_CASES:
        return None
    found: list[str] = []
    for case in cases:
        more = _breaking(case, limit, value, demanded)
        if more is None:
            return None
        found += more
    return found


def _breaking(case: dict[str, Any], limit: str, value: Any, demanded: Schema) -> list[str] | None:
    if "enum" in case:
        judge = Judge(demanded)
        return [v for v in case["enum"] if isinstance(v, str) and not judge.takes(v)]
    if "string" not in case.get("type", ("string",)):
        return []
    listed = [value] if limit == "const" else value if limit == "enum" else []
    if listed and (case.get("type") != ["string"] or not all(isinstance(v, str) for v in listed)):
        return None
    patterns = tuple(case.get("patterns", ()))
    refused: tuple[str, ...] = ()
    low, high = int(case.get("minLength", 0)), case.get("maxLength")
    if listed:
        refused = (f"^(?:{'|'.join(map(re.escape, listed))})$",)
    elif limit == "pattern":
        refused = (value,)
    elif limit == "minLength":
        high = value - 1 if high is None else min(high, value - 1)
    else:
        low = max(low, value + 1)
    made = texts(patterns, refused, int(low), None if high is None else int(high))
    # Formats and negations take further texts away, so that what was found has to be tried, and none is none.
    return None if made is None else list(made)


def spelled_alike(schema: Schema, like: Schema) -> Schema | None:
    """`schema` with those of its patterns that say the same as one of `like` written as there; None where
    there is none."""
    theirs = _patterns(like)
    mine = [pattern for pattern in _patterns(schema) if pattern not in theirs]
    if not mine or len(mine) > MANY or len(theirs) > MANY:
        return None
    twins = {one: other for one in mine for other in theirs if same(one, other)}

    def spelled(node: Any) -> Any:
        if isinstance(node, list):
            return [spelled(item) for item in node]
        if not isinstance(node, dict):
            return node
        made = {k: v if _is_value(k, v) else spelled(v) for k, v in node.items()}
        if isinstance(made.get("pattern"), str):
            made["pattern"] = twins.get(made["pattern"], made["pattern"])
        if isinstance(made.get("patternProperties"), dict):
            made["patternProperties"] = {twins.get(k, k): v for k, v in made["patternProperties"].items()}
        return made

    return spelled(schema) if twins else None


def _is_value(key: str, value: Any) -> bool:
    return key in VALUES and not isinstance(value, dict)


def _patterns(schema: Any) -> list[str]:
    """The patterns of a schema, each once, in their order."""
    found: dict[str, None] = {}
    stack = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get("pattern"), str):
                found[node["pattern"]] = None
            if isinstance(node.get("patternProperties"), dict):
                found |= dict.fromkeys(node["patternProperties"])
            stack += [v for k, v in node.items() if not _is_value(k, v)]
        elif isinstance(node, list):
            stack += node
    return list(found)
