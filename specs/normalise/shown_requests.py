"""A pass over a document's own example requests: what they show, the provider takes.

Where the document states nothing itself, the vendor's rule holds; but not against a request that the provider
publishes: a model of the provider's own, a field that it leaves out.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from understudy.specs.model import Evidence, Field, Keyword
from understudy.specs.normalise.gather import one_field_a_place
from understudy.specs.places import ITEM
from understudy.specs.readers.trees.stand_ins import is_sketch, is_stand_in
from understudy.specs.schema_values import fits, json_type, unfitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.model import FieldPath, Operation
    from understudy.specs.normalise.draft import SpecDraft

MAX_EXAMPLES = 20
MAX_VALUES = 100  # of a field in an example, as that in each item of a list
ANY_TEXT = ".*"  # which texts a provider takes one example does not say
# Limits that give way to a value, and what of it is counted.
_ROOM = {
    "maximum": lambda value: value, "minimum": lambda value: value, "maxLength": len, "minLength": len,
    "maxItems": len, "minItems": len,
}  # fmt: skip


def shown_requests(draft: SpecDraft) -> SpecDraft:
    """Add to fields what an example request shows and only the vendor's own rule would refuse.

    An example without a field that the document itself requires is part of a request, and shows nothing.
    """
    operations = {
        key: _widened(operation, draft.known.get(key, ()), draft.spec.aliases.get(key, {}), draft)
        for key, operation in draft.spec.operations.items()
    }
    return draft.with_(operations=operations)


def requests_of(operation: Operation) -> list[Any]:
    """The examples that are requests as a client would send them, not sketches with types for values."""
    return [one for one in operation.examples[:MAX_EXAMPLES] if not is_sketch(one)]


def _widened(
    operation: Operation, known: Sequence[Field], aliases: Mapping[FieldPath, str], draft: SpecDraft
) -> Operation:
    stated = {one.path: one for one in operation.request}
    examples = [
        one
        for one in requests_of(operation)
        if all(_lacking(one, path, aliases) == 0 for path, field in stated.items() if field.get("required"))
    ]
    if not examples or not known:
        return operation
    document = next((w.evidence.document for one in operation.request for w in one.keywords), "")
    evidence = Evidence(document or draft.profile.documents[0].name, operation.line, "example")
    added = [
        Field(one.path, tuple(Keyword(name, value, evidence) for name, value in words.items()))
        for one in known
        if (words := _shown(one, stated.get(one.path), examples, aliases))
    ]
    return replace(operation, request=one_field_a_place((*operation.request, *added)))


def _shown(
    known: Field, stated: Field | None, examples: Sequence[Any], aliases: Mapping[FieldPath, str]
) -> dict[str, Any]:
    """What the examples show of a field, where the vendor's keywords refuse it and the provider has none."""
    own = {word.name for word in stated.keywords} if stated is not None else set()
    rules = {word.name: word.value for word in known.keywords if word.name not in own}
    words: dict[str, Any] = {}
    for example in examples:
        if rules.get("required") and _lacking(example, known.path, aliases):
            words["required"] = False
        for value in islice(_values(example, known.path, aliases), MAX_VALUES):
            if is_stand_in(value) or (isinstance(value, str) and fits(value.strip(), rules | words)):
                continue  # blanks around a name are the page's slip
            for name in unfitting(value, rules | words):
                if name == "enum":
                    words[name] = [*(words.get(name) or rules[name]), value]
                elif name in _ROOM:
                    words[name] = _ROOM[name](value)
                elif name == "pattern" and "x-source" not in rules:
                    words[name] = ANY_TEXT
                elif name == "type":
                    words[name] = [*_types(words.get(name) or rules[name]), json_type(value)]
    return words


def _types(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else said


def _values(body: Any, path: FieldPath, aliases: Mapping[FieldPath, str]) -> Iterator[Any]:
    """What stands at a place of a body, in each item of its lists."""
    for holder in _holders(body, path, aliases):
        name = aliases.get(path, path[-1])
        if path[-1] == ITEM:
            yield from holder if isinstance(holder, list) else ()
        elif isinstance(holder, dict) and name in holder:
            yield holder[name]


def _lacking(body: Any, path: FieldPath, aliases: Mapping[FieldPath, str]) -> int:
    """How many objects that should have the field are without it."""
    if not path or path[-1] == ITEM:
        return 0
    name = aliases.get(path, path[-1])
    return sum(isinstance(one, dict) and name not in one for one in _holders(body, path, aliases))


def _holders(body: Any, path: FieldPath, aliases: Mapping[FieldPath, str]) -> Iterator[Any]:
    if len(path) == 1:
        yield body
    elif path:
        yield from _values(body, path[:-1], aliases)
