"""JSON text to nodes, forgiving: comments, trailing and missing commas, missing values, single quotes, bare
words.

Whatever has one reading is mended and noted; a text that ends too early gives what was there. Iterative, so
that depth costs nothing but the budget.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from understudy.specs.readers.trees.nodes import MAX_DEPTH, MAX_NODES, BrokenError, Node, TooLargeError

# Strings may run over lines on rendered pages; a raw line end inside one is kept.
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n\ufeff\u200b\u00a0]+)
    |(?P<comment>//[^\n]*|\#[^\n]*|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?)
    |(?P<string>"(?:[^"\\]++|\\.)*+")
    |(?P<single>'(?:[^'\\]++|\\.)*+')
    |(?P<filled>\{{1,2}[ ]?[A-Za-z_][\w.-]{0,60}[ ]?\}{1,2}(?=\s*(?:[,}\]]|//|\#)))  # {seconds}
    |(?P<mark>[{}\[\],:])
    |(?P<dots>(?:\.\.\.|…)(?:[ \t]?[\w'-][\w' \t-]{0,80}(?:\.\.\.|…))?)  # … the same fields …
    |(?P<word>[^\s{}\[\],:"']+)""",
    re.VERBOSE | re.DOTALL,
)
MAX_REMARKS = 100
# Behind a quote: it opens a string, and closes none.
_GOES_ON = re.compile(r"[A-Za-z_\u4e00-\u9fff]")
# What a comment holds that is a member: `"image": "…",`.
_MEMBER = re.compile(r"[\"']?[\w-]{1,80}[\"']\s{0,3}:|[{}\[\]]")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null", "NaN": "null"}


@dataclass(slots=True)
class JsonText:
    """What was read: the value, where it ended in the text, and (kind, what, line, column) of everything
    odd; `count` is how many keys and values there are."""

    root: Node
    end: int
    count: int
    remarks: list[tuple[str, str, int, int]] = field(default_factory=list)


def parse_json(text: str, start: int = 0, line: int = 1, most: int = MAX_NODES) -> JsonText:
    """The JSON value that begins at `start` of `text`, which stands on line `line`; what follows it is left
    alone.

    Raises BrokenError when there is no object or array there, TooLargeError beyond `most` keys and values.
    """
    return _Parser(text, start, line, most).run()


class _Parser:
    def __init__(self, text: str, start: int, line: int, most: int) -> None:
        self.text, self.at, self.most = text, start, most
        self.line, self.line_start = line, text.rfind("\n", 0, start) + 1
        self.stack: list[Node] = []
        self.keys: list[Node | None] = []  # of the mapping at the same depth: a key that waits for its value
        self.after_value = False
        self.after_colon = False
        self.after_comma = False
        self.count = 0
        self.last: Node | None = None  # the value that a comment would be about
        self.is_alternative = False  # behind a `|`
        self.above: list[str] = []  # comments on lines of their own: about the member that follows
        self.remarks: list[tuple[str, str, int, int]] = []

    def run(self) -> JsonText:
        root: Node | None = None
        while root is None or self.stack:
            token = _TOKEN.match(self.text, self.at)
            if token is None:
                if root is None:
                    raise BrokenError("no JSON here", self.line, self._column())
                self._remark("problem", "the JSON ends before its last bracket is closed")
                break
            kind, value = str(token.lastgroup), token.group()
            end = token.end()
            if kind == "filled" and not self._is_filled_in(value.strip("{} ")):
                kind, value, end = "mark", value[0], token.start() + 1
            if kind in ("string", "single") and self._is_unclosed(value, token.end()):
                self._take_unclosed(kind, value)
                continue
            if root is None and value not in ("{", "["):
                if kind not in ("space", "comment"):
                    raise BrokenError("no JSON here", self.line, self._column())
            else:
                self._take(kind, value)
                root = root or self.stack[0]
            self._advance(end)
        if self.stack:
            self._settle_key()
        return JsonText(root, self.at, self.count, self.remarks)

    def _is_unclosed(self, value: str, end: int) -> bool:
        """Whether a string runs into the next line up to the quote that opens another one."""
        return "\n" in value and bool(self.stack) and _GOES_ON.match(self.text, end) is not None

    def _is_filled_in(self, word: str) -> bool:
        """Whether a word in braces stands for a value, which has the name of its member or two braces around
        it: `"seconds": {seconds}`. `"data": {task_id}` is an object."""
        if not self.stack:
            return False
        key: Node | None = self.keys[-1]
        if self.stack[-1].kind == "seq" and len(self.stack) > 1 and self.stack[-2].kind == "map":
            key = self.stack[-2].pairs[-1][0] if self.stack[-2].pairs else None
        if key is None:
            return False
        return self.text.startswith("{{", self.at) or word.lower() == key.text.lower()

    def _take_unclosed(self, kind: str, value: str) -> None:
        """A string without its last quote, as the rest of its line."""
        line, _, _ = value.partition("\n")
        self._remark("mend", "a string without its last quote, read to the end of its line")
        self._take(kind, f"{line.rstrip()}{value[0]}")
        self._advance(self.at + len(line))

    def _advance(self, end: int) -> None:
        newlines = self.text.count("\n", self.at, end)
        if newlines:
            self.line += newlines
            self.line_start = self.text.rfind("\n", 0, end) + 1
        self.at = end

    def _column(self) -> int:
        return self.at - self.line_start + 1

    def _remark(self, kind: str, what: str) -> None:
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append((kind, what, self.line, self._column()))
        elif len(self.remarks) == MAX_REMARKS:
            more = f"more than {MAX_REMARKS} places to mend; the rest is not listed"
            self.remarks.append(("problem", more, self.line, self._column()))

    def _take(self, kind: str, value: str) -> None:
        if kind == "space":
            return
        if kind == "comment":
            self._remark("mend", "a comment in JSON, passed over")
            self._keep_comment(value)
        elif kind == "dots":
            self._remark("mend", "an ellipsis in JSON, passed over")
        elif kind == "word" and value == "|" and self.last is not None:
            self.is_alternative = True
        elif self.is_alternative and kind in ("string", "single"):
            self._alternative(value[1:-1])
        elif self.is_alternative and kind == "word":
            self.is_alternative = False  # a further type: `string | null`
        elif kind == "mark":
            self.is_alternative = False
            self._mark(value)
        else:
            self._scalar(kind, value)

    def _keep_comment(self, comment: str) -> None:
        """A comment behind a value, or behind the bracket that opens one, is about that value; one on a line
        of its own is about the member below it, unless it is a member that was commented out."""
        node, said = self.last, comment.lstrip("/#* ").removesuffix("*/").strip()
        if not self.text[self.line_start : self.at].strip():
            if not _MEMBER.match(said):
                self.above.append(said)
        elif node is not None and node.end_line in (0, self.line) and self.line in (node.line, node.end_line):
            is_listed = node.comment.startswith("One of `")
            node.comment = (
                f"{said.rstrip('. ')}. {node.comment}" if is_listed else f"{node.comment} {said}".strip()
            )

    def _alternative(self, value: str) -> None:
        """One more value where a type would stand: `"low" | "high"`."""
        self.is_alternative = False
        node = self.last
        if node is not None and node.kind == "scalar" and not node.plain:
            listed = node.comment if node.comment.startswith("One of `") else f"One of `{node.text}`"
            node.comment = f"{listed}, `{value}`"

    def _mark(self, value: str) -> None:
        if value in "{[":
            self._open("map" if value == "{" else "seq")
        elif value in "}]":
            self._close(value)
        elif value == ",":
            self._settle_key()
            self.after_value = False
            self.after_comma = True
        elif self.stack and self.stack[-1].kind == "map" and self.keys[-1] is not None:
            self.after_colon = True
        else:
            self._remark("problem", "a colon where none belongs, passed over")

    def _open(self, kind: str) -> None:
        node = Node.collection("map" if kind == "map" else "seq", self.line, self._column())
        self.last = node
        if self.stack:
            self._attach(node)
        self.stack.append(node)
        self.keys.append(None)
        self.after_value = self.after_colon = self.after_comma = False
        if len(self.stack) > MAX_DEPTH:
            raise TooLargeError(f"nested more than {MAX_DEPTH} levels deep", self.line, self._column())

    def _close(self, value: str) -> None:
        self._settle_key()
        self.above = []
        if self.after_comma:
            self._remark("mend", "a comma before a closing bracket")
        if (value == "}") != (self.stack[-1].kind == "map"):
            self._remark("problem", f"{value!r} closes the other kind of bracket")
        closed = self.stack.pop()
        self.keys.pop()
        if closed.line == self.line:
            self.last = closed  # a comment behind `["a"],` is about the list
        self.after_value, self.after_comma = True, False

    def _settle_key(self) -> None:
        """A key whose value never came has the value null."""
        key = self.keys[-1]
        if key is None:
            return
        self.keys[-1] = None
        self.after_colon = False
        self._remark("mend", f"no value for {key.text!r}, read as null")
        self.stack[-1].pairs.append((key, Node("scalar", key.line, key.column, "", True, key.line)))

    def _scalar(self, kind: str, value: str) -> None:
        parent = self.stack[-1]
        is_key = parent.kind == "map" and self.keys[-1] is None
        if self.after_value:
            self._remark("mend", "a missing comma")
        self.after_comma = False
        node = self._scalar_node(kind, value, is_key=is_key)
        if is_key:
            self._count()
            self.keys[-1] = node
            self.after_value = self.after_colon = False
            return
        if parent.kind == "map" and not self.after_colon:
            self._remark("mend", "a missing colon")
        self._attach(node)
        self.last = node

    def _scalar_node(self, kind: str, value: str, *, is_key: bool) -> Node:
        end_line = self.line + value.count("\n")
        if kind == "string":
            return Node("scalar", self.line, self._column(), _unescape(value), False, end_line)
        if kind == "single":
            self._remark("mend", "single quotes in JSON")
            return Node("scalar", self.line, self._column(), value[1:-1].replace("\\'", "'"), False, end_line)
        if value in _WORDS and not is_key:
            self._remark("mend", f"{value} in JSON, read as {_WORDS[value]}")
            value = _WORDS[value]
        plain = not is_key and (value in ("true", "false", "null") or bool(_NUMBER.match(value)))
        if not plain:
            self._remark("mend", f"{value[:40]!r} without quotes")
        node = Node("scalar", self.line, self._column(), value, plain, end_line)
        node.is_placeholder = not plain and not is_key
        return node

    def _attach(self, node: Node) -> None:
        self._count()
        parent = self.stack[-1]
        if parent.kind == "seq":
            parent.items.append(node)
        elif (key := self.keys[-1]) is not None:
            parent.pairs.append((key, node))
            self.keys[-1] = None
            node.comment, self.above = " ".join(self.above), []
        else:
            self._remark("problem", "a value without a key, passed over")
        self.after_value, self.after_colon = True, False

    def _count(self) -> None:
        self.count += 1
        if self.count > self.most:
            raise TooLargeError(f"more than {self.most:,} values", self.line, self._column())


def _unescape(token: str) -> str:
    try:
        value = json.loads(token, strict=False)
    except ValueError:
        return token[1:-1]
    # Half of a surrogate pair cannot be written out again.
    return str(value).encode("utf-8", "replace").decode("utf-8")
