"""Waivers: by fingerprint, for a reason, until a day."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from understudy.specs.drift.finding import Finding
from understudy.specs.drift.waivers import read_waivers, waive
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from pathlib import Path

TODAY = datetime.date(2026, 11, 21)
FOUND = Finding(rule="operation-removed", verdict="breaks clients", title="gone", fingerprint="0123456789ab")


def waivers(tmp_path: Path, *entries: str):
    file = tmp_path / "waivers.toml"
    file.write_text("\n".join(f"[[waiver]]\n{entry}\n" for entry in entries))
    return read_waivers(file)


def entry(fingerprint: str = "0123456789ab", expires: str = "2026-11-21", more: str = "") -> str:
    return f'fingerprint = "{fingerprint}"\nreason = "we moved"\nexpires = {expires}\n{more}'


def waived(found, *, base: str = "a", revision: str = "b"):
    findings = waive([FOUND], found, base=base, revision=revision, today=TODAY)
    return [(f.rule, f.waived) for f in findings]


def test_a_finding_is_waived_on_the_last_day(tmp_path: Path) -> None:
    assert waived(waivers(tmp_path, entry())) == [("operation-removed", "we moved")]


def test_an_expired_waiver_waives_nothing_and_is_a_finding(tmp_path: Path) -> None:
    found = waivers(tmp_path, entry(expires="2026-11-20"))
    assert waived(found) == [("operation-removed", ""), ("waiver-expired", "")]


def test_a_waiver_that_fits_nothing_is_a_finding_with_its_line(tmp_path: Path) -> None:
    found = waivers(tmp_path, entry(), entry("ffffffffffff"))
    findings = waive([FOUND], found, base="a", revision="b", today=TODAY)
    assert [(f.rule, f.revision and f.revision.line) for f in findings] == [
        ("operation-removed", None),
        ("waiver-not-needed", 7),
    ]


def test_a_waiver_for_other_sides_says_nothing(tmp_path: Path) -> None:
    found = waivers(tmp_path, entry(more='base = "canonical"'))
    assert waived(found) == [("operation-removed", "")]
    assert waived(found, base="canonical") == [("operation-removed", "we moved")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[waiver]]\nreason = 'x'\nexpires = 2026-01-01", "waivers.toml:1: a waiver needs a fingerprint"),
        ("[[waiver]]\nfingerprint = 'x'\nexpires = 2026-01-01", "waivers.toml:1: a waiver needs a reason"),
        ("\n[[waiver]]\nfingerprint = 'x'\nreason = 'y'", "waivers.toml:2: a waiver needs an expiry date"),
        ("[[waiver]]\nfingerprint = 'x'\nreason = 'y'\nuntil = 1", "waivers.toml:1: no key 'until'"),
        ("[waver]\nx = 1", "waivers.toml: no table 'waver'"),
        ("[[waiver]", "waivers.toml: is not TOML"),
    ],
)
def test_what_is_not_a_waiver_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "waivers.toml").write_text(text)
    with pytest.raises(UnderstudyError) as error:
        read_waivers(tmp_path / "waivers.toml")
    assert message in str(error.value)
