"""Rules across fields that hold for the vendor and not for a provider, which publishes a request that breaks
them.

They are named by their ids, a row of a table of models as ID:MODEL; in the provider's effective spec the
operation's `x-task` is without them.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.operations import TASK
from understudy.specs.behaviour.own_names import OwnNames
from understudy.specs.behaviour.rule_kinds import values_at
from understudy.specs.behaviour.rules import CAPABILITIES, read_rules
from understudy.specs.model import Note
from understudy.specs.normalise.shown_requests import requests_of
from understudy.specs.places import operations
from understudy.specs.pointers import at, path_of
from understudy.specs.readers.trees.stand_ins import is_stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.behaviour.rule_kinds import RuleBreach
    from understudy.specs.model import Operation, ProviderSpec


def with_lifted_rules(spec: ProviderSpec, canonical: Mapping[str, Any]) -> ProviderSpec:
    """The spec with the rules lifted that its example requests break, and a note for each."""
    found = dict(spec.operations)
    notes: list[Note] = []
    for key, operation in operations(canonical):
        stated = spec.operations.get(key)
        rules = read_rules(operation[TASK], key) if stated and TASK in operation else None
        if stated is None or rules is None:
            continue
        names = OwnNames(spec.aliases.get(key, {}))
        lifted = dict.fromkeys(stated.lifted)
        for example in requests_of(stated):
            request = names.vendors(example)
            for breach in rules.breaches(request):
                if breach.rule.refuses and not any(map(is_stand_in, values_at(request, breach.place))):
                    lifted[_name_of(breach, request)] = None
                    notes.append(_note(key, breach, stated, spec))
        found[key] = replace(stated, lifted=tuple(lifted))
    return replace(spec, operations=MappingProxyType(found), notes=(*spec.notes, *dict.fromkeys(notes)))


def _name_of(breach: RuleBreach, request: Any) -> str:
    rule = breach.rule
    if rule.kind != CAPABILITIES:
        return rule.id
    return f"{rule.id}:{at(request, path_of(rule.given['model']), rule.given['default'])}"


def _note(key: str, breach: RuleBreach, operation: Operation, spec: ProviderSpec) -> Note:
    document = next((w.evidence.document for f in operation.request for w in f.keywords), spec.name)
    place = ".".join(breach.place)
    text = (
        f"its own example of {key} breaks the vendor's rule {breach.rule.id} ({place} {breach.says}), "
        "which is not held against it here"
    )
    return Note("contradiction", text, document, operation.line, field=breach.place)
