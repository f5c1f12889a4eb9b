"""Members of types and classes in code of which no fact is, those of one type together.

interface Clip {
  clip_id: string        no field begins on this line: told, with the members beside it
  state?: "made" | "lost"
}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import Note

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from understudy.specs.documents import Document
    from understudy.specs.readers.told.facts_by_line import FactsByLine

MEMBER = "untold-field"
MAX_LINES, MAX_LINE = 30_000, 2_000
MAX_SHOWN = 40
# A field may begin so many lines above a member, at its comment, or one below.
ABOVE = 4

# "mode?: 'a' | 'b';", "seed: int = 3", "Prompt string `json:"prompt"`".
_MEMBER = re.compile(
    r"\s{1,40}(?:(?:readonly|public|private|val|var)\s)?(?P<name>[A-Za-z_]\w{0,79})\??\s?:\s?"
    r"(?:[A-Za-z\"'\[{<|(])(?![^\n]{0,200}[\"']?json:)"
    r"|\s{1,40}[A-Z]\w{0,60}\s[^\n]{1,80}\bjson:\"(?P<tagged>[A-Za-z_]\w{0,79})"
    r"|\s{0,40}@\w{0,30}(?:Property|Name|Param)\(\s?(?:(?:value|name)\s?=\s?)?\"(?P<annotated>[A-Za-z_]\w{0,79})\""
    r"|[^\n]{0,300}?\bva[lr]\s(?P<val>[A-Za-z_]\w{0,79})\s?:"
    r"|\s{0,40}(?:-\s)?(?P<yaml>[A-Za-z_]\w{0,79}):\s[^#\n]{0,200}\s#\s"
)
# What begins a statement, or what a comment says.
_NO_MEMBER = re.compile(
    r"\s*(?:return|case|default|else|try|finally|if|for|while|def|class|lambda|https?|description|summary|"
    r"operationId|tags|type|required|responses|example|examples|note|todo|warning)\b\??\s?:"
    r"|\s*(?://|#|\*|/\*)|[^\n]{0,200}[=(]>?\s?\{\s*\Z",
    re.IGNORECASE,
)


def untold_members(document: Document, facts: FactsByLine, told: Container[int]) -> Iterator[Note]:
    """A note for the members of each type of which no field begins on their lines."""
    names: list[str] = []
    first = last = 0
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        text = line[:MAX_LINE]
        found = _MEMBER.match(text)
        if found is None or number in told or _NO_MEMBER.match(text):
            continue
        name = found[found.lastgroup or 0]
        if any(one.name == name for at in range(number - ABOVE, number + 2) for one in facts.fields_at(at)):
            continue
        if names and number > last + 2:
            yield _note(names, document.name, first)
            names = []
        first, last = (first if names else number), number
        names.append(name)
    if names:
        yield _note(names, document.name, first)


def _note(names: list[str], document: str, line: int) -> Note:
    shown = ", ".join(dict.fromkeys(names[:MAX_SHOWN]))
    return Note(
        "untold", f"members of a type in code that are in no fact: {shown}", document, line, code=MEMBER
    )
