"""Calls at one address that a parameter of the query or a header tells apart."""

from __future__ import annotations

import pytest

from understudy.specs.behaviour.told_apart import Mark, apart, sent_to, with_query


@pytest.mark.parametrize(
    ("path", "bare", "mark"),
    [
        ("/?Action=Submit", "/", Mark("query", "Action", "Submit")),
        ("/open/{id}?Action=Get.v1", "/open/{id}", Mark("query", "Action", "Get.v1")),
        ("/#X-Acme-Action=Submit", "/", Mark("header", "X-Acme-Action", "Submit")),
        ("/v1/loops", "/v1/loops", None),
        ("/v1/loops?a=b&c=d", "/v1/loops?a=b&c=d", None),
    ],
)
def test_what_tells_a_call_apart_stands_behind_its_path(path: str, bare: str, mark: Mark | None) -> None:
    assert apart(path) == (bare, mark)


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ("/?Action=Get", "", "/?Action=Get"),
        ("/?Action=Get", "id=7", "/?Action=Get&id=7"),
        ("/#X-Action=Get", "id=7", "/?id=7"),
        ("/v1/loops", "id=7", "/v1/loops?id=7"),
        ("/v1/loops", "", "/v1/loops"),
    ],
)
def test_a_request_goes_to_the_path_with_its_query_and_without_the_mark_of_a_header(
    path: str, query: str, target: str
) -> None:
    assert sent_to(path, query) == target


def test_a_query_stands_before_the_mark_of_a_header() -> None:
    assert with_query("/#X-Action=Get", "id=7") == "/?id=7#X-Action=Get"


@pytest.mark.parametrize(
    ("mark", "query", "header", "is_on"),
    [
        (Mark("query", "Action", "Get"), "Version=1&Action=Get", "", True),
        (Mark("query", "Action", "Get"), "Action=Submit", "", False),
        (Mark("query", "Action", "Get"), "", "Get", False),
        (Mark("header", "X-Action", "Get"), "", "Get", True),
        (Mark("header", "X-Action", "Get"), "X-Action=Get", "", False),
    ],
)
def test_a_request_has_a_mark_where_that_stands(mark: Mark, query: str, header: str, is_on: bool) -> None:
    assert mark.is_on(query, header) is is_on
