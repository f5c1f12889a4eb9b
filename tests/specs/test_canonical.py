"""The canonical merge: vendor first, every name of a dated enum, and a record of every disagreement."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from understudy.specs.canonical import (
    AGREED,
    EVERY_NAME,
    NOT_THE_VENDORS,
    OPEN,
    VENDOR_FIRST,
    merge,
    natural,
    prefixes,
)
from understudy.specs.model import Field, Operation, ProviderSpec
from understudy.specs.render import disagreements
from understudy.specs.tree import copied

KEY = "POST /v1/things"


def document(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    body = {"content": {"application/json": {"schema": schema}}}
    answer = {"description": "", "content": {"application/json": {"schema": copied(schema)}}}
    return {"paths": {"/v1/things": {"post": {"requestBody": body, "responses": {"200": answer}}}}}


def spec(name: str, *request: Field, answer: tuple[Field, ...] = (), **more: Any) -> ProviderSpec:
    operation = Operation("POST", "/v1/things", request, MappingProxyType({"200": answer} if answer else {}))
    return ProviderSpec(name, name.title(), MappingProxyType({KEY: operation}), **more)


def properties(merged: dict[str, Any]) -> dict[str, Any]:
    post = merged["paths"]["/v1/things"]["post"]
    return post["requestBody"]["content"]["application/json"]["schema"]["properties"]


def test_nobody_disagrees_when_all_say_the_same(field) -> None:
    base = document({"n": {"type": "integer", "maximum": 9}})
    same = field("n", type="integer", maximum=9)
    merged = merge(base, spec("vendor", same), [spec("b", same), spec("a", same)])
    assert merged.document == {**base, "servers": [{"url": "/"}]}
    assert (merged.disagreements, merged.taken) == ((), ())


def test_a_dated_enum_takes_every_name_and_keeps_the_vendors_default(field) -> None:
    base = document({"model": {"enum": ["m-2"], "default": "m-2", "x-dated": "2026-11"}})
    merged = merge(
        base,
        spec("vendor", field("model", enum=["m-2"])),
        [spec("b", field("model", enum=["m-10", "m-2"])), spec("a", field("model", enum=["m-1"], line=7))],
    )
    assert properties(merged.document)["model"] == {
        "enum": ["m-1", "m-2", "m-10"],
        "default": "m-2",
        "x-dated": "2026-11",
    }
    (record,) = merged.disagreements
    assert (record.path, record.keyword, record.chosen, record.why) == (
        ("model",),
        "enum",
        ["m-1", "m-2", "m-10"],
        EVERY_NAME,
    )
    assert [(who, value) for who, value, _ in record.says] == [
        ("vendor", ["m-2"]),
        ("a", ["m-1"]),
        ("b", ["m-10", "m-2"]),
    ]


@pytest.mark.parametrize(
    ("vendors", "others", "chosen", "why"),
    [
        ({"maximum": 9}, [{"maximum": 4}], 9, VENDOR_FIRST),
        ({"enum": ["a"]}, [{"enum": ["a", "b"]}], ["a"], VENDOR_FIRST),
        ({"required": False}, [{"required": True}], False, VENDOR_FIRST),
        ({}, [{"required": True}], False, VENDOR_FIRST),
        ({}, [{"maximum": 4}, {"maximum": 5}], None, OPEN),
    ],
)
def test_otherwise_the_vendors_word_goes_first(
    field, vendors: dict, others: list, chosen: Any, why: str
) -> None:
    base = document({"n": dict(vendors)})
    several = [spec(f"p{i}", field("n", **words)) for i, words in enumerate(others)]
    merged = merge(base, spec("vendor", field("n", **vendors)), several)
    assert properties(merged.document)["n"] == vendors
    assert [(one.chosen, one.why) for one in merged.disagreements] == [(chosen, why)]


def test_what_all_say_where_the_vendor_is_silent_is_taken(field) -> None:
    merged = merge(
        document({"n": {}}),
        spec("vendor", field("n")),
        [spec("a", field("n", maximum=4, x_image={"min_side": 1})), spec("b", field("n", maximum=4))],
    )
    assert properties(merged.document)["n"] == {"maximum": 4}
    assert [(one.keyword, one.chosen, one.why) for one in merged.taken] == [("maximum", 4, AGREED)]


def test_an_answer_stays_the_vendors(field) -> None:
    base = document({"code": {"type": "integer"}})
    vendor = spec("vendor", answer=(field("code", type="integer"),))
    merged = merge(base, vendor, [spec("a", answer=(field("code", type="string", minLength=1),))])
    assert merged.document["paths"] == base["paths"]
    assert [(one.body, one.keyword, one.chosen) for one in merged.disagreements] == [
        ("200", "type", "integer")
    ]


def test_a_field_that_the_vendor_does_not_know_stays_out(field) -> None:
    base = document({"n": {}})
    merged = merge(base, spec("vendor", field("n")), [spec("a", field("seed", type="integer"))])
    assert properties(merged.document) == {"n": {}}
    assert [(one.path, one.keyword, one.why) for one in merged.disagreements] == [
        (("seed",), "field", NOT_THE_VENDORS)
    ]


def test_another_name_for_a_field_is_a_disagreement(field) -> None:
    other = spec("a", field("scene", type="string"), aliases={KEY: {("scene",): "scence"}})
    merged = merge(document({"scene": {}}), spec("vendor", field("scene", type="string")), [other])
    (record,) = merged.disagreements
    assert (record.keyword, [(who, value) for who, value, _ in record.says], record.chosen) == (
        "name",
        [("vendor", "scene"), ("a", "scence")],
        "scene",
    )


def test_neither_the_order_of_an_enum_nor_silence_in_an_extension_is_a_disagreement(field) -> None:
    vendor = spec("vendor", field("x", enum=["a", "b"], x_image={"min_side": 300, "max_bytes": 9}))
    other = spec("a", field("x", enum=["b", "a"], x_image={"min_side": 300}))
    assert merge(document({"x": {}}), vendor, [other]).disagreements == ()


def test_servers_are_the_prefixes_of_all_providers_and_none() -> None:
    several = [
        spec("a", servers=("https://a/kling", "https://b/kling")),
        spec("b", servers=("/klingai",)),
        spec("vendor", servers=("https://v",)),
    ]
    assert prefixes(several) == ["/kling", "/klingai", "/"]


def test_names_are_sorted_as_people_count() -> None:
    assert sorted(["v2-10", "v2", "v10", "v2-1"], key=natural) == ["v2", "v2-1", "v2-10", "v10"]


HEAD = "| field | keyword | who says what | chosen | why |\n| --- | --- | --- | --- | --- |\n"


def test_disagreements_are_rendered_with_who_says_what_and_where(field) -> None:
    merged = merge(
        document({"n": {"maximum": 9}}),
        spec("vendor", field("n", line=3, document="promise.yaml", maximum=9)),
        [spec("a", field("n", line=7, document="a|b.md", maximum=4, minimum=1))],
    )
    assert disagreements(merged.disagreements, merged.taken).split("\n", 5)[5] == (
        "## POST /v1/things, request\n\n"
        f"{HEAD}| `n` | maximum | vendor: 9 (promise.yaml:3); a: 4 (a\\|b.md:7) | 9 | {VENDOR_FIRST} |\n\n"
        "## Taken from others where the vendor is silent\n\n"
        "### POST /v1/things, request\n\n"
        f"{HEAD}| `n` | minimum | a: 1 (a\\|b.md:7) | 1 | {AGREED} |\n"
    )
