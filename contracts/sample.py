"""A simple client of any API that a mock plays: requests are built from the document that it serves.

    with mock_server("canonical", rate=0) as server:
        client = SampleClient(server.account())
        task = client.id_of(client.create())
        client.account.clock.advance_to_next()
        print(client.status_of(client.query(task)))

For the demonstration and for agents. It judges nothing and retries nothing.
"""

from __future__ import annotations

import copy
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.contracts.sample_request import SampleRequest, create_request, query_request
from understudy.contracts.shapes import expand
from understudy.contracts.strategies.values import example
from understudy.specs.behaviour import read
from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

    from understudy.contracts.testing import Account
    from understudy.specs.behaviour import TaskFamily

TIMEOUT_SECONDS = 60.0
PICTURE = "https://example.com/cat.png"


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """One request and what came back. `headers` by lower-case name; `body` is JSON or bytes."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: Any = field(repr=False)


class SampleClient:
    """`account` at its provider; `provider` is that one's name where the account's URL does not tell it.

    `family` is the task family, by default the first. Raises UnderstudyError for one that is not played.
    """

    def __init__(self, account: Account, provider: str = "", family: str = "") -> None:
        provider = provider or account.url.removeprefix(account.server.url).strip("/")
        document = account.server.call(
            "GET", "/openapi.json", query={"profile": provider} if provider else None
        )
        behaviour = read(document, provider)
        self.account = account
        self.behaviour = behaviour
        self.family: TaskFamily = behaviour.family(family) if family else behaviour.families[0]
        self._base: str = account.server.url + document["servers"][-1]["url"].rstrip("/")
        content = self.family.operations.create.raw["requestBody"]["content"]
        if "application/json" not in content:
            known = ", ".join(content)
            raise UnderstudyError(
                f"{self.family.name} takes no JSON", advice=f"it takes {known}: send your own"
            )
        self._plainest: Any = example(expand(content["application/json"]["schema"], document), PICTURE)
        # No proxy of the surroundings leads to the mock.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def request(self, callback_url: str = "", **fields: Any) -> SampleRequest:
        """A create with the simplest body that the provider's schema allows, and `fields` set in it."""
        body: dict[str, Any] = copy.deepcopy(self._plainest) | fields
        return create_request(self.family, self.account.api_key, body, callback_url)

    def create(self, request: SampleRequest | None = None) -> SampleAnswer:
        """Send `request`, by default the simplest."""
        return self.send(self.request() if request is None else request)

    def query(self, task_id: str) -> SampleAnswer:
        return self.send(query_request(self.family, self.account.api_key, task_id))

    def url_of(self, request: SampleRequest) -> str:
        """The URL of a request."""
        return self._base + request.target

    def send(self, request: SampleRequest) -> SampleAnswer:
        """One request to the provider's paths. Raises UnderstudyError when no answer comes."""
        return self._send(request.method, self.url_of(request), request.headers, request.body)

    def fetch(self, link: str) -> SampleAnswer:
        """What a link in an answer leads to, with the account's key where requests carry it in a header."""
        headers = query_request(self.family, self.account.api_key, "").headers
        return self._send("GET", link, headers, None)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> SampleAnswer:
        request = urllib.request.Request(url, method=method)  # noqa: S310 - the mock's own URL
        for name, value in headers.items():
            request.add_header(name, value)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                status, told, raw = answer.status, _lower(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, told, raw = error.code, _lower(error.headers), error.read()
        except (OSError, ValueError) as error:
            raise UnderstudyError(f"no answer from the mock: {error}", where=f"{method} {url}") from None
        kind = told.get("content-type", "")
        try:
            value = json.loads(raw) if "json" in kind else raw
        except ValueError:
            value = raw
        return SampleAnswer(method, url, status, told, value)

    def id_of(self, answer: SampleAnswer) -> str:
        """The id of the task in an answer, "" when there is none."""
        record = self.family.record(answer.body)
        return self.family.id_of(record) if record else ""

    def status_of(self, answer: SampleAnswer) -> str:
        """The state of the task in an answer, "" when there is none."""
        # Bytes are no JSON: the status of the answer may tell that they are the result.
        body = None if isinstance(answer.body, bytes) else answer.body
        record = self.family.record_in(answer.status, body)
        return str(self.family.status_of(record) or "") if record else ""

    def links(self, answer: SampleAnswer) -> list[str]:
        """Where the results in an answer can be fetched."""
        results = self.family.results_of(self.family.record(answer.body) or {})
        items = results if isinstance(results, list) else [results]
        texts = (value for item in items for value in (item.values() if isinstance(item, dict) else [item]))
        return [text for text in texts if isinstance(text, str) and text.startswith(("http://", "https://"))]


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
