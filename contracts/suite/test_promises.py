"""One test for each promise and family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from understudy.contracts.checks import PROMISES, Judgement
from understudy.contracts.checks.judge import applies
from understudy.contracts.failures import Verdict
from understudy.contracts.report import build
from understudy.contracts.target import read_target

if TYPE_CHECKING:
    from understudy.contracts.target import Target
    from understudy.contracts.trace import Conversation


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "promise" in metafunc.fixturenames:
        target = read_target(metafunc.config.getoption("--understudy-provider"))
        wanted = metafunc.config.getoption("--understudy-family")
        rows = [
            pytest.param(promise.id, family.name, id=f"{promise.id}-{family.name}")
            for promise in PROMISES.values()
            for family in target.asked(wanted)
            if applies(promise, family)
        ]
        metafunc.parametrize(("promise", "family"), rows)


@pytest.fixture
def judgement(
    promise: str, family: str, understudy_judgements: dict[tuple[str, str], Judgement]
) -> Judgement:
    """The verdict; "could not tell" is an error and no failure, "not checked" is skipped."""
    found = understudy_judgements.get((promise, family))
    if found is None:
        pytest.skip(f"not checked: the budget does not buy {family}; --understudy-family {family} asks it")
    if found.verdict is Verdict.UNCHECKED:
        pytest.skip(f"not checked: {found.reason}")
    if found.verdict is Verdict.UNCLEAR:
        pytest.fail(f"could not tell: {found.reason}", pytrace=False)
    return found


def test_promise(
    judgement: Judgement, understudy_conversation: Conversation, understudy_target: Target
) -> None:
    if judgement.verdict is Verdict.BROKEN:
        [row] = build([judgement], understudy_conversation, understudy_target).rows[:1]
        evidence = [f"{d.title}:\n{d.text}\n{d.beside}".rstrip() for d in row.details]
        where = " ".join(str(p) for p in row.places)
        pytest.fail("\n\n".join([row.title, row.text, where, *evidence]), pytrace=False)
