"""A witness for one difference alone: what the refusing side dislikes for other reasons is mended.

Two differences of one body make a payload that is refused twice. Mended, each witness shows its own.
"""

from __future__ import annotations

import copy
from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.definitions import definitions, joined
from understudy.specs.witness.flat import flatten
from understudy.specs.witness.generate import values

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.specs.algebra import Judge, Schema, SchemaRefusal
    from understudy.specs.witness.budget import StepBudget

ROUNDS = 12
TRIES = 12
ANY = object()


def isolate(
    payload: Any,
    sender: tuple[Schema, Judge],
    taker: tuple[Schema, Judge],
    about: Callable[[SchemaRefusal], bool],
    budget: StepBudget,
) -> Any:
    """`payload`, or one like it that `taker` refuses for fewer reasons that are not `about` the difference.

    The result is still taken by `sender` and still refused for the difference itself.
    """
    others = _others(payload, taker[1], about)
    if others is None:
        return payload
    for _ in range(ROUNDS):
        if not others or budget.spent:
            break
        better = _better(payload, others, sender, taker, about, budget)
        if better is None:
            break
        payload, others = better
    return payload


def _others(payload: Any, taker: Judge, about: Callable[[SchemaRefusal], bool]) -> list[SchemaRefusal] | None:
    """The refusals that are not about the difference; None when none is about it."""
    refusals = taker.refusals(payload, 40)
    others = [refusal for refusal in refusals if not about(refusal)]
    return others if len(others) < len(refusals) else None


def _better(
    payload: Any,
    others: list[SchemaRefusal],
    sender: tuple[Schema, Judge],
    taker: tuple[Schema, Judge],
    about: Callable[[SchemaRefusal], bool],
    budget: StepBudget,
) -> tuple[Any, list[SchemaRefusal]] | None:
    """A payload with fewer other refusals, by giving the first of them a value that both sides like."""
    for refusal in others[:4]:
        place = (*refusal.path, refusal.missing) if refusal.missing else refusal.path
        if not place:
            continue
        wanted = _joined((sender[0], taker[0]), place, budget)
        if wanted is None:
            continue
        for value in islice(values(wanted, budget=budget), TRIES):
            changed = put(payload, place, value)
            if changed is None or not sender[1].takes(changed):
                continue
            left = _others(changed, taker[1], about)
            if left is not None and len(left) < len(others):
                return changed, left
    return None


def _joined(bundles: tuple[Schema, Schema], place: tuple[Any, ...], budget: StepBudget) -> Schema | None:
    """What both sides demand at `place`, each side's definitions under names of their own."""
    parts: dict[str, Schema] = {}
    for prefix, bundle in zip("st", bundles, strict=True):
        part = below(bundle, place, budget)
        if part is None:
            return None
        parts[prefix] = {"allOf": [part], "$defs": definitions(bundle)}
    bodies, defs = joined(parts)
    return {"allOf": list(bodies.values()), "$defs": defs}


def below(bundle: Schema, path: tuple[Any, ...], budget: StepBudget) -> Schema | None:
    """What `bundle` demands of the value at `path`, in its first case; None when it cannot be said.

    References stay as they are: the caller gives the definitions.
    """
    schema: Schema = bundle
    defs = definitions(bundle)
    for token in path:
        flat = next(flatten(schema, defs, budget), None)
        if flat is None:
            return None
        if isinstance(token, int):
            prefix = flat.get("prefixItems", [])
            schema = prefix[token] if token < len(prefix) else flat.get("items", True)
        else:
            schema = flat.get("properties", {}).get(token, flat.get("additionalProperties", True))
    return schema


def put(payload: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of `payload` with `value` at `path`; None when the way is not there."""
    changed = copy.deepcopy(payload)
    node: Any = changed
    for token in path[:-1]:
        try:
            node = node[token]
        except (KeyError, IndexError, TypeError):
            return None
    last: Any = path[-1]
    fits = isinstance(node, dict) if isinstance(last, str) else isinstance(node, list) and last < len(node)
    if not fits:
        return None
    node[last] = value
    return changed


def concerns(path: tuple[Any, ...], subject: str) -> Callable[[SchemaRefusal], bool]:
    """Whether a refusal is about the part at `path` (ANY fits every name), and about `subject` in it."""

    def about(refusal: SchemaRefusal) -> bool:
        if len(refusal.path) < len(path):
            # A choice above refuses as a whole; which part it dislikes it does not say.
            return refusal.keyword in ("oneOf", "anyOf", "not")
        if any(want is not ANY and want != got for want, got in zip(path, refusal.path, strict=False)):
            return False
        rest = refusal.path[len(path) :]
        if refusal.missing and not rest:
            return not subject or refusal.missing == subject
        return not (rest and subject and rest[0] != subject)

    return about
