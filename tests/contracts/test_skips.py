"""Why a promise was not checked: decided by kind, said last."""

from __future__ import annotations

from decimal import Decimal

import pytest

from understudy.contracts.skips import MISSED, Skip, SkipKind, from_json, sentence, to_json


@pytest.mark.parametrize("kind", SkipKind)
def test_every_kind_has_a_sentence_and_comes_back_from_a_file(kind: SkipKind) -> None:
    skip = Skip(kind, Decimal(4), Decimal("9.5"), " (429 busy)")
    assert sentence(skip)
    assert from_json(to_json(skip)) == skip


def test_what_the_run_set_out_to_see_and_did_not_is_missed() -> None:
    assert {k.value for k in MISSED} == {
        "not-afforded", "used-up", "no-create-accepted", "no-task-ended", "every-task-failed", "no-time"
    }  # fmt: skip


def test_a_file_from_before_skips_had_kinds_is_read_without_reading_its_sentence() -> None:
    assert from_json("not affordable with a budget of 4") == Skip(SkipKind.NOTHING_SEEN)
