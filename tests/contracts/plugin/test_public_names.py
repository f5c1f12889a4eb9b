"""What `from understudy import …` gives, and what it costs to have it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import understudy

GUIDE = (Path(__file__).parents[3] / "fixtures" / "clients" / "GUIDE.md").read_text()
NAMES = [
    "Account",
    "AccountClock",
    "Answered",
    "AsyncAccount",
    "AsyncClock",
    "Callback",
    "MockServer",
    "UnderstudyError",
    "adeliver",
    "deliver",
    "mock_server",
]


def test_exported_names_are_these_and_each_is_there():
    assert understudy.__all__ == NAMES
    assert [getattr(understudy, name).__name__ for name in NAMES] == NAMES
    assert set(NAMES) <= set(dir(understudy))


def test_guide_lists_every_exported_name():
    _, _, section = GUIDE.partition("`understudy` exports")
    table = section.partition("\n\nWithout pytest")[0]
    names = [cell.partition("|")[0] for cell in re.findall(r"^\| (`.*)$", table, re.MULTILINE)]
    assert sorted(re.findall(r"`(\w+)", " ".join(names))) == NAMES


def test_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'understudy' has no attribute 'mock'"):
        _ = understudy.mock  # type: ignore[attr-defined]


def test_importing_the_package_loads_nothing_but_itself():
    code = "import sys; import understudy; print([n for n in sys.modules if n.startswith('understudy.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
