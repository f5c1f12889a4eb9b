"""The syntax of schemas that TypeScript builds with zod: chains of calls, lists, objects, texts, numbers.

z.object({ mode: z.enum(["std"]).optional() })   →   a chain of one call, whose argument is an object
(s) => s.trim().length > 0                       →   passed over: what a function does is not read
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from understudy.specs.readers.code.declared_types import MAX_NESTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The beginning of what is given a name: a chain, or a list of values.
NAMED = re.compile(
    r"(?P<indent>\s{0,40})(?:export\s{1,4})?(?:const|let|var)\s{1,4}(?P<name>\w{1,80})\s{0,4}(?::[^=]{1,80})?=\s{0,4}(?=\[|[A-Za-z_$][\w$]{0,79}\s{0,4}(?:\.|\Z))"
)
_NEXT = re.compile(r"(?P<indent>\s{0,40})(?:export|const|let|var|type|interface|import|function)\b")
_TOKEN = re.compile(
    r"\s+|(?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))|(?P<text>\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`[^`]*+(?:`|\Z))|(?P<pattern>(?<=[(,\s])/(?![/*\s])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,100}+\]){1,300}+/[a-z]*)|(?P<number>-?\d[\d_]*+(?:\.\d+)?(?:[eE][+-]?\d+)?\w*)|(?P<name>[A-Za-z_$][\w$]*)|(?P<sign>.)",
    re.DOTALL,
)
_QUOTES = "\"'`"
# Beyond it what is declared is taken to be indented alike, so that no line is read more often.
MAX_INDENT = 8


@dataclass(slots=True)
class ZodCall:
    """`.name(arguments)`: the arguments are texts, numbers, signs, lists of them, objects, chains."""

    name: str
    line: int
    arguments: list[object] = field(default_factory=list)


@dataclass(slots=True)
class ZodChain:
    """`z.string().max(9)`, or the name of another schema; `words` are comments between its calls."""

    of: str
    calls: list[ZodCall] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ZodEntry:
    """`name: value` of an object; `words` are the comments above it and behind it."""

    name: str
    line: int
    value: object
    words: list[str]


@dataclass(slots=True)
class ZodObject:
    """What stands between braces; `others` are its parts that are no entries, such as `...Base.shape`."""

    entries: list[ZodEntry] = field(default_factory=list)
    others: list[tuple[int, object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


_END = _Token("end", "", 0)


class ZodParser:
    """Reads what is given a name in the first of the lines, from the character `start` on."""

    def __init__(self, block: Sequence[tuple[int, str]], start: int) -> None:
        self.tokens = list(_tokens(block, start))
        self.at = 0
        self.is_cut = False

    def _ahead(self, more: int = 0) -> _Token:
        return self.tokens[self.at + more] if self.at + more < len(self.tokens) else _END

    def _next(self) -> _Token:
        token = self._ahead()
        self.at += token is not _END
        return token

    def _is(self, *signs: str) -> bool:
        """Whether these signs are next."""
        return all(
            self._ahead(more).kind == "sign" and self._ahead(more).text == sign
            for more, sign in enumerate(signs)
        )

    def value(self, depth: int = 0) -> object:
        """A text, number or sign as it stands, a list, an object or a chain; "" for what is passed over."""
        self.is_cut |= depth > MAX_NESTED * 3
        if depth > MAX_NESTED * 3 or self._is("("):
            self._skip()
            return ""
        if self._is("{"):
            return self._object(depth)
        if self._is("["):
            return self._several("]", depth)
        token = self._next()
        return self._chain(token, depth) if token.kind == "name" else token.text

    def _chain(self, first: _Token, depth: int) -> ZodChain:
        chain = ZodChain("" if first.text == "z" or self._is("(") else first.text)
        if self._is("("):
            chain.calls.append(ZodCall(first.text, first.line, self._several(")", depth)))
        while True:
            comments = 0
            while self._ahead(comments).kind == "comment":
                comments += 1
            dot = self._ahead(comments)
            if dot.kind != "sign" or dot.text != ".":
                return chain
            chain.words += [self._next().text for _ in range(comments)]
            self._next()
            name = self._next()
            call = ZodCall(name.text, name.line)
            if self._is("("):
                call.arguments = self._several(")", depth)
            chain.calls.append(call)

    def _several(self, end: str, depth: int) -> list[object]:
        """What stands between brackets; the parameters of a function and its body are passed over."""
        out: list[object] = []
        self._next()
        while self._ahead() is not _END and not self._is(end):
            if self._is("=", ">"):
                self.at += 2
                if self._is("{"):
                    self._skip()
            elif self._is("("):
                self._skip()
            elif self._ahead().kind == "comment" or self._ahead().text in (",", ";", ")", "]", "}"):
                self._next()
            else:
                out.append(self.value(depth + 1))
        self._next()
        return out

    def _object(self, depth: int) -> ZodObject:
        out = ZodObject()
        above: list[str] = []
        self._next()
        while self._ahead() is not _END and not self._is("}"):
            if self._ahead().kind == "comment":
                above.append(self._next().text)
            elif self._is(","):
                self._next()
            else:
                self._part(out, above, depth)
                above = []
        self._next()
        return out

    def _part(self, out: ZodObject, above: list[str], depth: int) -> None:
        """One part of an object: `name: value`, `name` alone, `...value`, or something else."""
        first, behind = self._ahead(), self._ahead(1)
        is_named = first.kind in ("name", "text", "number")
        if is_named and behind.kind == "sign" and behind.text in (":", ",", "}"):
            self._next()
            is_short = behind.text != ":"
            self.at += not is_short
            value = ZodChain(first.text) if is_short else self.value(depth + 1)
            entry = ZodEntry(first.text.strip(_QUOTES), first.line, value, above)
            out.entries.append(entry)
            self._rest(entry.words)
        elif self._is(".", ".", "."):
            self.at += 3
            out.others.append((first.line, self.value(depth + 1)))
            self._rest([])
        else:
            out.others.append((first.line, first.text))
            self._skip()
            self._rest([])

    def _rest(self, words: list[str]) -> None:
        """Past what belongs to a part still, the comment behind it included."""
        while self._ahead() is not _END and not self._is("}") and not self._is(","):
            if self._ahead().kind == "comment":
                words.append(self._next().text)
            else:
                self._skip()
        line = self.tokens[self.at - 1].line
        if self._is(","):
            line = self._next().line
        if self._ahead().kind == "comment" and self._ahead().line == line:
            words.append(self._next().text)

    def _skip(self) -> None:
        """Past what is open, or one token."""
        open_ = 0
        while self._ahead() is not _END:
            token = self._next()
            open_ += _opened(token.kind, token.text)
            if open_ <= 0:
                return


def _number(text: str) -> str:
    """A number as prose says it: 10_000 and 1e4 are 10000."""
    text = text.replace("_", "").removesuffix("n")
    return f"{float(text):.15g}" if re.fullmatch(r"-?[\d.]+[eE][+-]?\d+", text) else text


def _opened(kind: str | None, text: str) -> int:
    return (text in "([{") - (text in ")]}") if kind == "sign" else 0


def _tokens(block: Sequence[tuple[int, str]], start: int) -> Iterator[_Token]:
    """The tokens of a value, at most up to the next thing that is declared and is indented no further."""
    lines = list(_until_next(block))
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    depth = 0
    for found in _TOKEN.finditer("\n".join(lines), start):
        kind = found.lastgroup
        if kind is None:
            continue
        text = found.group()
        if kind == "comment":
            text = " ".join(line.strip().strip("/*").strip() for line in text.splitlines()).strip()
        elif kind == "number":
            text = _number(text)
        depth += _opened(kind, text)
        if depth < 0 or (depth == 0 and kind == "sign" and text == ";"):
            return
        index = min(bisect.bisect_right(starts, found.start()) - 1, len(lines) - 1)
        yield _Token(kind, text, block[index][0])


def _until_next(block: Sequence[tuple[int, str]]) -> Iterator[str]:
    first = _NEXT.match(block[0][1])
    indent = min(len(first["indent"]), MAX_INDENT) if first else 0
    for index, (_, line) in enumerate(block):
        begins = _NEXT.match(line) if index else None
        if begins and min(len(begins["indent"]), MAX_INDENT) <= indent:
            return
        yield line
