"""The keywords of two views side by side: limits, values, types, conditions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.annotations import compare_annotations
from understudy.specs.diff.facts import Child, Pair, changed
from understudy.specs.diff.octets import same_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.diff.stating import SchemaFacts
    from understudy.specs.diff.view import SchemaView

ALL_TYPES = frozenset(("array", "boolean", "null", "number", "object", "string"))
# keyword -> name in actions; a missing one and this value are the same
LOWER = {"minLength": ("min-length", 0), "minItems": ("min-items", 0), "minProperties": ("min-properties", 0)}
UPPER = {"maxLength": "max-length", "maxItems": "max-items", "maxProperties": "max-properties"}
# What a limit is about. A format may be about any type, so it is always compared.
ABOUT = {"minLength": "string", "maxLength": "string", "pattern": "string", "multipleOf": "integer"}
ABOUT |= {"minItems": "array", "maxItems": "array", "minProperties": "object", "maxProperties": "object"}
ONE_SCHEMA = {"not": "not", "propertyNames": "property-names"}
ONE_SCHEMA |= {"unevaluatedProperties": "unevaluated-properties", "unevaluatedItems": "unevaluated-items"}


def compare_keywords(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    """State what differs between the keywords; properties, items and branches are Walk's."""
    for compare in COMPARISONS:
        compare(facts, pair, old, new)


def _types(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    before, after = old.plain.get("type"), new.plain.get("type")
    if before == after:
        return
    wide, narrow = _type_set(before), _type_set(after)
    if wide == narrow:
        return
    if wide ^ narrow == {"null"}:
        action = "null-added" if "null" in narrow else "null-removed"
    elif narrow < wide:
        action = "type-narrowed"
    elif wide < narrow:
        action = "type-widened"
    else:
        action = "type-changed"
    limits = {"base_limit": _typed(before), "revision_limit": _typed(after)}
    facts.fact(pair, action, old, new, "type", old=_named(before), new=_named(after), **limits)


def _type_set(types: list[str] | None) -> set[str]:
    if types is None:
        return {*ALL_TYPES, "integer"}
    return {*types, "integer"} if "number" in types else set(types)


def speaks(old: SchemaView, new: SchemaView, kind: str) -> bool:
    """Whether a limit on values of type `kind` can be compared: both sides allow them, or neither does."""
    return (kind in _type_set(old.plain.get("type"))) == (kind in _type_set(new.plain.get("type")))


def _typed(types: list[str] | None) -> Any:
    if types is None:
        return True
    return {"type": types} if types else {"not": {}}


def _named(types: list[str] | None) -> list[str] | str:
    """Types as a title has them; parts that contradict each other leave none."""
    return "any" if types is None else types or "none"


def _values(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    before, after = _listed(old), _listed(new)
    if (before is None and after is None) or facts.implied(pair):
        return
    word = "const" if "const" in old.plain or "const" in new.plain else "enum"
    for view in (old, new):
        view.spots.setdefault("values", view.spot("const" if "const" in view.plain else "enum"))
    limits = {
        "base_limit": True if before is None else _one_of(before),
        "revision_limit": True if after is None else _one_of(after),
    }
    if before is None or after is None:
        action = f"{word}-added" if before is None else f"{word}-removed"
        values = {"old": before and list(before.values()), "new": after and list(after.values())}
        facts.fact(pair, action, old, new, "values", **values, **limits)
        return
    gone = [value for key, value in before.items() if key not in after]
    come = [value for key, value in after.items() if key not in before]
    if gone and come and "const" in old.plain and "const" in new.plain:
        facts.fact(pair, "const-changed", old, new, "values", old=gone[0], new=come[0], **limits)
        return
    if gone:
        facts.fact(pair, "enum-value-removed", old, new, "values", old=gone, **limits)
    if come:
        facts.fact(pair, "enum-value-added", old, new, "values", new=come, **limits)


def _one_of(values: dict[str, Any]) -> Any:
    return {"enum": list(values.values())} if values else {"not": {}}


def _listed(view: SchemaView) -> dict[str, Any] | None:
    """The values that are allowed, by their JSON text; None when any is."""
    values = [view.plain["const"]] if "const" in view.plain else view.plain.get("enum")
    if values is None:
        return None
    return {json.dumps(_number(v), sort_keys=True): v for v in values}


def _number(value: Any) -> Any:
    """1.0 and 1 are one number in JSON Schema."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _bounds(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    for keyword, (word, least) in LOWER.items():
        if not speaks(old, new, ABOUT[keyword]):
            continue
        before, after = old.plain.get(keyword, least) or None, new.plain.get(keyword, least) or None
        _bound(facts, pair, (old, new), (keyword, word), (before, after))
    for keyword, word in UPPER.items():
        if not speaks(old, new, ABOUT[keyword]):
            continue
        limits = (old.plain.get(keyword), new.plain.get(keyword))
        _bound(facts, pair, (old, new), (keyword, word), limits)


def _bound(
    facts: SchemaFacts,
    pair: Pair,
    views: tuple[SchemaView, SchemaView],
    names: tuple[str, str],
    limits: tuple[Any, Any],
) -> None:
    """State how a bound moved; `names` are the keyword and its name in actions."""
    (old, new), (keyword, word), (before, after) = views, names, limits
    action = _moved(word, before, after)
    if action:
        sides = {
            "base_limit": True if before is None else {keyword: before},
            "revision_limit": True if after is None else {keyword: after},
        }
        facts.fact(pair, action, old, new, keyword, old=before, new=after, **sides)


def _moved(word: str, before: Any, after: Any) -> str:
    if before == after:
        return ""
    if before is None:
        return f"{word}-added"
    if after is None:
        return f"{word}-removed"
    return f"{word}-increased" if after > before else f"{word}-decreased"


def _ranges(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    for inclusive, exclusive, word, sign in (
        ("minimum", "exclusiveMinimum", "min", 1),
        ("maximum", "exclusiveMaximum", "max", -1),
    ):
        before = _edge(old, inclusive, exclusive, sign)
        after = _edge(new, inclusive, exclusive, sign)
        if before == after or not speaks(old, new, "integer"):
            continue
        name = f"range {word}"
        for view in (old, new):
            view.spots.setdefault(name, view.spot(exclusive if exclusive in view.plain else inclusive))
        # (value, strictness): for a minimum the exclusive one is higher, for a maximum lower
        action = _moved(word, before, after)
        limits = {
            "base_limit": _edge_limit(old, inclusive, exclusive),
            "revision_limit": _edge_limit(new, inclusive, exclusive),
        }
        shown = {"old": _shown(before, sign), "new": _shown(after, sign)}
        facts.fact(pair, action, old, new, name, **shown, **limits)


def _edge(view: SchemaView, inclusive: str, exclusive: str, sign: int) -> tuple[float, int] | None:
    edges = [(view.plain[inclusive], 0)] if inclusive in view.plain else []
    edges += [(view.plain[exclusive], sign)] if exclusive in view.plain else []
    if not edges:
        return None
    return max(edges) if sign > 0 else min(edges)


def _edge_limit(view: SchemaView, inclusive: str, exclusive: str) -> Any:
    return {k: view.plain[k] for k in (inclusive, exclusive) if k in view.plain} or True


def _shown(edge: tuple[float, int] | None, sign: int) -> Any:
    if edge is None:
        return None
    return edge[0] if edge[1] == 0 else f"{'above' if sign > 0 else 'below'} {edge[0]}"


def _texts(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    for keyword, word in (("pattern", "pattern"), ("format", "format"), ("multipleOf", "multiple-of")):
        before, after = old.plain.get(keyword), new.plain.get(keyword)
        if before == after or (keyword in ABOUT and not speaks(old, new, ABOUT[keyword])):
            continue
        if same_bytes(keyword, old, new):
            continue
        limits = {
            "base_limit": True if before is None else {keyword: before},
            "revision_limit": True if after is None else {keyword: after},
        }
        facts.fact(pair, changed(word, before, after), old, new, keyword, old=before, new=after, **limits)
    before, after = "uniqueItems" in old.plain, "uniqueItems" in new.plain
    if before != after and speaks(old, new, "array"):
        limits = {
            "base_limit": {"uniqueItems": True} if before else True,
            "revision_limit": {"uniqueItems": True} if after else True,
        }
        action = "unique-items-added" if after else "unique-items-removed"
        facts.fact(pair, action, old, new, "uniqueItems", **limits)


def _schemas(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    if facts.implied(pair):
        return
    for keyword, word in ONE_SCHEMA.items():
        before, after = old.children.get(keyword), new.children.get(keyword)
        if before is None and after is None:
            continue
        if before is not None and after is not None and facts.same(before, after):
            continue
        limits = {"base_limit": _held(keyword, before), "revision_limit": _held(keyword, after)}
        if keyword.startswith("unevaluated"):
            limits = {"base_limit": _whole(pair.base), "revision_limit": _whole(pair.revision)}
        facts.fact(pair, changed(word, before, after), old, new, keyword, **limits)
    _contains(facts, pair, old, new)
    _conditions(facts, pair, old, new)


def _held(keyword: str, raw: Any) -> Any:
    return True if raw is None else {keyword: Child(raw)}


def _whole(raw: Any) -> Any:
    """The schema itself, for keywords that depend on their neighbours."""
    return {"allOf": [Child(raw)]}


def _contains(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    def limit(view: SchemaView) -> Any:
        if "contains" not in view.children:
            return True
        counts = {k: view.plain[k] for k in ("minContains", "maxContains") if k in view.plain}
        return {"contains": Child(view.children["contains"]), **counts}

    before, after = old.children.get("contains"), new.children.get("contains")
    if before is None and after is None:
        return
    same = before is not None and after is not None and facts.same(before, after)
    if same and all(old.plain.get(k) == new.plain.get(k) for k in ("minContains", "maxContains")):
        return
    limits = {"base_limit": limit(old), "revision_limit": limit(new)}
    facts.fact(pair, changed("contains", before, after), old, new, "contains", **limits)


def _conditions(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    def parts(view: SchemaView) -> dict[str, Any]:
        return {k: view.children[k] for k in ("if", "then", "else") if k in view.children}

    before, after = parts(old), parts(new)
    same = before.keys() == after.keys() and all(facts.same(before[k], after[k]) for k in before)
    if same or not (before.get("if") is not None or after.get("if") is not None):
        return
    limits = {
        "base_limit": {k: Child(v) for k, v in before.items()} if "if" in before else True,
        "revision_limit": {k: Child(v) for k, v in after.items()} if "if" in after else True,
    }
    action = changed("condition", before.get("if"), after.get("if"))
    facts.fact(pair, action, old, new, "if", **limits)


def _dependents(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    for kind, name in sorted({*old.dependents, *new.dependents}):
        before, after = old.dependents.get((kind, name)), new.dependents.get((kind, name))
        keyword = "dependentRequired" if kind == "required" else "dependentSchemas"
        if kind == "required":
            if set(before or ()) == set(after or ()):
                continue
            limits = [True if v is None else {keyword: {name: v}} for v in (before, after)]
        else:
            if before is not None and after is not None and facts.same(before, after):
                continue
            limits = [True if v is None else {keyword: {name: Child(v)}} for v in (before, after)]
        action = changed(f"dependent-{kind}", before, after)
        sides = {"base_limit": limits[0], "revision_limit": limits[1]}
        facts.fact(pair, action, old, new, keyword, subject=name, **sides)


def _rest(facts: SchemaFacts, pair: Pair, old: SchemaView, new: SchemaView) -> None:
    gone = [p for p in old.rest if not any(facts.same(p, q) for q in new.rest)]
    come = [q for q in new.rest if not any(facts.same(p, q) for p in old.rest)]
    if gone or come:
        action = changed("all-of", gone or None, come or None)
        limits = [{"allOf": [Child(p) for p in parts]} if parts else True for parts in (old.rest, new.rest)]
        sides = {"base_limit": limits[0], "revision_limit": limits[1]}
        facts.fact(pair, action, old, new, "allOf", **sides)


COMPARISONS: tuple[Callable[[SchemaFacts, Pair, SchemaView, SchemaView], None], ...] = (
    _types,
    _values,
    _bounds,
    _ranges,
    _texts,
    _schemas,
    _dependents,
    _rest,
    compare_annotations,
)
