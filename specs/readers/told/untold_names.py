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
from understudy.specs.readers.told.shown_bodies import Bodies, shown_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set

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
# What a program takes from an answer: data["id"], data.get("id"), data.id; and names in braces, "returns {id, url}".
_ANSWER = r"(?:data|result|res|resp|response|task|job|json|body|output|payload|answer|r|status_data|item)"
_OF_AN_ANSWER = re.compile(
    rf"(?<=[\w)\]])\[[\"'](?P<key>[A-Za-z_]\w{{1,79}})[\"']\]|\.get\([\"'](?P<got>[A-Za-z_]\w{{1,79}})[\"']|\b{_ANSWER}\??\.(?:data\??\.)?(?!{_ANSWER}\b|(?:status_code|text|ok|headers|method|url|length)\b)(?P<of>[a-z][A-Za-z0-9_]{{1,79}})(?![\w(/])"
)
_BRACED = re.compile(r"(?<![$\w/{])\{\s?(?P<names>[A-Za-z_]\w{0,60}(?:\s?,\s?[A-Za-z_]\w{0,60}){1,20})\s?\}")
# A shape in a sentence: { text: string, look?: 'flat' | 'deep' }.
_SHAPE = re.compile(r"(?<![$\w/{])\{\s?[A-Za-z_]\w{0,60}\??\s?[:,][^\n]{0,400}\}")
_IN_A_SHAPE = re.compile(
    r"\b(?:string|str|number|int(?:eger)?|float|bool(?:ean)?|object|array|null|true|false)\b|[\"'\[]"
)
_MEMBER = re.compile(r"(?<=[{,])\s?(?P<name>[A-Za-z_]\w{0,60})\??\s?(?=[:,}])")
# Blocks of programs name things of their own; those of data name fields.
_DATA = ("", "json", "jsonc", "json5", "bash", "sh", "shell", "curl", "http", "text", "yaml", "yml")
_PROGRAMS = (
    "python",
    "py",
    "javascript",
    "js",
    "typescript",
    "ts",
    "node",
    "go",
    "php",
    "java",
    "ruby",
    "tsx",
    "jsx",
)
# A line of a block of data that has no key: brackets alone.
MAX_CLOSING = 12


def untold_names(reading: Reading, document: Document, *, is_code: bool = False) -> Iterator[Note]:
    """A note for every block and every line that names something first which is in no fact and in no note."""
    known, noted = _known(reading)
    is_exchange = EXCHANGES in reading.format
    bodies = Bodies(reading)
    count = 0
    for kind, lines in _parts(document):
        if is_code and kind != "data":
            continue  # its members are looked for
        unread = [
            (number, name)
            for number, text in lines
            for name in _names(kind, number, text, document.lines)
            if name.lower() not in known
        ]
        if kind == "data" and (shown := shown_in(lines)):
            whole = "\n".join(text for _, text in lines)
            unread += [(one.line, one.name) for one in bodies.unaccounted(shown, whole)]
        texts = dict(lines)
        new: dict[str, int] = {}
        for number, name in unread:
            if not (
                name.lower() in noted
                or (is_exchange and STATUS.fullmatch(name))
                or (kind == "text" and name.lower() in TYPE_WORDS)
                or _is_glued(name, texts[number], known)
            ):
                new.setdefault(name, number)
        if not new:
            continue
        text = _told_as(new, known)
        noted.update(name.lower() for name in new)
        known |= noted
        count += len(new)
        yield Note("untold", text, document.name, next(iter(new.values())), code=NAME)
        if count >= MAX_NAMES:
            return


def _told_as(names: Iterable[str], known: Set[str]) -> str:
    """The text of a note about names: those that facts have in another body are told apart."""
    unknown = [name for name in names if name.lower() not in known][:MAX_SHOWN]
    others = [name for name in names if name.lower() in known][:MAX_SHOWN]
    found = [f"in no fact: {', '.join(unknown)}"] if unknown else []
    found += [f"only in facts of another body: {', '.join(others)}"] if others else []
    return f"named here and {'; '.join(found)}"


def _names(kind: str, number: int, text: str, lines: Sequence[str]) -> list[str]:
    """The names that a line has, as a block of data, a program or a text has them."""
    is_data = kind == "data" or _KEY.match(text) is not None
    names = [one["name"] for one in (_KEY if is_data else _CODED).finditer(text)] if kind != "code" else []
    if kind != "data":
        names += [
            name
            for one in _OF_AN_ANSWER.finditer(text)
            if not (name := one["key"] or one["got"] or one["of"]).isupper()
        ]
    if kind == "text":
        for braced in _BRACED.finditer(text):
            names += re.findall(r"\w+", braced["names"])
        for shape in _SHAPE.finditer(text):
            if _IN_A_SHAPE.search(shape.group()):  # and no style of a page
                names += [one["name"] for one in _MEMBER.finditer(shape.group())]
    if _KEY_ALONE.match(text) and number < len(lines) and lines[number].lstrip()[:1] in (":", "："):
        names.append(text.strip().strip('"'))
    for listed in _LISTED.finditer(text):
        names += [
            one for one in re.findall(r"[A-Za-z_]\w+", listed["names"], re.ASCII) if one not in ("and", "or")
        ]
    return names


def _is_glued(name: str, text: str, known: Set[str]) -> bool:
    """Whether a word is a cell of a table glued to others, or an id: "promptStringRequired", "task_1765187774"."""
    glued = _GLUED_TYPE.search(name)
    if text.lstrip().startswith(name) and any(
        name[:end].lower() in known and name[end].isupper() for end in range(2, len(name))
    ):
        return True
    return (glued is not None and name[: glued.start()].lower() in known) or _ID.search(name) is not None


def _parts(document: Document) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """The blocks and lines that may name fields: "data" or "code" for a block, "text" for a line, with its lines
    and their numbers."""
    block: list[tuple[int, str]] = []
    before = ""
    for number, kind, text in _lines(document):
        if block and (kind != before or kind == "text" or number > block[-1][0] + 1):
            yield before, block
            block = []
        before = kind
        block.append((number, text))
    if block:
        yield before, block


def _lines(document: Document) -> Iterator[tuple[int, str, str]]:
    """The lines that may name fields, each with its number and whether it is "data", "code" or "text"."""
    fenced, kind = False, ""
    # What stands above a page is not its own.
    front = document.lines[0].strip() == "---" if document.lines else False
    for number, line in enumerate(document.lines[:MAX_LINES], 1):
        if front:
            front = number == 1 or line.strip() != "---"
            continue
        if fence := _FENCE.match(line[:60]):
            fenced = not fenced
            language = fence["language"].lower()
            kind = "data" if language in _DATA else "code" if language in _PROGRAMS else ""
            continue
        text = line[:MAX_LINE]
        if fenced:
            if kind:
                yield number, kind, text
        elif text.lstrip()[:1] in ("{", "}", "[", "]", '"', "'") and (
            _KEY.search(text) or len(text) < MAX_CLOSING
        ):
            yield number, "data", text
        elif not _CODE_LINE.match(text) and not text.lstrip().startswith("#"):
            yield number, "text", text


def _known(reading: Reading) -> tuple[set[str], set[str]]:
    """What a fact or a note has, and what of it a note has."""
    known = {*NOISE, "x-api-key", "api_key", "apikey"}
    noted = set(known)
    if EXCHANGES in reading.format:
        noted |= {key.lower() for key in FRAME}
    for one in reading.fields():
        known.update(step.lower() for step in one.path)
        for word in one.keywords:
            known.update(re.findall(r"\w+", str(word.value).lower()))
    for note in reading.notes:
        noted.update(
            one["word"].lower()
            for one in _WORD.finditer(note.text)
            if note.code not in _OF_LINES or one["before"] or _IN_CODE.search(one["word"])
        )
    for one_ in reading.operations:
        known.update(re.findall(r"\w+", one_.path.lower()))
    return known | noted, noted
