"""reStructuredText rewritten as Markdown: its tables, its lists of fields, its headings.

    .. http:post:: /v1/x/(int:id)              POST /v1/x/{id}
       :<json string mode: ``a`` or ``b``      - `mode` (string): `a` or `b`
    .. list-table::                         →  | Name | Type |
       * - Name                                |---|---|
         - Type                                …
    :mode (string, required): what it is       - `mode` (string, required): what it is
    =====  ====== (simple), +---+ (grid), csv-table; `name : type, optional` with what it is below it

The rewritten text keeps its lines.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import csv
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.rewritten.nested_grids import nested_rows

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "reStructuredText"
MAX_LINES = 5_000
MAX_LINE = 2_000
MAX_CELL = 20_000

Lines = list[tuple[int, str]]

_TELLS = re.compile(
    r"\s{0,12}\.\.\s{1,3}(?:list-table|csv-table|http:\w{1,10}|code-block|sourcecode)::|={3,200}(?:[ ]{1,20}={3,200}){1,20}\s*\Z|\+[-=]{2,200}(?:\+[-=]{2,200}){1,20}\+\s*\Z"
)
_OPERATION = re.compile(
    r"\s{0,12}\.\.\s{1,3}http:(?P<method>\w{1,10})::\s{1,4}\(?(?P<path>(?:https?://[^\s/]{1,200})?/\S{0,300})"
)
# A part of a path that stands for a value, with its type: "(string:task_id)".
_CONVERTER = re.compile(r"\((?:\w{1,20}:)?(\w{1,80})\)")
_DIRECTIVE = re.compile(r"(?P<indent>\s{0,12})\.\.\s{1,3}(?P<name>[\w:-]{1,40})::\s{0,4}(?P<rest>.{0,200})\Z")
_FIELD = re.compile(
    r"\s{0,16}:(?P<tag><?json(?:arr|param)?|reqjson(?:arr)?|>json(?:arr)?|resjson(?:arr)?|query|queryparameter|form|formparameter)\s{1,3}"
    r"(?:(?P<type>\w{1,30})\s{1,3})?(?P<name>[A-Za-z_][\w.\[\]-]{0,119}):\s{0,4}(?P<words>.*)\Z"
)
# A field list. Only with brackets behind the name: directives write their options without.
_LISTED = re.compile(
    r"(?P<indent>\s{0,8}):(?P<name>[A-Za-z_][\w.\[\]]{0,79})\s\((?P<inside>[^()]{1,120})\):\s{1,4}(?P<words>\S.*)\Z"
)
LISTED_LEAST = 2
_REQUIREDNESS = re.compile(r"\s?[*_]{0,2}\((?P<said>required|optional)\)[*_]{0,2}\s?[:.,]?\s?", re.IGNORECASE)
_OPTION = re.compile(r"\s{0,16}:(?P<name>[\w-]{1,40}):\s{0,4}(?P<value>.*)\Z")
_UNDERLINE = re.compile(r"([=~^\"'*+#.:-])\1{2,200}\s*\Z")
_BORDER = re.compile(r"={2,200}(?:[ ]{1,20}={2,200}){1,20}\s*\Z")
# A part and whether its fields must be given, above their grid.
_PART = re.compile(
    r"\*\*(?P<part>[^*]{1,60})\*\*\s[\u2014\u2013-]{1,3}\s(?P<presence>required|optional)\s{0,3}\Z",
    re.IGNORECASE,
)
_GRID = re.compile(r"\s{0,12}\+[-=]{2,200}(?:\+[-=]{2,200}){1,20}\+\s*\Z")
# numpydoc: "prompt : string, optional".
_TYPED = re.compile(
    r"(?P<indent>\s{0,8})(?P<name>[A-Za-z_][\w.\[\]]{0,79})\s:\s(?P<type>[A-Za-z{][^:]{1,120})\Z"
)
_ROLE = re.compile(r":[\w:]{1,30}:`([^`<>]{1,100})(?:\s<[^`<>]{1,200}>)?`")


def recognises(document: Document) -> bool:
    """Whether it has a table or a directive that only reStructuredText has, or a list of fields."""
    lines = [line[:MAX_LINE] for line in document.lines[:MAX_LINES]]
    if sum(1 for line in lines if "):" in line and _LISTED.match(line)) >= LISTED_LEAST:
        return True
    if ".. " not in document.text and "===" not in document.text and "+--" not in document.text:
        return False
    return any(_TELLS.match(line) for line in lines)


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page as Markdown, each line beside the one that it was made of."""
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page are read", MAX_LINES + 1)
    out = _Page([_plain(line[:MAX_LINE]) for line in document.lines[:MAX_LINES]]).read()
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _plain(line: str) -> str:
    """Roles and literals as Markdown's code."""
    line = _ROLE.sub(r"`\1`", line) if ":`" in line else line
    return line.replace("``", "`").rstrip()


class _Page:
    """Goes through the lines; each step gives what it read and the index behind it."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.section = ""

    def read(self) -> Lines:
        out: Lines = []
        index = 0
        while index < len(self.lines):
            made, index = self._step(index)
            out += made
        return out

    def _step(self, index: int) -> tuple[Lines, int]:
        line, number = self.lines[index], index + 1
        if operation := _OPERATION.match(line):
            self.section = ""
            self._dedent(index + 1, len(line) - len(line.lstrip()))
            path = _CONVERTER.sub(r"{\1}", operation["path"])
            said = f"{operation['method'].upper()} {path}"
            return [(number, ""), (number, said), (number, "")], index + 1
        if field := _FIELD.match(line):
            return self._field(index, field)
        if listed := _LISTED.match(line):
            return self._described(index, listed, listed["inside"], listed["words"])
        if directive := _DIRECTIVE.match(line):
            return self._directive(index, directive)
        if _BORDER.match(line):
            return self._simple(index)
        if _GRID.match(line):
            return self._grid(index)
        below = self.lines[index + 1] if index + 1 < len(self.lines) else ""
        if line.strip() and _UNDERLINE.match(below) and len(below.strip()) >= len(line.strip()) // 2:
            self.section = ""
            return [(number, f"## {line.strip()}"), (number + 1, "")], index + 2
        if _UNDERLINE.match(line):
            return [(number, "")], index + 1  # above a heading
        if part := _PART.match(line):
            return [(number, f"**{part['part']} ({part['presence'].lower()})**")], index + 1
        typed = _TYPED.match(line)
        if typed and below[:1] in (" ", "\t") and below.strip():
            return self._described(index, typed, typed["type"])
        return [(number, line)], index + 1

    def _block(self, index: int, indent: int) -> int:
        """The index behind the lines that stand further in than `indent`, blank ones between them too."""
        end = index
        for at in range(index, len(self.lines)):
            text = self.lines[at]
            if not text.strip():
                continue
            if len(text) - len(text.lstrip()) <= indent:
                break
            end = at + 1
        return end

    def _dedent(self, index: int, indent: int) -> None:
        """Take what stands inside of a directive as if it stood below it: paragraphs end its lists of fields."""
        end = self._block(index, indent)
        least = min(
            (len(text) - len(text.lstrip()) for text in self.lines[index:end] if text.strip()), default=0
        )
        self.lines[index:end] = [text[least:] for text in self.lines[index:end]]

    def _field(self, index: int, field: re.Match[str]) -> tuple[Lines, int]:
        number, tag = index + 1, field["tag"]
        section = "### Response" if tag[0] == ">" or tag.startswith("res") else "### Request body"
        section = "### Query parameters" if tag.startswith("query") else section
        head: Lines = [(number, ""), (number, section), (number, "")] if section != self.section else []
        self.section = section
        end = self._block(index + 1, len(field.group()) - len(field.group().lstrip()))
        words = " ".join([field["words"], *(text.strip() for text in self.lines[index + 1 : end])])
        said = _REQUIREDNESS.search(words)
        inside = ", ".join(filter(None, [field["type"], said["said"].lower() if said else ""]))
        words = words[: said.start()] + " " + words[said.end() :] if said else words
        entry = f"- `{field['name']}` ({inside or 'any'}): {words.strip()}"
        return [*head, (number, entry)], end

    def _described(self, index: int, entry: re.Match[str], inside: str, words: str = "") -> tuple[Lines, int]:
        """A field with its type, and what is said behind it and in the lines that stand further in."""
        end = self._block(index + 1, len(entry["indent"]))
        said = " ".join(filter(None, [words, *(text.strip() for text in self.lines[index + 1 : end])]))
        return [(index + 1, f"- `{entry['name']}` ({inside.strip()}): {said}")], end

    def _directive(self, index: int, directive: re.Match[str]) -> tuple[Lines, int]:
        end = self._block(index + 1, len(directive["indent"]))
        body = [(at + 1, self.lines[at]) for at in range(index + 1, end)]
        name = directive["name"]
        if name == "list-table":
            return [(index + 1, ""), *_list_table(body), (end, "")], end
        if name == "csv-table":
            return [(index + 1, ""), *_csv_table(body), (end, "")], end
        if name in ("code-block", "sourcecode", "code"):
            inner = [(at, text.strip() if _OPTION.match(text) is None else "") for at, text in body]
            return [(index + 1, f"```{directive['rest'].strip()}"), *inner, (end, "```")], end
        # A note, a warning: what it says stays.
        words = [directive["rest"]] if name in ("note", "warning", "important", "tip") else []
        return [(index + 1, " ".join(words))], index + 1

    def _simple(self, index: int) -> tuple[Lines, int]:
        """=====  ====== around the headings and below the rows; a row goes on where its first cell is empty."""
        spans = [match.span() for match in re.finditer(r"=+", self.lines[index])]
        starts = [start for start, _ in spans]
        rows: list[tuple[int, list[str]]] = []
        borders, at = 1, index + 1
        while at < len(self.lines) and borders < 3:
            line = self.lines[at]
            if _BORDER.match(line):
                borders += 1
            elif not line.strip() and borders > 1 and not self._goes_on(at):
                break
            elif line.strip():
                cells = [
                    line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)
                ]
                _take(rows, at + 1, cells)
            at += 1
        return _table(nested_rows(self.lines, index, at) or rows), at

    def _goes_on(self, at: int) -> bool:
        """Whether a border follows a blank line of a table before anything that is no row."""
        return any(_BORDER.match(line) for line in self.lines[at : at + 200])

    def _grid(self, index: int) -> tuple[Lines, int]:
        rows: list[tuple[int, list[str]]] = []
        at, fresh = index, True
        while at < len(self.lines):
            line = self.lines[at].strip()
            if _GRID.match(line):
                fresh = True
            elif line.startswith("|"):
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                if fresh:
                    rows.append((at + 1, cells))
                else:
                    _join(rows[-1][1], cells)
                fresh = False
            else:
                break
            at += 1
        return _table(nested_rows(self.lines, index, at) or rows), at


def _take(rows: list[tuple[int, list[str]]], line: int, cells: list[str]) -> None:
    if cells[0] or not rows:
        rows.append((line, cells))
    else:
        _join(rows[-1][1], cells)


def _join(row: list[str], cells: list[str]) -> None:
    for count, cell in enumerate(cells[: len(row)]):
        if len(row[count]) < MAX_CELL:
            row[count] = f"{row[count]} {cell}".strip()


def _table(rows: list[tuple[int, list[str]]]) -> Lines:
    """Rows as a Markdown table; the first holds the headings."""
    if not rows:
        return []
    width = len(rows[0][1])
    out: Lines = [(rows[0][0], "")]
    for count, (line, cells) in enumerate(rows):
        shown = [*cells, *[""] * width][:width]
        out.append((line, "| " + " | ".join(cell.replace("|", "/") for cell in shown) + " |"))
        if count == 0:
            out.append((line, "|" + "---|" * width))
    return [*out, (rows[-1][0], "")]


def _list_table(body: Lines) -> Lines:
    rows: list[tuple[int, list[str]]] = []
    dash = -1  # where the cells of a row begin
    for line, text in body:
        bare = text.strip()
        if bare.startswith("* -"):
            dash = text.index("-")
            rows.append((line, [bare[3:].strip()]))
        elif rows and (bare.startswith("- ") or bare == "-") and text.index("-") == dash:
            rows[-1][1].append(bare[1:].strip())
        elif rows and bare and len(rows[-1][1][-1]) < MAX_CELL:
            rows[-1][1][-1] += f" {bare}"
    return _table(rows)


def _csv_table(body: Lines) -> Lines:
    rows: list[tuple[int, list[str]]] = []
    for line, text in body:
        option = _OPTION.match(text)
        if option and option["name"] == "header":
            rows.insert(0, (line, _csv(option["value"])))
        elif not option and text.strip():
            rows.append((line, _csv(text.strip())))
    return _table(rows)


def _csv(text: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], skipinitialspace=True), [])]
    except csv.Error:
        return [text]
