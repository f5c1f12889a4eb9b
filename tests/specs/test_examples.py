"""The example requests in the five documents, mended only where they break rules, are accepted by all:
the provider's effective spec as they stand; canonical spec and mock once names and shapes are the vendor's.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from tests.mocks import mock_account

from understudy.specs import library
from understudy.specs.documents import load_file
from understudy.specs.readers import read
from understudy.specs.tree import copied, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = {"ours": ROOT / "fixtures" / "docs", "originals": ROOT.parent / "shared" / "docs"}
DOCUMENTS = {
    "chainhub-multi-image2image.md": "chainhub",
    "chainhub-multi-image2video.md": "chainhub",
    "cometapi-multi-image2image.md": "cometapi",
    "powertokens-multi-image2image.txt": "powertokens",
    "yutoai-multi-image2image.txt": "yutoai",
}
PATHS = ["/v1/images/multi-image2image", "/v1/videos/multi-image2video"]


@dataclass(frozen=True)
class Mend:
    """One change to one provider's example, and the rule that it breaks without."""

    provider: str
    reason: str
    change: Callable[[dict[str, Any]], Any]


def with_urls(example: dict[str, Any]) -> None:
    for number, item in enumerate(example["subject_image_list"]):
        item["subject_image"] = f"https://a.example/{number}.png"


MENDS = (
    Mend(
        "powertokens",
        "a placeholder stands for each image, neither the URL nor the Base64 that the page asks for",
        with_urls,
    ),
    Mend(
        "powertokens",
        "it shows the list of images alone, and this provider requires model_name",
        lambda example: example.update(model_name="kling-v2"),
    ),
    Mend(
        "yutoai",
        "a comment stands where the prompt should, a field that is declared a string",
        lambda example: example.pop("prompt"),
    ),
    Mend(
        "yutoai",
        "a generator put a blank before the ratio, which is the name of none",
        lambda example: example.update(aspect_ratio=example["aspect_ratio"].strip()),
    ),
)


def examples() -> Iterator[Any]:
    """(provider, canonical path, example) of every example in every document that is here."""
    for where, folder in FOLDERS.items():
        for name, provider in DOCUMENTS.items():
            if not (folder / name).is_file():
                yield pytest.param("", "", {}, marks=pytest.mark.skip("not here"), id=f"{where}-{name}")
                continue
            for operation in read(load_file(folder / name)).operations:
                for example in operation.examples:
                    path = next(path for path in PATHS if operation.path.endswith(path))
                    yield pytest.param(provider, path, example, id=f"{where}-{name}")


EXAMPLES = list(examples())


def request_schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    body = document["paths"][path]["post"]["requestBody"]
    return resolved(document, body["content"]["application/json"]["schema"])


def refusals(document: dict[str, Any], path: str, request: Any) -> list[str]:
    schema = {"allOf": [request_schema(document, path)], "components": document["components"]}
    return [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(request)]


def mended(provider: str, example: Any, without: Mend | None = None) -> Any:
    request = copied(example)
    for mend in MENDS:
        if mend.provider == provider and mend is not without:
            mend.change(request)
    return request


def with_the_vendors_names(provider: str, path: str, request: dict[str, Any]) -> dict[str, Any]:
    """The request with the vendor's names, and objects where the provider takes plain items."""
    properties = request_schema(library.effective(provider), path)["properties"]
    renamed = {}
    for name, value in request.items():
        inner = properties.get(name, {}).get("items", {}).get("x-item-of")
        shaped = [{inner: item} for item in value] if inner else value
        renamed[properties.get(name, {}).get("x-alias-of", name)] = shaped
    return renamed


def test_every_document_has_an_example() -> None:
    ours = [one for one in EXAMPLES if one.id and one.id.startswith("ours-")]
    assert len(ours) == len(DOCUMENTS)


@pytest.mark.parametrize(("provider", "path", "example"), EXAMPLES)
def test_the_provider_accepts_its_own_example(provider: str, path: str, example: Any) -> None:
    request = mended(provider, example)
    assert refusals(library.effective(provider), path, request) == []
    assert refusals(library.canonical(), path, with_the_vendors_names(provider, path, request)) == []


def test_no_mend_can_be_left_out() -> None:
    tried = [(one.values[0], one.values[1], one.values[2], mend) for one in EXAMPLES for mend in MENDS
             if mend.provider == one.values[0]]  # fmt: skip
    assert {mend.reason for _, _, _, mend in tried} == {mend.reason for mend in MENDS}
    for provider, path, example, mend in tried:
        assert refusals(library.effective(provider), path, mended(provider, example, without=mend)), (
            mend.reason
        )


@pytest.fixture(scope="module")
def mock():
    """One canonical mock for all examples; they ask for at most four images each and never collide."""
    with mock_account() as running:
        yield running


@pytest.mark.parametrize(("provider", "path", "example"), EXAMPLES)
def test_the_mock_accepts_the_example(mock, provider: str, path: str, example: Any) -> None:
    request = with_the_vendors_names(provider, path, mended(provider, example))
    place = urlsplit(mock.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
    key = {"Authorization": f"Bearer {mock.api_key}"}
    connection.request("POST", f"/kling{path}", json.dumps(request), key)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    assert (answer["code"], answer.get("data", {}).get("task_status")) == (0, "submitted")
