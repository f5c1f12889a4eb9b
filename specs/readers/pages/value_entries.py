"""Entries among the fields that are values of one of them, as what they say of themselves tells.

- `mode` (string): how it is made        | mode | string | how it is made |
- `fast`, `slow`: values of `mode`       | fast | | a value of mode, quick |

They have no type of their own. One value alone is only told: nothing says that there is no other.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.model import Note
from understudy.specs.prose.values import typed
from understudy.specs.readers.fields import field_rows

if TYPE_CHECKING:
    from understudy.specs.model import Field, FieldPath
    from understudy.specs.readers.facts import FactLog
    from understudy.specs.readers.text.page_text import FieldDraft

MAX_SAID = 200
_NAME = r"[A-Za-z_][\w-]{0,60}"
_ENDS = r"(?=\s{0,3}(?:\Z|[,.;:(。，；：（—–-]|\n))"
_VALUE_OF = re.compile(
    rf"[\s(（:：—–-]{{0,6}}(?:(?:(?:the|one|two|some|possible|allowed|valid|other|further)\s|of\s){{0,4}}(?:values|options|choices)|(?:a|another|one)\s(?:possible\s|valid\s)?(?:value|option|choice))\s(?:of|for)\s(?:the\s)?(?:field\s|parameter\s)?"
    rf"(?:`(?P<code>{_NAME})`|\"?(?P<word>{_NAME})\"?)(?:\s(?:field|parameter))?{_ENDS}"
    rf"|[\s(（:：—–-]{{0,6}}(?:(?:是|为)\s?)?(?:`(?P<code_>{_NAME})`|(?P<word_>{_NAME}))\s?(?:字段|参数)?\s?的(?:可选|可用|有效)?(?:取值|值|选项)(?:之一)?{_ENDS}",
    re.IGNORECASE,
)


class ValueEntries:
    """The values that entries are, by the place of their field."""

    def __init__(self, log: FactLog) -> None:
        self.log = log
        self.values: dict[tuple[int, FieldPath], list[str]] = {}
        self.notes: dict[tuple[int, FieldPath], Note] = {}

    def take(self, draft: FieldDraft, fields: list[Field]) -> bool:
        """Whether an entry is a value of one of the fields; then it is in that one's `enum`, or told."""
        said = _said(draft)
        name = next((group for group in said.groups() if group), "") if said else ""
        if said is None or draft.get("type") is not None:
            return False
        at = [index for index, one in enumerate(fields) if one.name == name and one.path != draft.path]
        value = draft.path[-1]
        if len(at) != 1:
            if said["code"] or said["code_"]:
                what = f"a value of {name}, which is the name of no field before it: {value}"
                self.log.note("untold", what, draft.line)
            return bool(said["code"] or said["code_"])
        self._add(fields, at[0], value, draft.line)
        return True

    def _add(self, fields: list[Field], index: int, value: str, line: int) -> None:
        known = fields[index]
        key = (id(fields), known.path)
        values = self.values.setdefault(key, [])
        stated = known.get("enum")
        if stated is not None and not values:
            if value not in map(str, stated):
                self.log.note(
                    "untold", f"a value of {known.name} that its own entry does not list: {value}", line
                )
            return
        values += [value] if value not in values else []
        kept = [typed(one, field_rows.single(known.get("type"))) for one in values]
        if len(values) == 1 or None in kept:
            note = Note("untold", f"a value of {known.name}: {value}", self.log.document.name, line)
            self.log.notes[note] = None
            self.notes.setdefault(key, note)
            return
        if key in self.notes:
            self.log.notes.pop(self.notes.pop(key), None)
        words = [word for word in known.keywords if word.name != "enum"]
        enum = self.log.keyword("enum", kept, line)
        fields[index] = replace(known, keywords=self.log.combined(known.path, [*words, enum]))


def _said(draft: FieldDraft) -> re.Match[str] | None:
    """What an entry says of itself, if that is that it is a value of something."""
    text = " ".join(piece.text for piece in draft.pieces)[:MAX_SAID]
    return _VALUE_OF.match(text)
