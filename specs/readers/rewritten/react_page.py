"""A page of documentation written as a React component (JSX), rewritten as the HTML that it shows.

const url = 'https://a.example/v1/clips'          →   <html>
return (<div className="p"><code>{url}</code>         <div><code>https://a.example/v1/clips</code>
  <Badge method="POST" /> <Code code={body} />)       POST <pre>{"prompt": "go"}</pre>

What stands outside of the tags is code and left out, but for the texts and the lists of fields that it gives
names. What a component shows is in its attributes: a method and a path, a text as `code`, or fields:

<Param name="prompt" type="string" required>Words</Param>                   - `prompt` (string, required): Words
<Params of={[{ name: "seed", type: "integer", desc: "A number" }]} />       - `seed` (integer): A number
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.specs.readers.derived import Derived

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "React page"
MAX_CHARACTERS = 200_000
MAX_EXPRESSION = 20_000
MAX_FIELDS = 1_000
MAX_LOOKED = 1_000_000  # characters of expressions, each as often as it stands in another one
MAX_CONSTANTS, MAX_LISTS = 2_000, 20

_BEGINS = re.compile(r"^[ \t]{0,12}return[ \t]{0,4}\(\s{0,40}<(?=[A-Za-z>])", re.MULTILINE)
_ENDS = re.compile(r"^[ \t]{0,12}\);?[ \t]*$", re.MULTILINE)
# The text is a module: it begins with one of these, and gives away what shows the page.
_IS_MODULE = re.compile(
    r"\ufeff?\s{0,99}(?:(?:/\*(?:(?!\*/)[\s\S]){0,4000}\*/|//[^\n]{0,400}\n)\s{0,99}){0,9}(?:['\"]use (?:client|server)['\"]|import\b|export\b|const\b|function\b|type\b|interface\b)"
)
_GIVES = re.compile(r"^export[ \t]+default\b", re.MULTILINE)
_CONSTANT = re.compile(
    r"^[ \t]{0,12}(?:export[ \t]+)?const[ \t]+(?P<name>\w{1,60})(?:[ \t]*:[ \t]*string)?[ \t]*=\s{0,20}(?P<quote>['\"`])(?P<text>(?:\\[\s\S]|(?!(?P=quote))[^\\]){0,20000})(?P=quote)",
    re.MULTILINE,
)
_NEXT = re.compile(r"[<{}]")
_TAG = re.compile(r"</?(?P<name>[A-Za-z][\w.]{0,60})?")
_ATTRIBUTE = re.compile(
    r"\s*+(?:(?P<end>/?>)|(?P<name>[A-Za-z][\w:-]{0,60})(?:=(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<open>\{)))?|(?P<spread>\{))"
)
_IN_EXPRESSION = re.compile(
    r"[{}\[\]]|(?P<quote>['\"`])(?:\\[\s\S]|(?!(?P=quote))[^\\])*+(?P=quote)|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
)
_WHOLE_TEXT = re.compile(r"\s*(?P<quote>['\"`])(?P<text>(?:\\[\s\S]|(?!(?P=quote))[^\\])*+)(?P=quote)\s*\Z")
_ESCAPE = re.compile(r"\\([\\`'\"$]|\n)")
# A list of objects, which a component shows or a call of `map` goes through, and one of them.
_LIST = re.compile(
    r"^[ \t]{0,12}(?:export[ \t]+)?const[ \t]+(?P<name>\w{1,60})(?:[ \t]*:[^=\n]{1,80})?[ \t]*=\s{0,20}(?=\[\s{0,40}\{)",
    re.MULTILINE,
)
_OBJECT = re.compile(
    r"\{(?P<in>(?:[^{}'\"`]|(?P<quote>['\"`])(?:\\[\s\S]|(?!(?P=quote))[^\\])*+(?P=quote))*+)\}"
)
_MEMBER = re.compile(
    r"(?:\A|,)\s*+['\"]?(?P<key>\w{1,40})['\"]?\s*+:\s*+(?:(?P<quote>['\"`])(?P<text>(?:\\[\s\S]|(?!(?P=quote))[^\\])*+)(?P=quote)|(?P<bare>[\w.+-]{1,40})|\[(?P<list>[^\[\]]{0,2000})\])\s*+(?=,|\Z)"
)
_ITEM = re.compile(r"['\"`]([^'\"`]{1,80})['\"`]|(?<![\w.])(-?\d[\d.]{0,20})")
_MAPPED = re.compile(r"\s*(?P<name>\w{1,60})\??\.map\(")
# What else an object says of its field, and under which label an entry says it.
_SAID_MORE = {
    "default": "Default", "defaultValue": "Default", "options": "Options", "enum": "Options", "values": "Options",
    "min": "Min", "max": "Max", "minimum": "Min", "maximum": "Max", "maxLength": "Max length",
}  # fmt: skip
_YES, _NO = (
    ("", "true", "yes", "required", "必填", "必选", "是"),
    ("false", "no", "optional", "可选", "选填", "否"),
)
_DEEPER = re.compile(r"(?<![\w-])[pm]l-\d{1,2}(?![\w-])")
# A text that is JSON or commands, and the attributes whose text is an answer.
_IS_CODE = re.compile(r"\s{0,9}(?:[{\[]\s{0,9}[\"\n]|(?:#[^\n]{0,200}\n\s{0,9}){0,4}curl\s)")
_OF_ANSWER = re.compile(r"respon|answer|result|output|returns", re.IGNORECASE)
_SAID_NAME, _SAID_WORDS = ("name", "param", "field"), ("description", "desc", "children")
_SAID_PATH = ("path", "endpoint", "url")
Words = dict[str, str]
Fields = list[tuple[int, Words]]  # each with its line


def recognises(document: Document) -> bool:
    """Whether the text is a module whose function returns tags, as React's do."""
    text = document.text
    return bool(_IS_MODULE.match(text) and _GIVES.search(text) and _BEGINS.search(text))


def rewritten(document: Document, log: FactLog) -> Derived:
    """What the component shows, as HTML. What follows 200,000 characters, 1,000 fields, or an expression that has no
    end, is noted as not read."""
    if len(document.text) > MAX_CHARACTERS:
        what = f"a React page is read up to {MAX_CHARACTERS:,} characters"
        log.cut(what, document.line_at(MAX_CHARACTERS))
        document = replace(document, text=document.text[:MAX_CHARACTERS])
    page = _Page(document)
    for begin in _BEGINS.finditer(document.text):
        if begin.start() >= page.at and not page.is_broken:
            end = _ENDS.search(document.text, begin.end())
            page.read(begin.end() - 1, end.start() if end else len(document.text))
    if page.is_broken:
        log.note(
            "problem",
            "code without an end, or too much of it; what follows is not read",
            document.line_at(page.at),
        )
    lines = page.lines
    return Derived(
        replace(document, text="\n".join(text for _, text in lines)), [number for number, _ in lines]
    )


class _Page:
    """Collects (line of the page, line of HTML); `at` is the offset up to which the text is read."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lines: list[tuple[int, str]] = [(1, "<html>"), (1, "")]
        self.at = 0
        self.is_broken = False
        self.looked, self.count = 0, 0
        self.constants: Mapping[str, tuple[int, str]] = {
            found["name"]: (document.line_at(found.start("text")), _plain(found["text"]))
            for _, found in zip(range(MAX_CONSTANTS), _CONSTANT.finditer(document.text), strict=False)
        }
        self.open: list[str] = []  # the components that are fields and hold what describes them
        self.lists: dict[str, Fields] = {}
        for _, found in zip(range(MAX_LISTS), _LIST.finditer(document.text), strict=False):
            inner = self._braced(found.end(), len(document.text))
            if inner is None:
                self.is_broken = False  # it is left out, and the tags are read all the same
            elif fields := self._fields(inner, found.end()):
                self.lists[found["name"]] = fields

    def read(self, start: int, end: int) -> None:
        text = self.document.text
        self.at = start
        while self.at < end and not self.is_broken:
            mark = _NEXT.search(text, self.at, end)
            stop = mark.start() if mark else end
            self._add(text[self.at : stop], self.at)
            self.at = stop
            if mark is None:
                break
            if mark.group() == "<":
                self._tag(end)
            elif mark.group() == "{":
                self._expression(end)
            else:
                self.at += 1

    def _add(self, text: str, offset: int) -> None:
        self._put(text, self.document.line_at(offset))

    def _put(self, text: str, number: int) -> None:
        """Text that begins on this line of the page, behind what is there."""
        first, *more = text.split("\n")
        at, line = self.lines[-1]
        self.lines[-1] = (at if line.strip() else number, line + first)
        self.lines += [(number + count, one) for count, one in enumerate(more, 1)]

    def _expression(self, end: int) -> None:
        """A name or a text is shown; of other code the tags inside are read, and nothing else."""
        inner = self._braced(self.at, end)
        if inner is None:
            return
        shown = self._shown(inner)
        mapped = _MAPPED.match(inner)
        if mapped and (fields := self.lists.get(mapped["name"])):
            self._entries(fields)
            self.at += len(inner) + 2
        elif shown is not None:
            self._put(html.escape(shown[1], quote=False), shown[0])
            self.at += len(inner) + 2
        elif "<" not in inner:
            self.at += len(inner) + 2
        else:
            self.at += inner.index("<") + 1

    def _shown(self, inner: str) -> tuple[int, str] | None:
        """The text of an expression that is one, or is the name of one, and its line."""
        if known := self.constants.get(inner.strip()):
            return known
        found = _WHOLE_TEXT.match(inner)
        return (self.document.line_at(self.at), _plain(found["text"])) if found else None

    def _braced(self, at: int, end: int) -> str | None:
        """What stands between the bracket at this offset and its own end; None where it has none."""
        depth = 0
        for mark in _IN_EXPRESSION.finditer(self.document.text, at, min(end, at + MAX_EXPRESSION)):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(mark.group(), 0)
            if not depth and self.looked < MAX_LOOKED:
                self.looked += mark.start() - at
                return self.document.text[at + 1 : mark.start()]
        self.is_broken = True
        return None

    def _tag(self, end: int) -> None:
        text = self.document.text
        tag = _TAG.match(text, self.at)
        if tag is None:
            self._add("&lt;", self.at)
            self.at += 1
            return
        start, at = self.at, tag.end()
        said: dict[str, tuple[int, str]] = {}
        listed: Fields = []
        while (one := _ATTRIBUTE.match(text, at, end)) and not one["end"]:
            at = one.end()
            if one["open"] or one["spread"]:
                inner = self._braced(at - 1, end)
                if inner is None:
                    return
                self.at = at - 1
                value = self._shown(inner)
                listed += self.lists.get(inner.strip(), []) or self._fields(inner, at)
                at += len(inner) + 1
            else:
                value = (self.document.line_at(one.start("name")), one["double"] or one["single"] or "")
            if one["name"] and value is not None:
                said[one["name"]] = value
        self.at = one.end() if one else at
        self._show(tag["name"] or "", said, start, is_end=text[start + 1] == "/")
        if one and one["end"] == ">" and self.open[-1:] == [""]:
            self.open[-1] = tag["name"]
        elif self.open[-1:] == [""]:
            self._close()
        self._entries(listed)
        if (tag["name"] or "")[:1].isupper():
            self._examples(said)

    def _examples(self, said: Mapping[str, tuple[int, str]]) -> None:
        """Texts of several lines in other attributes of a component: what is sent, and what is answered."""
        for key, (number, text) in said.items():
            if key == "code" or not _IS_CODE.match(text):
                continue
            if _OF_ANSWER.search(key):
                self._put("<h4>Response</h4>\n", number)
            self._put("<pre>\n", number)
            self._put(f"{html.escape(text, quote=False)}\n</pre>\n", number)

    def _show(self, name: str, said: Mapping[str, tuple[int, str]], start: int, *, is_end: bool) -> None:
        """A tag of HTML as it is, with how far in it stands; a component as what its attributes say."""
        if name[:1].islower():
            deeper = _DEEPER.search(said.get("className", (0, ""))[1])
            within = f' class="{deeper.group()}"' if deeper else ""
            self._add(f"</{name}>" if is_end else f"<{name}{within}>", start)
        elif not is_end:
            self._component(said, start)
        elif self.open[-1:] == [name]:
            self._close()

    def _close(self) -> None:
        self.open.pop()
        self.lines[-1] = (self.lines[-1][0], f"{self.lines[-1][1]}</li></ul>")

    def _component(self, said: Mapping[str, tuple[int, str]], start: int) -> None:
        words = {key: value for key, (_, value) in said.items()}
        path = next((words[one] for one in _SAID_PATH if words.get(one)), "")
        if code := said.get("code"):
            self._put("<pre>\n", code[0])
            self._put(f"{html.escape(code[1], quote=False)}\n</pre>", code[0])
        elif entry := _entry(words):
            self.count += 1
            self.is_broken = self.is_broken or self.count > MAX_FIELDS
            self._add(f"<ul><li>{entry}", start)
            self.open.append("")
        elif words.get("method"):
            self._add(f"<p><span>{words['method']}</span> {path}</p>", start)

    def _entries(self, fields: Fields) -> None:
        for number, words in fields:
            self.is_broken = self.is_broken or self.count == MAX_FIELDS
            if self.is_broken:
                return
            self.count += 1
            self._put(f"<ul><li>{_entry(words)}</li></ul>\n", number)

    def _fields(self, text: str, offset: int) -> Fields:
        """The fields that a list of objects describes: each has a name, and a type or whether it is required."""
        if not text.lstrip().startswith(("[", "{")):
            return []
        found = [(one.start(), _members(one["in"])) for one in _OBJECT.finditer(text)]
        return [(self.document.line_at(offset + at), words) for at, words in found if _entry(words)]


def _members(text: str) -> Words:
    out = {}
    for one in _MEMBER.finditer(text):
        items = ", ".join(f"`{a or b}`" for a, b in _ITEM.findall(one["list"] or ""))
        out[one["key"]] = _plain(one["text"] or "") or one["bare"] or items
    return out


def _entry(words: Words) -> str:
    """A field as an entry of a list; "" for what is none."""
    name = next((words[one] for one in _SAID_NAME if words.get(one)), "")
    type_ = words.get("type", "")
    if not re.fullmatch(r"[A-Za-z_][\w.\[\]-]{0,79}", name) or not type_:
        return ""
    said = words.get("required", "").lower() if "required" in words else None
    presence = ", required" if said in _YES else ", optional" if said in _NO else ""
    about = next((words[one] for one in _SAID_WORDS if words.get(one)), "")
    more = "".join(
        f"<ul><li>{label}: {words[key]}</li></ul>" for key, label in _SAID_MORE.items() if words.get(key)
    )
    return f"<code>{name}</code> ({html.escape(type_)}{presence}): {html.escape(about)}{more}"


def _plain(text: str) -> str:
    """The text of a literal, without the marks that keep its signs."""
    return _ESCAPE.sub(lambda found: found[1].strip("\n"), text)
