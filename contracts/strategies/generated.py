"""Further bad values from Schemathesis' coverage phase, each grafted into a bare request.

Schemathesis knows how to break a schema in ways that a list of limits does not; taken alone, its requests
break several things at once and name pictures to be fetched. One value at a time keeps a finding small.
"""

from __future__ import annotations

import copy
import importlib
import json
import threading
from typing import TYPE_CHECKING, Any

from understudy.contracts.strategies import refusals
from understudy.contracts.strategies.values import bare
from understudy.specs.behaviour import UNDOCUMENTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily

PROMISES = {
    "type": refusals.TYPES,
    "required": refusals.MISSING,
    "pattern": refusals.PICTURES,
    "format": refusals.PICTURES,
}


# Schemathesis keeps state of its own while it generates, and is not made for several threads.
ONE_AT_A_TIME = threading.Lock()


def generated(family: TargetFamily, target: Target, most: int) -> list[refusals.Bad]:
    """Up to `most` bad requests that `refusals` does not have; the same each time for a document."""
    key = (family.name, most)
    with ONE_AT_A_TIME:
        if key not in target.memory:
            target.memory[key] = list(_generated(family, target.document, most))
        return list(target.memory[key])


def _generated(family: TargetFamily, document: Mapping[str, Any], most: int) -> Iterator[refusals.Bad]:
    known = {repr(bad.body) for bad in refusals.refusals(family)}
    found = 0
    for value in _bodies(family, document):
        bad = _graft(family, value)
        if bad is None or repr(bad.body) in known:
            continue
        known.add(repr(bad.body))
        found += 1
        if found > most:
            return
        yield bad


def _bodies(family: TargetFamily, document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    # Here, as below: Schemathesis takes 130 ms, and only generated requests need it.
    import schemathesis
    from schemathesis.core.result import Ok

    # Only the one create operation: the rest of the document would only cost time.
    one = {k: v for k, v in document.items() if k not in ("paths", "security")}
    path = family.behaviour.operations.create.path
    method = family.create_method.lower()
    create = document["paths"][path][method]
    operation = {k: v for k, v in create.items() if k not in ("callbacks", "x-task", "responses")}
    operation["responses"] = {"200": {"description": "taken"}}
    one["paths"] = {path: {method: operation}}
    schema = schemathesis.openapi.from_dict(copy.deepcopy(one))
    for result in schema.get_all_operations():
        if not isinstance(result, Ok):
            continue
        for case in _breaking(schema, result.ok()):
            if case.method == family.create_method and isinstance(case.body, dict):
                yield case.body


def _breaking(schema: Any, operation: Any) -> Iterator[Any]:
    """Schemathesis' requests to `operation` that break its schema, those of its coverage phase.

    Before 4.32 the list was no method of the schema; such releases run beside pytest 8.0 to 8.3, which
    applications still hold.
    """
    from schemathesis.generation import GenerationMode  # here: see `_bodies`

    options = {
        "generation_modes": [GenerationMode.NEGATIVE],
        "generation_config": schema.config.generation,
    }
    if hasattr(schema, "iter_coverage_cases"):
        yield from schema.iter_coverage_cases(operation, **options)
        return
    builder: Any = importlib.import_module("schemathesis.generation.hypothesis.builder")
    yield from builder._iter_coverage_cases(
        operation=operation, generate_duplicate_query_parameters=False, unexpected_methods=set(), **options
    )


def _graft(family: TargetFamily, body: dict[str, Any]) -> refusals.Bad | None:
    """The one field of `body` that breaks the schema, set in a bare request; None when it breaks alone."""
    try:
        json.dumps(body, allow_nan=False)
    except (TypeError, ValueError):
        return None
    broken = [(p, k) for p, k, _ in family.request_shape.errors(body)]
    names = {p.split("/")[1] for p, _ in broken if p}
    if len(names) != 1:
        return None
    name = names.pop()
    if family.request.get("properties", {}).get(name, {}).get(UNDOCUMENTED):
        return None
    base = bare(family)
    if body[name] is None or _has_null(body[name]):
        return None  # null for an absent field is a habit of clients; nobody promises to refuse it
    base[name] = body[name]
    errors = list(family.request_shape.errors(family.as_sent(base)))
    if not errors:
        return None
    pointer, keyword, sentence = errors[0]
    promise = PROMISES.get(keyword, refusals.LIMITS)
    if keyword in ("enum", "const"):
        dated = "x-dated" in family.request.get("properties", {}).get(name, {})
        promise = refusals.MODELS if dated else refusals.ENUMS
    return refusals.Bad(promise, f"{name}: {sentence[:80]}", pointer, keyword, base)


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_null(v) for v in value.values())
    return (isinstance(value, list) and any(_has_null(v) for v in value)) or value is None
