"""A field that a page states twice, in two tables: what holds of it is what either of them allows.

    scene  | One of `hug`, `kiss`   and further down   scene | One of `squish`    → enum hug, kiss, squish

Lists of values are joined and bounds widened, so that nothing is refused that one of the tables takes; of two
defaults none holds; a type and a description are those of the first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.specs.model import Field, Keyword
    from understudy.specs.readers.facts import FactLog

_WIDER = {
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), max),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), min),
}


def joined(first: Field, second: Field, log: FactLog) -> Field:
    """The field that both state; what was widened, or is required in one of them only, is noted."""
    others = {word.name: word for word in second.keywords}
    kept: list[Keyword] = []
    for word in first.keywords:
        other = others.pop(word.name, None)
        if other is None or other.value == word.value:
            kept.append(word)
        elif word.name == "required":
            what = "required in one of two tables that describe the same field"
            log.note("not-understood", what, other.evidence.line, path=first.path)
        elif word.name == "default":
            what = f"default is stated twice, {word.value} and {other.value}; none is taken"
            log.note("contradiction", what, other.evidence.line, path=first.path)
        else:
            kept.append(_wider(word, other, first, log))
    # What only the second states may be of its case alone, but for what refuses nothing; after a table
    # without types, which only sums up, it is what holds.
    of_a_case = {"enum", "required", *_WIDER, *(["default"] if first.get("required") else [])}
    if first.get("type") is None and second.get("type") is not None:
        of_a_case = set()
    kept += [word for name, word in others.items() if name not in of_a_case]
    return replace(first, keywords=tuple(sorted(kept, key=lambda word: word.name)))


def _wider(word: Keyword, other: Keyword, field: Field, log: FactLog) -> Keyword:
    if word.name == "enum":
        more = [value for value in other.value if value not in word.value]
        if more:
            listed = ", ".join(map(str, more))
            what = f"stated twice with other values, all of them are taken: {listed}"
            log.note("contradiction", what, other.evidence.line, path=field.path)
        return replace(word, value=[*word.value, *more])
    if word.name in _WIDER:
        wider = _WIDER[word.name](word.value, other.value)
        what = f"{word.name} is stated twice, {word.value} and {other.value}; {wider} is taken"
        log.note("contradiction", what, other.evidence.line, path=field.path)
        return replace(word, value=wider)
    return word
