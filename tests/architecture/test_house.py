"""The house rules that a machine can check: the tree, the data rule, the light start."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from understudy.specs import library
from understudy.specs.behaviour import read
from understudy.specs.behaviour.openapi import SITUATIONS
from understudy.specs.behaviour.templates import ITEM_PARTS, NAMES, OF_A_LIST

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGES = ("specs", "mockserver", "contracts")
TOP_LEVEL = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "specs",
    "mockserver",
    "contracts",
    "fixtures",
    "tests",
}
SOURCES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def test_top_level_holds_nothing_beside_what_the_design_names() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert sorted(name for name in top - TOP_LEVEL if not name.startswith(".")) == []
    assert "pyproject.toml" in top


def properties(node: Any) -> Iterator[str]:
    """The names of fields in every schema below a node of an OpenAPI document, and the words of enums."""
    if isinstance(node, dict):
        found = node.get("properties")
        yield from found if isinstance(found, dict) else ()
        words = node.get("enum")
        yield from (word for word in words if isinstance(word, str)) if isinstance(words, list) else ()
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from properties(part)


def vendor_words() -> set[str]:
    """The words of everybody's data: names, paths, fields, enums, states, failures, messages, codes."""
    words: set[str] = set()
    for name in library.names():
        document = library.effective(name)
        behaviour = read(document, name)
        form = behaviour.refusals
        words |= {name, *document["paths"], *properties(document["paths"])}
        words |= set(properties(document.get("components", {})))
        for one in form.situations.values():
            words |= {one.message, str(form.code_of(one))}
        for family in behaviour.families:
            words |= {family.name, *family.lifecycle.names, *family.failures, *family.failures.values()}
    return words


def engine_words() -> set[str]:
    """The vocabulary of descriptions themselves, which code must know."""
    usual = {str(value) for row in SITUATIONS.values() for value in row.values()}
    return {
        *SITUATIONS,
        *usual,
        *NAMES,
        *OF_A_LIST,
        *ITEM_PARTS,
        "external_id",
        "callback_url",
        "aspect_ratio",
    }


def forbidden_words() -> set[str]:
    """Vendors' words that are no plain English ones: with a capital, a digit, a sign, or a space."""
    special = {word for word in vendor_words() if len(word) > 3 and re.search(r"[^a-z]", word)}
    return special - engine_words()


# Words that a vendor uses and that mean something of their own in that module.
OWN_MEANING = {
    "mockserver/play/mutations.py": {"THROTTLED", "IN_PROGRESS", "SUCCESS", "FAILURE", "CANCELED"},
    "specs/prose/alternatives.py": {"model_name"},
    "specs/prose/values.py": {"16:9", "9:16", "21:9"},
    "specs/render/arazzo.py": {"task_id"},
    "specs/behaviour/__init__.py": {"content_type"},
    # The usual shape of a picture, and the usual name of a schema in OpenAPI documents.
    "specs/behaviour/family_parts.py": {"16:9"},
    "specs/behaviour/described.py": {"16:9"},
    "specs/behaviour/openapi.py": {"Error"},
    "specs/conventions.py": {"Error"},
    # What the control plane lists: the path is one of ours, as it is one of the vendor's new generation.
    "contracts/handle.py": {"/tasks"},
    "mockserver/control/routes.py": {"/tasks"},
    # The tags @apiSuccess and @apiError of apiDoc comments.
    "specs/readers/rewritten/apidoc_comments.py": {"Success", "Error"},
}


def literals(source: str) -> set[str]:
    """Every text in a module's code; docstrings may name what they like."""
    tree = ast.parse(source)
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    }


def test_no_module_knows_a_vendors_words() -> None:
    forbidden = forbidden_words()
    found = {}
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        words = literals(path.read_text(encoding="utf-8")) & forbidden - OWN_MEANING.get(name, set())
        if words:
            found[name] = sorted(words)
    assert found == {}


def test_words_are_taken_from_the_data() -> None:
    assert forbidden_words() >= {
        "multi-image2image", "risk_control", "invalid_pixel", "subject_image_list", "kling-v2-1", "1201",
        "/v1/images/multi-image2image", "Failure to pass the risk control system", "openai-videos",
        "IN_QUEUE",
    }  # fmt: skip
    planted = '"""multi-image2video"""\nFAMILY = "multi-image2image"  # planted'
    assert literals(planted) == {"multi-image2image"}


# Keys that only an x-task has, and names that hold one.
TASK_KEYS = {
    "carries",
    "deduction",
    "observed_seconds",
    "query_parameters",
    "transitions",
    "initial",
    "states",
}
TASK_NAMES = re.compile(r"task$|^x_task$|^before$|^after$")


def raw_look_ups(source: str) -> list[str]:
    """Look-ups of x-task's own keys in a dictionary that is called a task."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            holder, key = node.func.value, node.args[0] if node.args else None
        else:
            continue
        name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
        if isinstance(key, ast.Constant) and key.value in TASK_KEYS and TASK_NAMES.search(str(name)):
            found.append(f"line {node.lineno}: {name}[{key.value!r}]")
    return found


def test_behaviour_is_read_in_one_place() -> None:
    found = {}
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        if not name.startswith("specs/behaviour/"):
            found[name] = raw_look_ups(path.read_text(encoding="utf-8"))
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_raw_look_up_would_be_noticed() -> None:
    planted = 'x = family.task["transitions"]\ny = task.get("states")\nz = task["id"]'
    assert raw_look_ups(planted) == ["line 1: task['transitions']", "line 2: task['states']"]


# What a module of commands says once for all of its functions.
FOR_ALL = "# Imports stand in the functions that need them: "


def unexplained_imports(source: str) -> list[str]:
    """Imports in functions without a comment in or above their group that says what is gained."""
    lines = source.splitlines()
    if any(line.startswith(FOR_ALL) for line in lines):
        return []
    found = []
    functions = (
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    bodies = {
        id(body): body
        for function in functions
        for node in ast.walk(function)
        for name in ("body", "orelse", "finalbody")
        if isinstance(body := getattr(node, name, None), list) and not isinstance(node, ast.ClassDef)
    }
    for body in bodies.values():
        for imports, group in itertools.groupby(body, lambda s: isinstance(s, ast.Import | ast.ImportFrom)):
            if imports:
                first, *_, last = [*(statements := list(group)), statements[-1]]
                if not any("#" in line for line in lines[max(0, first.lineno - 3) : last.end_lineno]):
                    found.append(f"line {first.lineno}: {ast.unparse(first)}")
    return found


def test_imports_in_functions_say_what_is_gained() -> None:
    """They hide what a module stands on: only where a command or server starts measurably sooner."""
    found = {str(p.relative_to(ROOT)): unexplained_imports(p.read_text(encoding="utf-8")) for p in SOURCES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_import_without_a_reason_would_be_noticed() -> None:
    planted = "def f():\n    x = 1\n    if x:\n        import json\n        import re\n"
    planted += "\n\ndef g():\n    x = 2\n    import csv  # here: 5 ms"
    assert unexplained_imports(planted) == ["line 4: import json"]
    assert unexplained_imports(f"{FOR_ALL}help comes 50 ms sooner.\n{planted}") == []


HEAVY = (
    "schemathesis",
    "hypothesis",
    "PIL",
    "pytest",
    "rich",
    "jsonpath",
    "starlette",
    # The parser of e-mail, for the version that a failure is reported with.
    "importlib.metadata",
    # What only other APIs than Kling's need, and what is asked for later.
    "understudy.specs.behaviour.axes",
    "understudy.specs.behaviour.axes_reading",
    "understudy.specs.behaviour.description",
    "understudy.specs.behaviour.openapi",
    "understudy.specs.overlay",
    "understudy.specs.secrets",
    "understudy.mockserver.play.described",
    "understudy.mockserver.control.plane",
    "understudy.mockserver.server.cors",
)


@pytest.mark.parametrize(
    "module",
    [
        "understudy.contracts.cli",
        "understudy.mockserver.cli",
        "understudy.mockserver.server",
        "understudy.mockserver.server.app",
    ],
)
def test_serve_starts_light(module: str) -> None:
    """The import path of `understudy serve` loads nothing that it does not need before the first answer."""
    program = f"import sys, {module}; print(*sorted(set(sys.modules) & {set(HEAVY)!r}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""


def test_comparing_two_specs_loads_no_reader_of_pages() -> None:
    """A second of every `understudy drift`, which few of its sides need."""
    program = "import sys, understudy.specs.cli.drift; print('understudy.specs.readers' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"
