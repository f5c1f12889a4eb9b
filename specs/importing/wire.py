"""How a provider words its answers, taken from its documents: the `[conventions]` of a new provider.

A page may document a flat answer, `{"task_id": …, "status": "waiting"}`, an envelope of its own, other words
for the states, and refusals of another form. Names say which value stands where (`words.toml`), as for an
API that is not known yet; of what no name says nothing but the type is promised, and the example's value is
sent. The vendor's own form needs no conventions, and what the documents do not show stays the vendor's.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour import creates, operations_of
from understudy.specs.behaviour.answers import read_answers
from understudy.specs.behaviour.family import read_family
from understudy.specs.behaviour.operations import TASK
from understudy.specs.importing.stated_refusals import refusal_form, situations
from understudy.specs.importing.template import class_of, good_answer, is_called, state_field, template_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.behaviour import TaskFamily
    from understudy.specs.model import Field, Operation, ProviderSpec

# The members of the vendor's own form.
VENDORS = frozenset(["code", "message"])
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(slots=True)
class Wire:
    """The conventions that documents show, and where each was found: "answer to a query (flat.md:33)"."""

    conventions: dict[str, Any] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def wire_of(spec: ProviderSpec, canonical: Mapping[str, Any]) -> Wire:
    """What the documents of `spec` show of the answers of its first family that differs from the vendor's."""
    wire = Wire()
    for create in creates(canonical):
        family = read_family(create.raw[TASK], operations_of(create, canonical), read_answers({}))
        stated = {
            "create": spec.operations.get(family.operations.create.key),
            "query": spec.operations.get(family.operations.query.key),
        }
        words = _words(stated, family, wire)
        for answer, operation in stated.items():
            fields = good_answer(operation)
            if operation is None or not fields or (_is_vendors(fields, family) and not words):
                continue
            template = _with_words(template_of(fields, *_ends(family)), words)
            if "$id" not in str(template) and answer == "create":
                wire.missing.append(f"conventions.answers.create: where the id stands ({_place(fields)})")
                continue
            wire.conventions.setdefault("answers", {})[answer] = template
            wire.found.append(f"answer to a {answer} ({_place(fields)})")
        answers = wire.conventions.get("answers", {})
        if create.raw.get("callbacks") and "query" in answers:
            answers["callback"] = answers["query"]
            wire.found.append("callbacks, as the answer to a query: no page says another form")
        if words and not wire.conventions.get("answers"):
            wire.conventions["record"] = {family.places.status[-1]: words}
        if wire.conventions:
            break
    _refusals(spec, wire)
    _situations(spec, canonical, wire)
    return wire


def _ends(family: TaskFamily) -> tuple[list[str], list[str]]:
    """The states of tasks that have results, and those of tasks that have a reason."""
    life = family.lifecycle
    return [life.success], [one.name for one in life.states if one.kind.terminal and one.name != life.success]


def _is_vendors(fields: Sequence[Field], family: TaskFamily) -> bool:
    """Whether an answer has the vendor's envelope with its code, as far as it is documented: a program that
    takes the state out of it may leave out its id."""
    places = {one.path for one in fields}
    record = tuple(family.places.record)
    inside = {path for path in places if path[: len(record)] == record and len(path) > len(record)}
    codes = [value for one in fields if one.path == ("code",) for value in one.shown if value is not None]
    is_other = bool(codes) and family.answers.success_code not in codes
    ids = [path for path in places if "[]" not in path and is_called("id", path[-1])]
    is_cut = not ids and (*record, *family.places.status) in places
    has_id = (*record, *family.places.id) in places
    return not is_other and (has_id or is_cut if inside else record in places)


def _words(stated: Mapping[str, Operation | None], family: TaskFamily, wire: Wire) -> Any:
    """A template that gives the provider's word for each of the vendor's states; {} where it has the same."""
    listed = next(
        (
            (one, [str(value) for value in one.get("enum")])
            for operation in (stated["query"], stated["create"])
            for one in [state_field(good_answer(operation))]
            if one is not None and isinstance(one.get("enum"), list)
        ),
        None,
    )
    if listed is None:
        return _shown_words(stated, family, wire)
    names = set(family.lifecycle.names)
    if names <= set(listed[1]) or set(listed[1]) <= names:
        return {}
    known = {class_of(word): word for word in reversed(listed[1])}
    underway = known.get("running") or known.get("queued")
    chosen: dict[str, str] = {}
    for state in family.lifecycle.states:
        kind = str(state.kind)
        word = known.get(kind) or (underway if kind in ("queued", "running") else None)
        word = state.name if state.name in listed[1] else word
        if word is None:
            wire.missing.append(f"which of {', '.join(listed[1])} is {state.name} ({_place([listed[0]])})")
            return {}
        chosen[state.name] = word
    wire.found.append(f"words of the states ({_place([listed[0]])})")
    return {"$status": chosen}


def _shown_words(stated: Mapping[str, Operation | None], family: TaskFamily, wire: Wire) -> Any:
    """The same from examples alone: a state that none of them has keeps the vendor's word."""
    fields = [state_field(good_answer(operation)) for operation in stated.values()]
    found = [(one, word) for one in fields if one is not None for word in one.shown]
    own = {class_of(word): word for _, word in reversed(found) if isinstance(word, str) and class_of(word)}
    chosen = {state.name: own.get(str(state.kind), state.name) for state in family.lifecycle.states}
    if all(name == word for name, word in chosen.items()) or any(
        word in family.lifecycle.names and word != name for name, word in chosen.items()
    ):
        return {}
    place = _place([found[0][0]])
    wire.found.append(f"words of the states that examples have ({place})")
    others = [name for name, word in chosen.items() if name == word and word not in own.values()]
    if others:
        wire.missing.append(f"words of the states that no example has: {', '.join(others)} ({place})")
    return {"$status": chosen}


def _with_words(template: Any, words: Any) -> Any:
    if template == "$status":
        return words or template
    if isinstance(template, dict):
        return {name: _with_words(value, words) for name, value in template.items()}
    return template


def _refusals(spec: ProviderSpec, wire: Wire) -> None:
    """The form of refusals, where the documents show one that is not the vendor's."""
    form = refusal_form(spec, VENDORS)
    if form is not None:
        code = {"code": "word"} if form.is_word else {}
        wire.conventions["error"] = {"body": form.body} | code
        wire.found.append(f"form of a refusal ({_place(form.fields)})")


def _situations(spec: ProviderSpec, canonical: Mapping[str, Any], wire: Wire) -> None:
    """What tables of refusals say, where that is not the vendor's."""
    found, words, left = situations(spec.refusals, canonical.get("x-errors", {}))
    error: dict[str, Any] = {}
    if words:
        error |= {"code": "word", "words": words}
    if found:
        error["situations"] = found
    if error:
        wire.conventions["error"] = {**wire.conventions.get("error", {}), **error}
        first = spec.refusals[0]
        names = ", ".join(dict.fromkeys([*found, *words]))
        wire.found.append(f"refusals: {names} ({first.document}:{first.line})")
    for one in left:
        said = " ".join(filter(None, [str(one.status or ""), one.code, one.message or one.meaning]))
        wire.missing.append(f"which situation is the refusal {said[:80]!r} ({one.document}:{one.line})")


def refusals_beside(spec: ProviderSpec, canonical: Mapping[str, Any]) -> Wire:
    """What the tables of refusals of a provider say that its provider.toml, which is the hand's, does not."""
    found, words, left = situations(spec.refusals, canonical.get("x-errors", {}))
    error = spec.conventions.get("error", {})
    known = error.get("situations", {})
    names = [name for name, said in found.items() if name not in known and said]
    names += [name for name in words if name not in error.get("words", {}) and name not in names]
    rows = [f"{one.code or one.status} ({one.document}:{one.line})" for one in left]
    missing = [f"conventions.error of the refusals {', '.join(names)}"] if names else []
    return Wire(missing=missing + ([f"which situations are the refusals {', '.join(rows)}"] if rows else []))


def _place(fields: Sequence[Field]) -> str:
    evidence = next((word.evidence for one in fields for word in one.keywords), None)
    return f"{evidence.document}:{evidence.line}" if evidence else "?"


def as_toml(wire: Wire) -> str:
    """The conventions as the text of a provider.toml, with where each comes from; "" where there are none."""
    if not wire.conventions:
        return ""
    lines = ["", "# Taken from the documents by the words that stand there; correct it, and it is yours."]
    lines += [f"#   {one}" for one in wire.found]
    lines += [f"# Not said: {one}" for one in wire.missing]
    for path, values in _tables(("conventions",), wire.conventions):
        lines += [
            "",
            f"[{'.'.join(map(_key, path))}]",
            *(f"{_key(k)} = {_inline(v)}" for k, v in values.items()),
        ]
    return "\n".join(lines) + "\n"


def _tables(
    path: tuple[str, ...], value: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    plain = {key: one for key, one in value.items() if not isinstance(one, dict) or not one}
    if plain:
        yield path, plain
    for key, one in value.items():
        if isinstance(one, dict) and one:
            yield from _tables((*path, key), one)


def _key(name: str) -> str:
    return name if _BARE.match(name) else json.dumps(name, ensure_ascii=False)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    # A JSON text, number or boolean is one of TOML; null it says by a name.
    return json.dumps("$null" if value is None else value, ensure_ascii=False).replace("\x7f", "\\u007f")
