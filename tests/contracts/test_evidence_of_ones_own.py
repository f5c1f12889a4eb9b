"""A provider of one's own is held to what its document states, and each promise is shown at its line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from understudy.contracts.evidence import field_source, promised, stated_in
from understudy.contracts.target import read_target
from understudy.specs import library
from understudy.specs.importing import import_documents

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PAGE = """POST /v1/images/multi-image2image

| Field | Type | Required | Description |
|---|---|---|---|
| subject_image_list | array | yes | up to 3 images |
| prompt | string | no | at most 400 characters |
"""


def test_what_its_document_does_not_state_is_no_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(library.ENVIRONMENT, raising=False)
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    import_documents(tmp_path, ["page.md"], "one-of-ones-own", date(2026, 11, 21))
    target = read_target("one-of-ones-own")
    family = target.family("multi-image2image")

    assert promised(target, family, "/prompt", "maxLength")
    assert stated_in(target, family, "/prompt", "maxLength") == "page.md:6"
    assert not promised(target, family, "/negative_prompt", "maxLength")
    assert field_source(target, family, "/subject_image_list", "maxItems").startswith("specs/")
