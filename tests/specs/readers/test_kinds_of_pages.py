"""Kinds of pages that were once misread, several documents each: all that they state is read, nothing else.

A case file holds documents and, behind each, what it states: see `stated`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.specs.readers.stated import differences, expected, facts_of

from understudy.specs.documents import Document, load_file
from understudy.specs.readers import read

FOLDER = Path(__file__).parents[3] / "fixtures" / "docs" / "kinds"
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "documents"


def cases() -> list[tuple[str, str, str, str]]:
    found = []
    for file in sorted(FOLDER.glob("*.cases")):
        parts = re.split(r"^@@ (.*)\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        for name, text, _, wanted in zip(*[iter(parts)] * 4, strict=True):
            found.append((file.stem, name, text, wanted))
    return found


CASES = cases()


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [case[1:] for case in CASES],
    ids=[f"{kind}-{name}" for kind, name, *_ in CASES],
)
def test_page_is_read_as_it_stands(name: str, text: str, wanted: str) -> None:
    assert differences(facts_of(read(Document(name, text))), expected(wanted)) == []


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("all-speak-json.md", ["/v1/clips/{id}"]),
        ("one-form-of-answer.md", ["/v1/clips/{id}", "/v1/loops/{id}"]),
    ],
)
def test_an_answer_is_of_the_queries_alone_of_which_it_is_said(name: str, paths: list[str]) -> None:
    text = next(text for kind, one, text, _ in CASES if (kind, one) == ("of-one-call-alone", name))

    assert [one.path for one in read(Document(name, text)).operations if one.responses] == paths


def test_each_kind_has_three_documents_at_least() -> None:
    kinds = [kind for kind, *_ in CASES]

    assert len(set(kinds)) >= 30
    assert [kind for kind in set(kinds) if kinds.count(kind) < 3] == []


def test_a_fact_that_is_read_otherwise_is_found() -> None:
    name, text, wanted = next(case[1:] for case in CASES if case[0] == "options-one-a-line")

    changed = Document(name, text.replace("6 elements", "5 elements"))

    assert differences(facts_of(read(changed)), expected(wanted)) == [
        "POST /v1/videos/multi-image2video ('', 'image_list'): maxItems is 5, not 6"
    ]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases are not part of the repository")
def test_shared_cases_are_read_as_expected() -> None:
    wrong = {}
    for wanted in sorted(SHARED.glob("*.expected")):
        page = next(path for path in SHARED.glob(f"{wanted.stem}.*") if path != wanted)
        found = differences(facts_of(read(load_file(page))), expected(wanted.read_text(encoding="utf-8")))
        if found:
            wrong[page.name] = found

    assert wrong == {}


@pytest.mark.parametrize(
    "anchor", ['### <a name="x"/>', '### <a name="x"></a>', '<a id="x"></a>', "### ", "## **"]
)
def test_an_anchor_alone_is_no_heading(anchor: str) -> None:
    text = (
        f"POST /v1/x\n\n{anchor}\n\n- **`prompt`** (`string`, _required_): words\n{anchor}\n- `n` (integer)\n"
    )

    assert facts_of(read(Document("x.md", text))) == expected("POST /v1/x\nprompt string R\nn integer")
