"""From what a document says to keywords with evidence: shared by all readers.

A fact said twice is kept once, as declared before as told. Two different values of one keyword are both
kept, and a note says so: this layer chooses nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from understudy.specs import prose
from understudy.specs.model import CUT, Evidence, Field, Keyword, Note, StatedRefusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.model import FieldPath, Kind, NoteKind
    from understudy.specs.prose import Prose


# What a description says about pictures belongs to the picture, not to the list or object that holds it.
_OF_THE_PICTURE = ("x-image", "x-source")
MAX_NOTES = 500
# Characters of different descriptions of one document: some two thousand fields.
MAX_PROSE = 100_000
# What the shortest description counts for: to begin with one takes time too.
LEAST_PROSE = 50


@dataclass(slots=True)
class FactLog:
    """The facts and notes of one document as they are read.

    `kind` replaces `declared` and `prose` unless it is `declared`.
    """

    document: Document
    kind: Kind = "declared"
    # Each once, in the order in which they were written.
    notes: dict[Note, None] = field(default_factory=dict)
    refusals: list[StatedRefusal] = field(default_factory=list)
    # What was read so far of descriptions (characters), of Markdown in them, and of examples (values).
    prose_read: int = 0
    described_read: int = 0
    values_read: int = 0
    # What each description said: files describe a field in many operations with the same words.
    said: dict[tuple[str, str | None, str], Prose] = field(default_factory=dict)

    def evidence(self, line: int, said: Kind) -> Evidence:
        return Evidence(self.document.name, line, said if self.kind == "declared" else self.kind)

    def keyword(self, name: str, value: Any, line: int, said: Kind = "declared") -> Keyword:
        return Keyword(name, value, self.evidence(line, said))

    def note(
        self, kind: NoteKind, text: str, line: int, *, column: int = 0, path: FieldPath = (), code: str = ""
    ) -> None:
        if len(self.notes) > MAX_NOTES and not text.startswith(CUT):
            return
        note = Note(kind, text, self.document.name, line, column, path, code)
        if note in self.notes:
            return
        if len(self.notes) < MAX_NOTES or text.startswith(CUT):
            self.notes[note] = None
        elif len(self.notes) == MAX_NOTES:
            more = f"more than {MAX_NOTES} notes about this document; the rest is not listed"
            self.notes[Note("problem", more, self.document.name, line)] = None

    def cut(self, what: str, line: int) -> None:
        """Note that a limit ended the reading of something at `line`; each limit once."""
        if all(note.text != CUT + what for note in self.notes):
            self.note("not-understood", CUT + what, line)

    def sorted_notes(self) -> tuple[Note, ...]:
        return tuple(sorted(self.notes, key=lambda n: (n.line, n.column, n.kind, n.field, n.text)))

    def told(
        self, text: str, type_: str | None, line_of: Callable[[int], int], path: FieldPath = ()
    ) -> list[Keyword]:
        """The keywords that the description `text` of the field at `path` states; `line_of` gives an
        offset's line."""
        if not text.strip():
            return []
        found = self._said(text, type_, path[-1] if path else "")
        if found is None:
            self.cut(f"descriptions are read up to {MAX_PROSE:,} characters in all", line_of(0))
            return []
        keywords: list[Keyword] = []
        for constraint in found.constraints:
            line = line_of(constraint.start)
            if isinstance(constraint.value, dict):
                self._gather(keywords, constraint.keyword, constraint.value, line)
            else:
                keywords.append(self.keyword(constraint.keyword, constraint.value, line, "prose"))
        for mend in found.mends:
            self.note("mend", mend.text, line_of(mend.start), path=path)
        for leftover in found.leftovers:
            self.note("not-understood", leftover.text, line_of(leftover.start), path=path)
        return keywords

    def _said(self, text: str, type_: str | None, name: str) -> Prose | None:
        """What the description says, read once; None where no more descriptions are read."""
        key = (text, type_, name)
        if key not in self.said:
            self.prose_read += max(min(len(text), prose.MAX_CHARACTERS), LEAST_PROSE)
            if self.prose_read > MAX_PROSE:
                return None
            self.said[key] = prose.read(text, type_, name)
        return self.said[key]

    def _gather(self, keywords: list[Keyword], name: str, piece: dict[str, Any], line: int) -> None:
        """Put a piece of `x-image` to the pieces before it, unless one of them says otherwise."""
        for index, known in enumerate(keywords):
            if known.name == name and _agree(known.value, piece):
                merged = dict(sorted({**known.value, **piece}.items()))
                first = min(known.evidence, self.evidence(line, "prose"))
                keywords[index] = replace(known, value=merged, evidence=first)
                return
        keywords.append(self.keyword(name, piece, line, "prose"))

    def _merged(self, kept: list[Keyword], keyword: Keyword) -> bool:
        """Put what a further sentence says of a picture to what is kept, unless that says otherwise."""
        for index, known in enumerate(kept):
            if known.name == keyword.name and _agree(known.value, keyword.value):
                value = dict(sorted({**known.value, **keyword.value}.items()))
                kept[index] = replace(known, value=value)
                return True
        return False

    def combined(self, path: FieldPath, keywords: Iterable[Keyword]) -> tuple[Keyword, ...]:
        """The keywords, each fact once; a keyword with two values is noted as a contradiction."""
        kept: list[Keyword] = []
        for keyword in keywords:
            same = [known for known in kept if known.name == keyword.name]
            if keyword.name in _OF_THE_PICTURE and self._merged(kept, keyword):
                continue
            if any(_agree(known.value, keyword.value) for known in same):
                continue
            if same and keyword.name == "enum" and self._joined(kept, same[0], keyword, path):
                continue
            if same:
                self.note(
                    "contradiction",
                    f"{keyword.name} is {_shown(same[0].value)} on line {same[0].evidence.line} and "
                    f"{_shown(keyword.value)} on line {keyword.evidence.line}",
                    keyword.evidence.line,
                    path=path,
                )
            kept.append(keyword)
        return tuple(sorted(map(_of_values(kept), kept), key=lambda k: k.name))

    def _joined(self, kept: list[Keyword], known: Keyword, fixed: Keyword, path: FieldPath) -> bool:
        """Whether a second word that a field must be is one more of its values: it is of another body of the
        same call. "Must be `sketch`" above, and further down "Must be `refine`"."""
        if len(fixed.value) != 1 or not isinstance(known.value, list) or fixed.value[0] in known.value:
            return False
        kinds = {known.evidence.kind, fixed.evidence.kind}
        if kinds != {"prose"} or known.evidence.line == fixed.evidence.line:
            return False
        kept[kept.index(known)] = replace(known, value=[*known.value, *fixed.value])
        what = f"stated twice with other values, all of them are taken: {fixed.value[0]}"
        self.note("contradiction", what, fixed.evidence.line, path=path)
        return True


def _of_values(keywords: Sequence[Keyword]) -> Callable[[Keyword], Keyword]:
    """Takes the unit from a default that only without it is one of the field's values: 5s of "5", "10"."""
    values = next((word.value for word in keywords if word.name == "enum"), ())

    def fitted(word: Keyword) -> Keyword:
        bare = (
            re.sub(r"(?<=\d)\s?(?:s|seconds?|秒)\Z", "", word.value)
            if isinstance(word.value, str)
            else word.value
        )
        fits = word.name == "default" and word.value not in values and bare in values
        return replace(word, value=bare) if fits else word

    return fitted


def _agree(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(any(_same(a, b) for b in other) for a in one)
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_agree(one.get(key, value), value) for key, value in other.items())
    return _same(one, other)


def _same(one: Any, other: Any) -> bool:
    # True == 1 in Python, not in JSON.
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def place_pictures(fields: list[Field]) -> list[Field]:
    """Move what lists and objects say about pictures down to the one text that each of their items has."""
    out = list(fields)
    texts = _texts_below(fields)
    for index, holder in enumerate(fields):
        moving = tuple(k for k in holder.keywords if k.name in _OF_THE_PICTURE)
        below = texts.get(holder.path, []) if holder.get("type") in ("array", "object") else []
        if not moving or len(below) != 1:
            continue
        target = below[0]
        out[index] = replace(out[index], keywords=tuple(k for k in out[index].keywords if k not in moving))
        own = {k.name for k in out[target].keywords}
        added = (*out[target].keywords, *(k for k in moving if k.name not in own))
        out[target] = replace(out[target], keywords=tuple(sorted(added, key=lambda k: k.name)))
    return out


def _texts_below(fields: list[Field]) -> dict[FieldPath, list[int]]:
    """Where the texts below each path stand in the list."""
    texts: dict[FieldPath, list[int]] = {}
    for index, one in enumerate(fields):
        for depth in range(len(one.path)) if one.get("type") == "string" else ():
            texts.setdefault(one.path[:depth], []).append(index)
    return texts
