"""Names that stand in a document and are in no fact: the keys of its examples, and what its text names as code.

{"video_raw": null}            a key of an example that no field is read of
"… returns `resultUrl`"        a word of the text that no language has: with an underscore, or in camel case

Each is told once, with the first line on which it stands. A name counts as read when a field, a parameter, a value or
a note has it anywhere.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from understudy.specs.model import Note
from understudy.specs.readers.text.exchange_keys import EXCHANGES, FRAME, STATUS
from understudy.specs.readers.text.page_text import NOISE, TYPE_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from understudy.specs.documents import Document
    from understudy.specs.model import Reading

MAX_LINES = 30_000
MAX_LINE = 2_000
MAX_NAMES = 200
MAX_SHOWN = 40
NAME = "untold-name-of-page"

_KEY = re.compile(r"(?:^|[{,\[(\s])[\"'](?P<name>[A-Za-z_][\w-]{1,79})[\"']\s{0,3}:(?!:)")
# A key whose colon stands on the line below.
_KEY_ALONE = re.compile(r'\s{0,40}"[A-Za-z_][\w-]{0,79}"\s{0,4}\Z')
_CODED = re.compile(
    r"(?<![\w$./{<%@#=&?-])(?<!\w\*)(?P<name>[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]{2,20}[a-z0-9]*[A-Z][a-z]\w{0,60})(?![\w(/\\=}>%-]|\.\w|://)"
)
_GLUED_TYPE = re.compile(
    r"(?<=[a-z_])(?:string|integer|int|number|float|boolean|array|object)(?=[A-Z])", re.IGNORECASE
)
# The codes of the notes that quote lines of text: not every word of them names something.
_OF_LINES = ("untold-number", "untold-word", "untold-list")
_WORD = re.compile(r"(?P<before>: |[`'\"])?\b(?P<word>[A-Za-z_]\w*)", re.ASCII)
_IN_CODE = re.compile(r"_|[a-z][A-Z]")
_ID = re.compile(r"\d{6}")
# A line of code outside of a block, or one of a command: what it names is its own.
_CODE_LINE = re.compile(
    r"\s*(?:import|from|def|class|const|let|var|export|return|function|func|await|async|print|if|for|while|try|except|curl|npm|pip|yarn|https?:)\b|\s*(?:--?\w|//|#\s?!|[\w.]{1,60}\s?=\s?\S)|.*(?<![。）])[;{(]\s*\Z"
)
# Before a list of names of fields: "optional fields are seed, size", 可选字段包括 seed、size.
_LISTED = re.compile(
    r"(?:(?:optional|required|other|additional|supported)\s(?:fields?|parameters?)|(?:可选|必填|其他|其它|支持的)(?:字段|参数))(?:\s?(?:are|is|include|:|：|包括|包含|有|为)){1,2}\s{0,3}(?P<names>[`\w]{2,60}(?:\s{0,2}(?:,|，|、|\band\b|和|或|\bor\b)\s{0,2}(?:and\s)?[`A-Za-z_]\w{1,59}`?){1,20})",
    re.IGNORECASE | re.ASCII,
)
_FENCE = re.compile(r"[ \t>]{0,12}(?:`{3,}|~{3,})(?P<language>\w{0,20})")
# Blocks of programs name things of their own; those of data name fields.
_DATA = ("", "json", "jsonc", "json5", "bash", "sh", "shell", "curl", "http", "text", "yaml", "yml")


def untold_names(reading: Reading, document: Document) -> Iterator[Note]:
    """A note for every line that names something first which is in no fact and in no note."""
    known = _known(reading)
    is_exchange = EXCHANGES in reading.format
    count = 0
    lines = document.lines
    for number, kind, text in _lines(document):
        names = [
            one["name"] for one in (_KEY if kind == "data" or _KEY.match(text) else _CODED).finditer(text)
        ]
        if _KEY_ALONE.match(text) and number < len(lines) and lines[number].lstrip()[:1] in (":", "："):
            names.append(text.strip().strip('"'))
        for listed in _LISTED.finditer(text):
            names += [
                one
                for one in re.findall(r"[A-Za-z_]\w+", listed["names"], re.ASCII)
                if one not in ("and", "or")
            ]
        new = dict.fromkeys(
            name
            for name in names
            if name.lower() not in known
            and not (is_exchange and STATUS.fullmatch(name))
            and not (kind == "text" and name.lower() in TYPE_WORDS)
            and not _is_glued(name, text, known)
        )
        if not new:
            continue
        known.update(name.lower() for name in new)
        count += len(new)
        shown = ", ".join(list(new)[:MAX_SHOWN])
        yield Note("untold", f"named here and in no fact: {shown}", document.name, number, code=NAME)
        if count >= MAX_NAMES:
            return


def _is_glued(name: str, text: str, known: Set[str]) -> bool:
    """Whether a word is a cell of a table glued to others, or an id: "promptStringRequired", "task_1765187774"."""
    glued = _GLUED_TYPE.search(name)
    if text.lstrip().startswith(name) and any(
        name[:end].lower() in known and name[end].isupper() for end in range(2, len(name))
    ):
        return True
    return (glued is not None and name[: glued.start()].lower() in known) or _ID.search(name) is not None


def _lines(document: Document) -> Iterator[tuple[int, str, str]]:
    """The lines that may name fields, each with its number and whether it is "data" or "text"."""
    fenced, is_data = False, False
    front = (
        document.lines[0].strip() == "---" if document.lines else False
    )  # what stands above a page is not its own
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if front:
            front = number == 1 or line.strip() != "---"
            continue
        if fence := _FENCE.match(line[:60]):
            fenced = not fenced
            is_data = fence["language"].lower() in _DATA
            continue
        text = line[:MAX_LINE]
        if fenced:
            if is_data:
                yield number, "data", text
        elif text.lstrip()[:1] in ("{", "}", '"', "'") and _KEY.search(text):
            yield number, "data", text
        elif not _CODE_LINE.match(text) and not text.lstrip().startswith("#"):
            yield number, "text", text


def _known(reading: Reading) -> set[str]:
    known = {*NOISE, "x-api-key", "api_key", "apikey"}
    if EXCHANGES in reading.format:
        known |= {key.lower() for key in FRAME}
    for one in reading.fields():
        known.update(step.lower() for step in one.path)
        for word in one.keywords:
            known.update(re.findall(r"\w+", str(word.value).lower()))
    for note in reading.notes:
        known.update(
            one["word"].lower()
            for one in _WORD.finditer(note.text)
            if note.code not in _OF_LINES or one["before"] or _IN_CODE.search(one["word"])
        )
    for one_ in reading.operations:
        known.update(re.findall(r"\w+", one_.path.lower()))
    return known
