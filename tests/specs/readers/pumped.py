"""Inputs on which a backtracking pattern would take more than linear time, made from the pattern itself.

A pattern is pumped with the pieces that it is made of: each run of literals, each character that a class of
it takes, and the blanks, digits and signs that texts repeat. The pump stands behind each beginning that the
pattern may have, and before something that it does not take.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import pkgutil
import re
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from re import _constants as codes  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]

USUAL = (
    " ",
    "\n",
    "a",
    "1",
    "_",
    "`",
    "*",
    ",",
    "-",
    ":",
    "图",
    "a,",
    "1,",
    "1:",
    "a ",
    " \n",
    "`a`,",
    '"a",',
    "a/",
    "<",
    "[",
    "{",
    "|",
    "\t",
)
MAX_PIECES = 60
# Beginnings of a pattern behind which it is pumped, the empty one first.
HEADS = 4 if os.environ.get("UNDERSTUDY_LONG") else 2
ANCHORED = {"match", "fullmatch"}
CATEGORIES = {"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a"}


@dataclass(frozen=True)
class Used:
    """A pattern of a module, and whether it is only tried at one place of a text, never searched for."""

    name: str
    pattern: re.Pattern[str]
    is_anchored: bool

    def tried(self, text: str) -> float:
        """Seconds of this process that the pattern takes on the text, the least of two tries."""
        return min(self.once(text) for _ in range(2))

    def once(self, text: str) -> float:
        """Seconds of this process that one try takes: never fewer than `tried` would say."""
        subject: Any = text.encode() if isinstance(self.pattern.pattern, bytes) else text
        began = time.process_time()
        if self.is_anchored:
            self.pattern.match(subject)
        else:
            for _ in self.pattern.finditer(subject):
                pass
        return time.process_time() - began


def patterns_of(package: str) -> list[Used]:
    """Every pattern that a module of the package compiles or passes to `re`, each once."""
    found: dict[tuple[str, int], Used] = {}
    root = importlib.import_module(package)
    names = [package, *(info.name for info in pkgutil.walk_packages(root.__path__, f"{package}."))]
    for name in names:
        module = importlib.import_module(name)
        source = inspect.getsource(module)
        short = name.rpartition(".")[2]
        for attribute, value in vars(module).items():
            # The patterns of a table are used under the name `pattern`.
            called = attribute if isinstance(value, re.Pattern) else "pattern"
            methods = set(re.findall(rf"(?<!\w){called}\.(\w+)\(", source))
            anchored = bool(methods) and methods <= ANCHORED
            for pattern in _inside(value):
                one = Used(f"{short}.{attribute}", pattern, anchored)
                known = found.get((pattern.pattern, pattern.flags))
                if known is None or (known.is_anchored and methods and not anchored):
                    found[pattern.pattern, pattern.flags] = one
        for method, text in _inline(source):
            pattern = re.compile(text)
            found.setdefault(
                (pattern.pattern, pattern.flags), Used(f"{short}: {text[:40]}", pattern, method in ANCHORED)
            )
    return list(found.values())


def _inline(source: str) -> Iterator[tuple[str, str]]:
    """The patterns that functions pass to `re` as they are: (method, pattern)."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr != "compile"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.func.attr, node.args[0].value


def _inside(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _inside(inner)
    elif isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        for inner in value:
            yield from _inside(inner)


def pumps(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """(what stands before, what is repeated) for the pattern."""
    pieces = list(dict.fromkeys(_pieces(parser.parse(pattern.pattern, pattern.flags))))
    literals = [piece for piece in pieces if len(piece) > 1][:MAX_PIECES]
    heads = ["", *(piece for piece in literals[:6])]
    units = list(dict.fromkeys([*USUAL, *pieces[:MAX_PIECES], *(f"{piece} " for piece in literals[:30])]))
    return [(head, unit) for head in heads[:HEADS] for unit in units]


def _pieces(tree: Any) -> Iterator[str]:
    """The runs of literals in a parsed pattern, and a character of each class."""
    run = ""
    for operator, argument in tree:
        if operator is codes.LITERAL:
            run += chr(argument)
            continue
        if run:
            yield run
            run = ""
        yield from _pieces_below(operator, argument)
    if run:
        yield run


def _pieces_below(operator: Any, argument: Any) -> Iterator[str]:
    if operator is codes.IN:
        for kind, inner in argument:
            if kind is codes.LITERAL:
                yield chr(inner)
            elif kind is codes.RANGE:
                yield chr(inner[0])
            elif kind is codes.CATEGORY:
                yield CATEGORIES.get(str(inner), "%")
    elif operator is codes.BRANCH:
        for branch in argument[1]:
            yield from _pieces(branch)
    elif operator is codes.SUBPATTERN:
        yield from _pieces(argument[-1])
    elif operator in (codes.MAX_REPEAT, codes.MIN_REPEAT, getattr(codes, "POSSESSIVE_REPEAT", None)):
        yield from _pieces(argument[2])
    elif operator in (codes.ASSERT, codes.ASSERT_NOT):
        yield from _pieces(argument[1])
    elif operator is getattr(codes, "ATOMIC_GROUP", None):
        yield from _pieces(argument)
