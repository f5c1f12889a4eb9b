"""Fields without names get the canonical name that their wording, type, values and order fit, or stay
unnamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.specs.documents import load_file
from understudy.specs.model import Evidence, Field, Keyword
from understudy.specs.readers import read
from understudy.specs.readers.fields.identify import identify

ROOT = Path(__file__).parents[3]
ORIGINALS = ROOT.parent / "shared" / "docs"
NAME = "powertokens-multi-image2image.txt"
SOMEWHERE = Evidence("page", 1, "declared")


def field(name: str, wording: str = "", **keywords: object) -> Field:
    path = tuple(name.split("."))
    return Field(path, tuple(Keyword(k, v, SOMEWHERE) for k, v in keywords.items()), wording=wording)


# Nothing of Kling: a made-up family, so that no knowledge of one can help.
CANON = (
    field("engine_name", type="string", enum=["owl-1", "owl-2"]),
    field("lyrics", type="string", maxLength=600),
    field("negative_prompt", type="string", maxLength=300),
    field("duration", type="integer", minimum=5, maximum=60),
    field("seed", type="integer"),
    field("callback_url", type="string"),
    field("watermark.enabled", type="boolean"),
)


def names(fields: tuple[Field, ...]) -> list[str]:
    return [".".join(f.path) for f in fields]


def kling_request() -> tuple[Field, ...]:
    promise = read(load_file(ROOT / "specs" / "providers" / "kling" / "promise.yaml"), "vendor")
    return next(
        o.request for o in promise.operations if o.path == "/v1/images/multi-image2image" and o.request
    )


@pytest.mark.parametrize("folder", [ROOT / "fixtures" / "docs", ORIGINALS], ids=["ours", "original"])
def test_page_without_names_is_identified_in_full(folder: Path) -> None:
    if not folder.is_dir():
        pytest.skip("the originals are not part of the repository")
    canonical = kling_request()

    request = identify(read(load_file(folder / NAME)).operations[0].request, canonical)

    assert [(".".join(f.path), f.confidence) for f in request] == [
        ("model_name", 0.8),
        ("subject_image_list", 1.0),
        ("subject_image_list.[]", 1.0),
        ("subject_image_list.[].subject_image", 1.0),
        ("prompt", 1.0),
        ("scene_image", 0.99),
        ("style_image", 1.0),
        ("n", 0.96),
        ("aspect_ratio", 0.95),
        ("watermark_info.enabled", 0.95),
        ("callback_url", 0.84),
        ("external_task_id", 0.94),
    ]


@pytest.mark.parametrize(
    ("wording", "keywords", "name"),
    [
        ("Engine name", {}, "engine_name"),
        ("Model", {"enum": ["owl-1"]}, "engine_name"),
        ("模型名称", {}, "engine_name"),
        ("Lyrics to sing", {}, "lyrics"),
        ("Unwanted things in the prompt", {}, "negative_prompt"),
        ("负向提示词", {"maxLength": 300}, "negative_prompt"),
        ("Length in seconds", {"minimum": 5}, "duration"),
        ("Webhook address for changes", {}, "callback_url"),
        ("回调通知地址", {}, "callback_url"),
        ("Whether to add a watermark", {"type": "boolean"}, "watermark.enabled"),
    ],
)
def test_wording_names_a_field_when_it_fits(wording: str, keywords: dict[str, object], name: str) -> None:
    assert names(identify([field("", wording, **keywords)], CANON)) == [name]


@pytest.mark.parametrize(
    ("wording", "keywords"),
    [
        ("Something else altogether", {}),
        ("", {"type": "integer"}),
        ("Seed", {"type": "string"}),  # the type speaks against the only name that fits
        ("Extra options of the request", {}),
    ],
)
def test_field_stays_unnamed_when_nothing_fits(wording: str, keywords: dict[str, object]) -> None:
    (kept,) = identify([field("", wording, **keywords)], CANON)

    assert kept.path == ("",)
    assert kept.confidence < 0.6


def test_name_is_given_once() -> None:
    given = identify([field("", "Seed"), field("", "Seed")], CANON)

    assert sorted(names(given)) == ["", "seed"]


def test_name_that_the_document_itself_uses_is_not_given_again() -> None:
    given = identify([field("seed"), field("", "Seed")], CANON)

    assert names(given) == ["seed", ""]


def test_two_fields_of_the_same_wording_take_confidence_from_each_other() -> None:
    twins = (field("left_image", type="string"), field("right_image", type="string"))

    (sure,) = identify([field("", "Left image")], twins)
    (unsure,) = identify([field("", "Image")], twins)

    assert sure.path == ("left_image",)
    assert unsure.path == ("",)


def test_order_of_the_fields_changes_no_name() -> None:
    given = [field("", "Callback URL"), field("", "Seed"), field("", "Lyrics"), field("", "Engine name")]

    assert names(identify(given, CANON)) == ["callback_url", "seed", "lyrics", "engine_name"]


def test_what_is_nested_follows_its_field() -> None:
    given = [field("", "Seed"), Field(("", "[]"), (Keyword("type", "integer", SOMEWHERE),))]

    assert names(identify(given, CANON)) == ["seed", "seed.[]"]
