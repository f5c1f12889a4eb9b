"""A document that is not one plain file: references to files beside it, merge keys, streams, UTF-16."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.specs.readers.stated import expected, facts_of

from understudy.specs.documents import Document, load_file
from understudy.specs.readers import read
from understudy.specs.readers.trees.nodes import BrokenError
from understudy.specs.readers.trees.yaml_nodes import parse_yaml

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """openapi: 3.0.1
info: {title: a, version: '1'}
paths:
  /v1/images/multi-image2image:
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: 'schemas/all.yaml#/Request'}
"""
ALL = """Request:
  type: object
  required: [subject_image_list]
  properties:
    subject_image_list: {type: array, maxItems: 4, items: {$ref: '#/Item'}}
    n: {$ref: count.json}
Item:
  type: object
  properties:
    subject_image: {type: string}
"""
COUNT = '{"type": "integer",\n "minimum": 1, "maximum": 9}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "api" / "schemas").mkdir(parents=True)
    (tmp_path / "api" / "openapi.yaml").write_text(MAIN, encoding="utf-8")
    (tmp_path / "api" / "schemas" / "all.yaml").write_text(ALL, encoding="utf-8")
    (tmp_path / "api" / "schemas" / "count.json").write_text(COUNT, encoding="utf-8")
    return tmp_path / "api"


def test_references_to_files_beside_are_followed_and_said_with_their_file(folder: Path) -> None:
    reading = read(load_file(folder / "openapi.yaml"))

    (operation,) = reading.operations
    places = {".".join(one.path): {str(word.evidence) for word in one.keywords} for one in operation.request}
    assert places == {
        "subject_image_list": {"all.yaml:3 declared", "all.yaml:5 declared"},
        "subject_image_list.[]": {"all.yaml:8 declared"},
        "subject_image_list.[].subject_image": {"all.yaml:10 declared"},
        "n": {"all.yaml:3 declared", "count.json:1 declared", "count.json:2 declared"},
    }
    assert reading.notes == ()


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("schemas/none.yaml", "cannot read the document: No such file"),
        ("../../etc/x.yaml", "outside of the document's folders"),
        ("https://elsewhere.example/x.yaml", "no file beside the document"),
        ("schemas/all.yaml#/Nothing", "a reference to nothing"),
    ],
)
def test_reference_that_leads_nowhere_is_noted_with_its_line(folder: Path, ref: str, says: str) -> None:
    (folder / "openapi.yaml").write_text(MAIN.replace("schemas/all.yaml#/Request", ref), encoding="utf-8")

    (note,) = read(load_file(folder / "openapi.yaml")).notes

    assert (note.kind, note.document, note.line) == ("problem", "openapi.yaml", 9)
    assert says in note.text


def test_document_without_a_place_follows_no_file() -> None:
    (note,) = read(Document("openapi.yaml", MAIN)).notes

    assert "no file beside the document" in note.text


def test_merge_keys_are_merged() -> None:
    text = MAIN.replace(
        "paths:",
        "x-base: &base\n  type: object\n  properties:\n    n: {type: integer, maximum: 9}\n"
        "    mode: {type: string}\npaths:",
    ).replace("{$ref: 'schemas/all.yaml#/Request'}", "{!!merge <<: *base, required: [n]}")

    assert facts_of(read(Document("x.yaml", text))) == expected("""
POST /v1/images/multi-image2image
n integer R max=9
mode string o
""")


def test_merge_of_itself_is_refused_with_its_line() -> None:
    with pytest.raises(BrokenError) as refused:
        parse_yaml("a: &a\n  b: 1\n  <<: *a\n")

    assert (refused.value.line, refused.value.what) == (3, "a merge of what is no mapping before it")


def test_each_document_of_a_stream_is_read() -> None:
    other = MAIN.replace("images/multi-image2image", "videos/multi-image2video")
    schema = "{type: object, properties: {n: {type: integer}}}"
    text = f"---\n{MAIN}---\n{other}".replace("{$ref: 'schemas/all.yaml#/Request'}", schema)

    assert [(one.path, one.line) for one in read(Document("x.yaml", text)).operations] == [
        ("/v1/images/multi-image2image", 6),
        ("/v1/videos/multi-image2video", 16),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "gb18030"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    text = "POST /v1/x\n\n| 参数 | 类型 | 必填 | 说明 |\n|---|---|---|---|\n| n | int | 是 | 张数，1-9 |\n"

    reading = read(Document.from_bytes("x.md", text.encode(encoding)))

    assert facts_of(reading) == expected("POST /v1/x\nn integer R min=1 max=9")
