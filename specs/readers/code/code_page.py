"""Types that a page's code blocks declare, or a file of source code does, rewritten as lists of fields.

    ```ts                                          ### Request body
    interface CreateRequest {                      - `mode` (string, optional): One of `std`, `pro`
      mode?: "std" | "pro";                     →  - `list` (array of objects, required):
      list: Picture[];                               - `image` (string, required):
    }
    interface Picture { … }

TypeScript's types are read, schemas of zod, Go's structs, and classes of Java and Kotlin. Of a page the
rewritten text keeps its lines. Of a file the operations are what its comments name, each with the types that
they name with it; see `understudy.specs.readers.code.code_file`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.code import code_file, go_structs, jvm_classes, typescript_types, zod_schemas
from understudy.specs.readers.code.declared_types import Writer, merged
from understudy.specs.readers.derived import Derived
from understudy.specs.readers.pages import markdown_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "types in code"
MAX_LINES = 1_500
MAX_LINE = 1_000
MAX_CHARACTERS = 200_000

# What reads the types of a language, TypeScript first: pages of SDKs show others in examples of clients.
LANGUAGES: tuple[ModuleType, ...] = (typescript_types, zod_schemas, go_structs, jvm_classes)
_FENCES = {
    one: re.compile(rf"[ \t]{{0,12}}`{{3,}}[ \t]{{0,4}}(?:{one.LANGUAGES})\b", re.IGNORECASE)
    for one in LANGUAGES
}
_END = re.compile(r"[ \t]{0,12}`{3,}[ \t]{0,4}\Z")


def recognises(document: Document) -> bool:
    """Whether a fenced block declares the members of a type, or the whole document is code that does."""
    return _of_page(document) is not None or _of_file(document) is not None


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a heading and a list where each type stands; of a file a page with nothing else."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with types in code are read", MAX_LINES + 1)
    language = _of_page(document)
    if language is None:
        language = _of_file(document) or typescript_types
        lines = list(_lines(document, log))
        out = list(code_file.page(language.parse(lines, log), lines, log))
    else:
        out = list(_page(document, language, log))
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _lines(document: Document, log: FactLog) -> Iterator[tuple[int, str]]:
    """The lines of a file, each with its number, as far as they are read."""
    total = 0
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        total += min(len(line), MAX_LINE)
        if total > MAX_CHARACTERS:
            log.cut(f"{MAX_CHARACTERS:,} characters of a file of code are read", number)
            return
        yield number, line[:MAX_LINE]


def _of_page(document: Document) -> ModuleType | None:
    """The language of the fenced blocks whose types are read."""
    lines = document.lines[:MAX_LINES]
    for language in LANGUAGES:
        pattern = _FENCES[language]
        if any(pattern.match(line[:60]) for line in lines) and any(
            language.OPENS.match(line[:300]) for line in lines
        ):
            is_all = language is typescript_types or not markdown_tables.recognises(document)
            return language if is_all else None
    return None


def _of_file(document: Document) -> ModuleType | None:
    """The language of a document that is code from the first line on."""
    lines = document.lines[:MAX_LINES]
    if any(line.startswith(("```", "# ", "## ", "|", "<")) for line in lines):
        return None
    first = next((line for line in lines if line.strip()), "")
    for language in LANGUAGES:
        if language.BEGINS.match(first[:300]) and any(language.OPENS.match(line[:300]) for line in lines):
            return language
    return None


def _page(document: Document, language: ModuleType, log: FactLog) -> Iterator[tuple[int, str]]:
    parts = list(_parts(document, language))
    blocks = {index: language.parse(lines, log) for index, (is_code, lines) in enumerate(parts) if is_code}
    declared = merged(blocks)
    outermost = {id(one) for one in declared.outermost()}
    writer = Writer(declared, log)
    for index, (is_code, lines) in enumerate(parts):
        if not is_code:
            yield from lines
            continue
        for record in blocks[index].records.values():
            if id(record) in outermost:
                yield from writer.section(record)
        yield (lines[-1][0] + 1 if lines else parts[index - 1][1][-1][0]), ""


def _parts(document: Document, language: ModuleType) -> Iterator[tuple[bool, list[tuple[int, str]]]]:
    """The lines of a page in parts, each with whether it is the inside of a block in that language."""
    pattern = _FENCES[language]
    is_code, part = False, list[tuple[int, str]]()
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if is_code and _END.match(line[:40]):
            yield True, part
            is_code, part = False, []
        elif is_code:
            part.append((number, line[:MAX_LINE]))
        elif pattern.match(line[:60]):
            yield False, [*part, (number, "")]
            is_code, part = True, []
        else:
            part.append((number, line))
    yield is_code, part
