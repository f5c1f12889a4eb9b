"""A page saved as HTML: rewritten as Markdown, so that other readers find its tables, lists and examples.

What is read as text: headings, paragraphs, list entries, tables (a row a line), `pre` (a fenced block).
What a browser does not show (head, script, style, template) is left out, and so are `nav` and buttons.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived
from understudy.specs.readers.field_lists import MAX_NESTED

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "HTML page"
MAX_CHARACTERS = 600_000
MAX_LINES = 50_000

_BEGINS = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+)?(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_HIDDEN = frozenset(
    [
        "head",
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "nav",
        "button",
        "select",
        "iframe",
        "textarea",
    ]
)
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p",
    "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_IN_CELLS = frozenset(("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "dl", "dt", "dd"))
_TOKEN = re.compile(r"(?P<comment><!--)|<(?P<end>/)?(?P<name>[A-Za-z][\w:-]{0,40})[^<>]*>|<[!?][^<>]*>")
_MARKS = {"code": "`", "kbd": "`", "strong": "**", "b": "**"}
# In the term of a definition these set a type apart from the name; in a sentence they only stress a word.
_EMPHASIS = ("em", "i")


def recognises(document: Document) -> bool:
    """Whether the text begins as an HTML document does."""
    return _BEGINS.match(document.text[:4000].lstrip("\ufeff")) is not None


def rewritten(document: Document, log: FactLog, above: int = 0) -> Derived:
    """The page as Markdown. What lies beyond 600,000 characters or 50,000 lines is noted as not read.

    above  lines that stand above the text, where it is a part of a page: they count in its lines' numbers
    """
    end = len(document.text)
    if end > MAX_CHARACTERS:
        line = document.line_at(MAX_CHARACTERS) + above
        log.cut(f"an HTML page is read up to {MAX_CHARACTERS:,} characters", line)
        end = max(document.text.rfind("<", 0, MAX_CHARACTERS), 0)
    page = _Page(document)
    page.read(end)
    if len(page.out) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of an HTML page are read", page.out[MAX_LINES][0] + above)
    out = page.out[:MAX_LINES]
    made = replace(document, text="\n".join(line for _, line in out))
    return Derived(made, [number + above for number, _ in out])


class _Page:
    """Collects (line of the page, line of Markdown). Attributes are not looked at: a tag ends at its `>`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.out: list[tuple[int, str]] = []
        self.words: list[tuple[int, str]] = []  # each with its line; a line's end is a word of its own
        self.place = 0  # the offset that is being read
        self.at = 0  # the line of the first of the words
        self.hidden = 0
        self.hiding = ""
        self.lists = 0
        self.is_term = False
        self.prefix = ""
        self.pre = 0
        self.cells: list[str] | None = None
        self.tables = 0
        self.is_head = False

    def read(self, end: int) -> None:
        text = self.document.text
        while self.place < end:
            token = _TOKEN.search(text, self.place, end)
            stop = token.start() if token else end
            if stop > self.place and not self.hidden:
                self._text(text[self.place : stop])
            if token is None:
                break
            self.place = token.start()
            if token["comment"]:
                closed = text.find("-->", token.end(), end)
                self.place = end if closed < 0 else closed + 3
                continue
            name = (token["name"] or "").lower()
            if token["end"]:
                self._end_tag(name)
            else:
                self._start_tag(name)
            self.place = token.end()
        if self.pre:
            self._end_pre()
        self._row()
        self._flush()

    def _line_here(self) -> int:
        return self.document.line_at(self.place)

    def _start_tag(self, tag: str) -> None:
        if self.hidden:
            self.hidden += tag == self.hiding
        elif tag in _HIDDEN:
            self._flush()
            self.hidden, self.hiding = 1, tag
        elif self.pre:
            if tag == "br":
                self._break()
        elif tag == "br":
            if self.cells is None:
                self._break()
            else:
                self._text("<br>")
        elif tag in _MARKS:
            self._text(_MARKS[tag])
        elif tag in _EMPHASIS and self.is_term:
            self._text("*")
        elif tag in _BLOCKS:
            self._open(tag)

    def _open(self, tag: str) -> None:
        if self.cells is None and tag != "dd":
            self._flush()
        elif self.tables == 1 and tag in _IN_CELLS:
            self._open_in_cell(tag)
            return
        if tag == "pre":
            self.pre = 1
            if self.cells is None:
                self._line("```")
        elif tag == "table":
            self.tables += 1
            if self.tables == 1:
                self._line("")
                self.is_head = True
        elif tag == "tr" and self.tables == 1:
            self.cells = []
        elif tag in ("dt", "dd") and self.cells is None:
            self.prefix = (
                "  " * min(max(self.lists - 1, 0), MAX_NESTED) + "- " if tag == "dt" else self.prefix
            )
            self.is_term = tag == "dt"
        elif tag in ("td", "th") and self.cells is not None and self.tables == 1:
            self.words = []
            self.at = self._line_here()
        else:
            self._open_text(tag)

    def _open_text(self, tag: str) -> None:
        if tag in ("ul", "ol", "dl"):
            self.lists += 1
        elif tag == "li":
            self.prefix = self._bullet()
        elif re.match(r"h[1-6]\Z", tag):
            self.prefix = "#" * int(tag[1]) + " "
        elif self.cells is not None and self.words:
            self._text("<br>")

    def _bullet(self) -> str:
        return "  " * min(max(self.lists - 1, 0), MAX_NESTED) + "- "

    def _open_in_cell(self, tag: str) -> None:
        """Within a cell a paragraph or an entry begins a line of its own."""
        if self.words:
            self._text("<br>- " if tag == "li" else "<br>")

    def _end_tag(self, tag: str) -> None:
        if self.hidden:
            self.hidden -= tag == self.hiding
        elif tag == "pre":
            self._end_pre()
        elif self.pre:
            return
        elif tag in _MARKS:
            self._text(_MARKS[tag])
        elif tag in _EMPHASIS and self.is_term:
            self._text("*")
        elif tag == "span" and self.words:
            self._text(" ")  # boxes beside one another: <span>POST</span><span>/v1/x</span>
        elif tag in ("table", "tr", "td", "th"):
            self._end_in_table(tag)
        elif tag in ("ul", "ol") and self.cells is not None and self.tables == 1:
            self._text("<br>")
        elif tag == "dt" and self.cells is None:
            self.is_term = False
            self._text(": ")  # what it means follows
        elif tag in _BLOCKS and self.cells is None:
            self._flush()
            self.lists = max(self.lists - (tag in ("ul", "ol", "dl")), 0)

    def _end_in_table(self, tag: str) -> None:
        if tag == "table" and self.tables:
            self.tables -= 1
            if self.tables == 0:
                self._row()
                self._line("")
        elif tag == "tr" and self.tables == 1:
            self._row()
        elif tag in ("td", "th") and self.cells is not None and self.tables == 1:
            self._cell()
        elif self.cells is None:
            self._flush()

    def _text(self, text: str) -> None:
        if not self.words:
            self.at = self._line_here()
        for number, part in enumerate(text.split("\n"), self._line_here()):
            if number > self._line_here():
                self.words.append((number, "\n"))
            if part:
                self.words.append((number, html.unescape(part).replace("\n", " ")))

    def _break(self) -> None:
        self.words.append((self._line_here(), "\n"))

    def _taken(self) -> list[tuple[int, str]]:
        """The lines of the words so far, each with the page's line that it begins on."""
        lines: list[tuple[int, list[str]]] = []
        for number, word in self.words:
            if word == "\n" or not lines:
                lines.append((number, []))
            if word != "\n":
                lines[-1][1].append(word)
        self.words = []
        return [(number, "".join(words)) for number, words in lines]

    def _line(self, text: str) -> None:
        self.out.append((self._line_here(), text))

    def _flush(self) -> None:
        below = ""
        for number, line in self._taken():
            shown = " ".join(line.split())
            if shown.strip("`* "):
                self.out.append((number, (self.prefix or below) + shown))
                if self.prefix.endswith("- "):
                    below = " " * len(self.prefix)  # the further lines of an entry belong to it
                self.prefix = ""

    def _end_pre(self) -> None:
        if not self.pre:
            return
        self.pre = 0
        if self.cells is None:
            self.out += self._taken()
            self._line("```")

    def _cell(self) -> None:
        text = " ".join(" ".join(line for _, line in self._taken()).split())
        if self.cells is not None:
            self.cells.append(text.replace("|", "\\|"))

    def _row(self) -> None:
        """A row as a line of a Markdown table; the first one is its heading."""
        if self.words and self.cells is not None:
            self._cell()
        cells, self.cells = self.cells, None
        if not cells:
            return
        self.out.append((self.at, f"| {' | '.join(cells)} |"))
        if self.is_head:
            self._line("|" + " --- |" * len(cells))
            self.is_head = False
