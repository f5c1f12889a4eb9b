"""The project's modules as syntax trees, for the rules that a machine can check."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("specs", "mockserver", "contracts")
# Loaded into a client's own process: not part of the package.
FOREIGN = "preload"

Modules = dict[str, ast.Module]
Imports = dict[str, set[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files() -> dict[str, Path]:
    """The file of every module of the three packages by its import name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if FOREIGN in path.parts:
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(("understudy", *parts)).removesuffix(".__init__")
            found[name] = path
    return found


@cache
def module(name: str) -> ast.Module:
    """One module, by its import name."""
    return ast.parse(files()[name].read_text(encoding="utf-8"))


def modules() -> Modules:
    """Every module of the three packages by its import name."""
    return {name: module(name) for name in files()}


def imports(trees: Modules) -> Imports:
    """What each module imports of the others: at its top, for types only, or inside a function."""
    return {name: set(imported(tree, trees)) - {name} for name, tree in trees.items()}


def imported(tree: ast.Module, trees: Modules) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                names.append(inner if inner in trees else node.module)
    return [name for name in names if name in trees]


def circles(graph: Imports) -> list[list[str]]:
    """The sets of modules that import each other, directly or through others."""
    reached = {name: everything_below(name, graph) for name in graph}
    found = {
        tuple(sorted(other for other in below if name in reached[other]))
        for name, below in reached.items()
        if name in below
    }
    return sorted(list(circle) for circle in found)


def everything_below(name: str, graph: Imports) -> set[str]:
    below: set[str] = set()
    waiting = list(graph[name])
    while waiting:
        one = waiting.pop()
        if one not in below:
            below.add(one)
            waiting += graph[one]
    return below


def functions(tree: ast.Module) -> list[Function]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def parameters(function: Function) -> int:
    """How many arguments a caller may have to think of; `self` and `cls` aside."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    own = sum(1 for one in positional[:1] if one.arg in {"self", "cls"})
    return len(positional) + len(arguments.kwonlyargs) - own


# Names of attributes and variables that hold a sentence for a person.
SENTENCES = frozenset(
    {"reason", "message", "sentence", "title", "advice", "detail", "summary", "note", "label"}
)
READING = frozenset({
    "startswith", "endswith", "removeprefix", "removesuffix", "split", "rsplit", "partition", "rpartition",
    "find", "index", "count",
})  # fmt: skip
MATCHING = frozenset({"search", "match", "fullmatch", "findall", "finditer"})


def decisions_from_sentences(tree: ast.Module) -> list[ast.expr]:
    """Expressions that look into a sentence: its beginning, a part of it, a pattern in it."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.expr) and reads_a_sentence(node)]


def reads_a_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.Compare):
        inside = any(isinstance(operator, ast.In | ast.NotIn) for operator in node.ops)
        return inside and any(is_sentence(right) for right in node.comparators)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    if node.func.attr in MATCHING:
        return any(is_sentence(argument) for argument in node.args)
    return node.func.attr in READING and is_sentence(node.func.value)


def is_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in SENTENCES
    if isinstance(node, ast.Name):
        return node.id in SENTENCES
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in {"lower", "strip", "casefold"} and is_sentence(node.func.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return all(is_sentence(a) or (isinstance(a, ast.Name) and a.id == "error") for a in node.args)
    return False
