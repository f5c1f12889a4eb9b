"""A document's own example requests, held to what the same documents promise.

What the mock of a provider refuses of its provider's own page is either misread or a slip of the page: the
import says so, with the line that forbids it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from understudy.specs.effective import effective
from understudy.specs.model import Note
from understudy.specs.normalise.shown_requests import requests_of
from understudy.specs.places import ITEM, REQUEST, Editor, path_text
from understudy.specs.readers.trees.stand_ins import is_stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.model import Field, FieldPath, ProviderSpec

REFUSED_EXAMPLE = "refused-example"
MAX_REASONS = 5


def refused_examples(spec: ProviderSpec, canonical: Mapping[str, Any]) -> list[Note]:
    """A note for each place of an example request that the provider's effective spec refuses.

    Each is on the line that forbids it; on the operation's own where no line of the provider's does, so that
    the canonical spec is what refuses it.
    """
    document = effective(canonical, spec)
    editor = Editor(document)
    bodies = {key: editor.body(key, REQUEST) for key in spec.operations}
    held = {key: schema for key, schema in bodies.items() if schema is not None}
    return refused_by(spec, held, document.get("components", {}))


def refused_by(
    spec: ProviderSpec, schemas: Mapping[str, Any], components: Mapping[str, Any] = MappingProxyType({})
) -> list[Note]:
    """The same, where `schemas` are those of the operations' requests, by "METHOD PATH"."""
    notes: dict[Note, None] = {}
    for key, schema in schemas.items():
        examples = requests_of(spec.operations[key])
        if not examples:
            continue
        validator = jsonschema_rs.validator_for({"allOf": [schema], "components": dict(components)})
        aliases = spec.aliases.get(key, {})
        for example in examples:
            for path, keyword, value in _reasons(validator, example):
                if is_stand_in(value):
                    continue
                stated = _stated(spec.operations[key].request, path, keyword, aliases)
                notes[_note(key, path, keyword, value, stated, spec)] = None
    return sorted(notes, key=lambda note: (note.document, note.line, note.text))


def _reasons(validator: Any, example: Any) -> Iterator[tuple[FieldPath, str, Any]]:
    """Where an example is refused, by which keyword, and what stands there."""
    for count, error in enumerate(validator.iter_errors(example)):
        if count == MAX_REASONS:
            return
        keyword = next((str(step) for step in reversed(error.schema_path) if isinstance(step, str)), "")
        path = tuple(ITEM if isinstance(step, int) else str(step) for step in error.instance_path)
        if keyword == "required":
            path = (*path, str(error.kind.property))
        yield path, keyword, error.instance


def _stated(
    fields: Sequence[Field], path: FieldPath, keyword: str, aliases: Mapping[FieldPath, str]
) -> Field | None:
    """The provider's field at a place of its requests, where it states the keyword that refuses."""
    for one in fields:
        own = (*one.path[:-1], aliases[one.path]) if one.path in aliases else one.path
        if path in (own, one.path) and one.get(_STATED_AS.get(keyword, keyword)) is not None:
            return one
    return None


# A pattern is made of what is said of a picture's source.
_STATED_AS = {"pattern": "x-source"}


def _note(
    key: str, path: FieldPath, keyword: str, value: Any, stated: Field | None, spec: ProviderSpec
) -> Note:
    place = path_text(path) or "the body"
    what = "is missing" if keyword == "required" else f"is {_shown(value)}"
    if stated is None:
        operation = spec.operations[key]
        document = next((w.evidence.document for f in operation.request for w in f.keywords), "")
        text = f"its own example of {key} is refused: {place} {what}, and the canonical {keyword} forbids it"
        return Note("contradiction", text, document, operation.line, field=path, code=REFUSED_EXAMPLE)
    word = next(w for w in stated.keywords if w.name == _STATED_AS.get(keyword, keyword))
    rule = "it is required here" if word.name == "required" else f"{word.name} here is {_shown(word.value)}"
    text = f"its own example of {key} is refused: {place} {what}, and {rule}"
    return Note(
        "contradiction", text, word.evidence.document, word.evidence.line, field=path, code=REFUSED_EXAMPLE
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
