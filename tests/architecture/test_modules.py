"""What holds between modules: no circles, a name for one thing, decisions from types, not from sentences."""

from __future__ import annotations

import ast
from collections import defaultdict

import pytest
from tests.architecture import source

# Public class names that two modules define, each with the reason why they are not one.
SHARED_NAMES = {
    "Account": "what a key opens: the mock's own record, and the handle that a test holds of it",
    "Delivery": "a callback as the mock owes it, and as a receiver has seen it",
    "Fact": "what a comparison states, and what a person states in provider.toml",
    "Place": "of a difference in a document, and of a field among providers",
}
MOST_SHARED = 0.05
MOST_PARAMETERS = 7


def test_no_module_imports_itself_through_others() -> None:
    assert source.circles(source.imports(source.modules())) == []


def test_circle_through_an_import_for_types_is_found() -> None:
    one = ast.parse("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from understudy.b import B")
    two = ast.parse("def f():\n    import understudy.c")
    three = ast.parse("from understudy import a")
    trees = {"understudy.a": one, "understudy.b": two, "understudy.c": three, "understudy.d": three}
    assert source.circles(source.imports(trees)) == [["understudy.a", "understudy.b", "understudy.c"]]


def test_public_class_names_stand_for_one_thing() -> None:
    places = defaultdict(set)
    for name, tree in source.modules().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].add(name)
    twice = {name: sorted(where) for name, where in places.items() if len(where) > 1}
    assert {name: where for name, where in twice.items() if name not in SHARED_NAMES} == {}
    assert sorted(SHARED_NAMES.keys() - twice.keys()) == []
    assert len(twice) / len(places) <= MOST_SHARED


def test_functions_take_few_parameters() -> None:
    """Outside command lines, where each option is a parameter."""
    many = [
        f"{name}.{function.name}"
        for name, tree in source.modules().items()
        if ".cli" not in name
        for function in source.functions(tree)
        if source.parameters(function) > MOST_PARAMETERS
    ]
    assert many == []


@pytest.mark.parametrize("name", source.files())
def test_no_decision_is_read_from_a_sentence(name: str) -> None:
    assert [ast.unparse(node) for node in source.decisions_from_sentences(source.module(name))] == []


@pytest.mark.parametrize(
    "planted",
    [
        "skip.reason.startswith('not afforded')",
        "BUDGETS.findall(judgement.reason)",
        "'no operation' in note",
        "'locked' in str(error)",
        "plan.label.rpartition('/')",
        "message.lower().count(',')",
    ],
)
def test_planted_decision_is_found(planted: str) -> None:
    assert [ast.unparse(n) for n in source.decisions_from_sentences(ast.parse(planted))] == [planted]


def test_type_of_an_outcome_is_no_sentence() -> None:
    assert (
        source.decisions_from_sentences(ast.parse("skip.kind is Kind.BUDGET and name.startswith('x-')")) == []
    )
