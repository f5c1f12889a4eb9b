"""Bodies of creates at a described API: bounded and named by the function that reads all."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from tests.mocks import mock_account
from tests.mockserver.conftest import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/v1/models/black-forest-labs/flux-schnell/predictions"
BODIES = [
    (b'{"input": {"prompt": "a", "more": ' + b"[" * 70 + b"]" * 70 + b"}}", "nested more than 64 deep"),
    (b'{"input": {"prompt": "a", "more": [' + b"1," * 10_000 + b"1]}}", "holds more than 10000 values"),
    (gzip.compress(b'{"input": {"prompt": "a"}}', mtime=0), "is compressed (gzip)"),
]


@pytest.fixture(scope="module")
def replicate() -> Iterator[Client]:
    with mock_account("replicate") as account:
        yield Client(account)


@pytest.mark.parametrize(("body", "said"), BODIES, ids=["deep", "many", "compressed"])
def test_body_that_is_too_much_or_unreadable_is_refused_by_name(
    replicate: Client, body: bytes, said: str
) -> None:
    answer = replicate.post(PATH, body)
    assert (answer.status, said in answer.raw.decode()) == (400, True), answer.raw
    assert replicate.mock.tasks == []
