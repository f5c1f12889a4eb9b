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
from understudy.specs.readers.fields.field_lists import MAX_NESTED

if TYPE_CHECKING:
    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "HTML page"
MAX_CHARACTERS = 600_000
MAX_LINES = 4_000

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
_BEGIN = re.compile(r"<(?=[!?]|/?[A-Za-z])")
_WIDE = re.compile(r"[\xa0\u2002\u2003\u3000]{0,40}")
# How far in a cell's text stands, by a class or a style of the cell or of what is around its text.
_DEEPER = re.compile(
    r"(?<![\w-])(?:[pm]l-(?P<step>\d{1,2})(?![\w.-])|(?:padding|margin)-left\s?:\s?(?P<px>\d{1,3})(?:px|em|rem)?)"
)
_ROWS_BEGIN = ("thead", "tbody", "tfoot", "tr")
_TOKEN = re.compile(r"(?P<comment><!--)|<(?P<end>/)?(?P<name>[A-Za-z][\w:-]{0,40}+)[^<>]*+>|<[!?][^<>]*+>")
MAX_DEEP = 40
# In these a browser looks for nothing but their own end (HTML, 13.2.5: RAWTEXT and script data).
_RAW_END = {
    tag: re.compile(rf"</{tag}[^\w:-]", re.IGNORECASE)
    for tag in ("script", "style", "textarea", "iframe", "noscript")
}
# What a tag counts at most of the characters that are read: an image's bytes may stand in its attribute.
_MAX_TAG = 100
_MARKS = {"code": "`", "kbd": "`", "strong": "**", "b": "**"}
# In the term of a definition these set a type apart from the name; in a sentence they only stress a word.
_EMPHASIS = ("em", "i")


def recognises(document: Document) -> bool:
    """Whether the text begins as an HTML document does."""
    return _BEGINS.match(document.text[:4000].lstrip("\ufeff")) is not None


def rewritten(document: Document, log: FactLog, above: int = 0) -> Derived:
    """The page as Markdown. What lies beyond 600,000 characters, without those of scripts, styles and long
    attributes, or beyond 4,000 lines of Markdown is noted as not read.

    above  lines that stand above the text, where it is a part of a page: they count in its lines' numbers
    """
    page = _Page(document)
    page.read()
    if len(page.out) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of an HTML page are read", page.out[MAX_LINES][0] + above)
    elif page.place < len(document.text):
        line = document.line_at(page.place) + above
        log.cut(f"an HTML page is read up to {MAX_CHARACTERS:,} characters", line)
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
        self.spent = 0  # how many characters were read, of those that count
        self.endless: set[str] = set()  # tags whose end was looked for in vain
        self.at = 0  # the line of the first of the words
        self.hidden = 0
        self.hiding = ""
        self.lists = 0
        self.is_term = False
        self.prefix = ""
        self.pre = 0
        self.cells: list[str] | None = None
        self.is_in_cell = False
        self.deep = 0  # how far in the text of a row's first cell stands, in whatever unit
        self.tables = 0
        self.is_head = False

    def read(self) -> None:
        """Up to `place`: the end, or where as many characters were read as a page may have."""
        text = self.document.text
        while self.place < len(text) and self.spent < MAX_CHARACTERS and len(self.out) <= MAX_LINES:
            # A text may be no longer than what is still read, a tag with all that stands in it may.
            end = len(text) if self.hidden else min(len(text), self.place + MAX_CHARACTERS - self.spent)
            begins = (one.start() for one in _BEGIN.finditer(text, self.place, end))
            token = next((one for at in begins if (one := _TOKEN.match(text, at))), None)
            stop = token.start() if token else end
            if not self.hidden and stop > self.place:
                self._text(text[self.place : stop])
                self.spent += stop - self.place
            self.place = stop
            if token is not None:
                self._token(token)
        if self.pre:
            self._end_pre()
        self._row()
        self._flush()

    def _token(self, token: re.Match[str]) -> None:
        text = self.document.text
        if token["comment"]:
            closed = text.find("-->", token.end())
            self.place = len(text) if closed < 0 else closed + 3
        else:
            name = (token["name"] or "").lower()
            if token["end"]:
                self._end_tag(name)
            else:
                self._start_tag(name)
                self._go_in(token)
            self.place = token.end()
            if name in _RAW_END and not token["end"] and name not in self.endless:
                raw = _RAW_END[name].search(text, self.place)
                self.place = raw.start() if raw else self.place
                self.endless |= set() if raw else {name}
        self.spent += min(self.place - token.start(), _MAX_TAG)

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
        elif tag in _ROWS_BEGIN and self.tables == 1:
            self._row()  # the end of the one before may be left out, as that of a cell (HTML, 13.1.2.4)
            self.cells = [] if tag == "tr" else None
        elif tag in ("dt", "dd") and self.cells is None:
            self.prefix = (
                "  " * min(max(self.lists - 1, 0), MAX_NESTED) + "- " if tag == "dt" else self.prefix
            )
            self.is_term = tag == "dt"
        elif tag in ("td", "th") and self.cells is not None and self.tables == 1:
            if self.is_in_cell:
                self._cell()
            self.words = []
            self.at = self._line_here()
            self.is_in_cell = True
        else:
            self._open_text(tag)

    def _go_in(self, token: re.Match[str]) -> None:
        """How deep the field of a row stands, where its first cell is set further in than others."""
        if self.is_in_cell and not self.cells and not self.words and not self.hidden:
            found = _DEEPER.search(token.group()[:400])
            self.deep = max(self.deep, int(found["step"] or found["px"]) if found else 0)

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
        whole = " ".join(line for _, line in self._taken())
        text = " ".join(whole.split())
        self.is_in_cell = False
        if self.cells is not None:
            # Wide blanks before a name say how deep its field stands.
            level = 0 if self.cells else len(_WIDE.match(whole.lstrip(" \t"))[0])  # type: ignore[index]
            level, self.deep = level or min(self.deep, MAX_DEEP), 0
            self.cells.append("\u2003" * level + text.replace("|", "\\|"))

    def _row(self) -> None:
        """A row as a line of a Markdown table; the first one is its heading."""
        if self.cells is not None and (self.is_in_cell or any(word.strip() for _, word in self.words)):
            self._cell()
        cells, self.cells = self.cells, None
        if not cells:
            return
        self.out.append((self.at, f"| {' | '.join(cells)} |"))
        if self.is_head:
            self._line("|" + " --- |" * len(cells))
            self.is_head = False
