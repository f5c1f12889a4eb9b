"""No pattern of the readers, of prose or of documents takes more than linear time, however it is pumped.

A pattern that takes hardly anything on a thousand characters would, if it were quadratic, still take little
on ten thousand, and is not looked at further; of the others the time on four thousand is held against that on
one thousand. Both are times of this process alone.
"""

from __future__ import annotations

import re

import pytest
from tests.specs.readers.pumped import Used, patterns_of, pumps

# Package -> how many patterns it has at least, so that none is passed over.
PACKAGES = {"understudy.specs.readers": 700, "understudy.specs.prose": 150, "understudy.specs.documents": 10}
# Seconds on a thousand characters below which not even a quadratic pattern is slow on ten thousand.
QUICK = 0.0006
# Four times the text takes four times as long where a pattern is linear, sixteen times where it is quadratic.
TIMES = 9


def superlinear(used: Used) -> list[str]:
    """The pumps on which a pattern is more than linear; the first one is enough."""
    for head, unit in pumps(used.pattern):
        short = f"{head}{unit * (1000 // len(unit))}\0"
        if used.once(short) < QUICK or used.tried(short) < QUICK:
            continue
        long = f"{head}{unit * (4000 // len(unit))}\0"
        # Another process may have taken the cache: three measurements must agree.
        if all(used.tried(long) > TIMES * max(used.tried(short), QUICK / 2) for _ in range(3)):
            return [f"{used.name}: {head!r} and many {unit!r}"]
    return []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_pattern_is_linear(package: str) -> None:
    patterns = patterns_of(package)

    assert len(patterns) >= PACKAGES[package]
    assert [found for used in patterns for found in superlinear(used)] == []


@pytest.mark.parametrize("pattern", [r"\s*,\s*x", r"(?:a|b)*[cd]"])
def test_a_pattern_that_is_not_is_found(pattern: str) -> None:
    assert superlinear(Used("planted", re.compile(pattern), is_anchored=False)) != []
