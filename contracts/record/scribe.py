"""Exchanges that passed a proxy, written down as a conversation by which a provider can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from contracts import trace
from contracts.record.secrets import blot_body, blot_headers, blot_url
from contracts.shapes import at

if TYPE_CHECKING:
    from contracts.record.proxy import Passed
    from contracts.target import Family, Target

PASSING = 429
SERVER = 500


class Scribe:
    """Writes a conversation down as it goes on. `conversation` holds all of it, secrets blotted out."""

    def __init__(self, target: Target, url: str) -> None:
        self._target = target
        self._external_ids: dict[tuple[str, str], str] = {}
        self.conversation = trace.Conversation(provider=target.provider, url=blot_url(url))

    def write(self, passed: Passed) -> tuple[trace.Exchange, list[str]]:
        """Take one exchange down; gives it, and what the contract has against it, in sentences."""
        request = trace.Request(
            passed.method,
            blot_url(passed.url),
            blot_headers(passed.request_headers),
            blot_body(passed.request_body) or None,
        )
        response = None
        if not passed.problem:
            body = blot_body(passed.answer_body)
            response = trace.Response(passed.status, blot_headers(passed.answer_headers), body)
        family, role, task = self._meaning(request, response, authorized=_authorized(passed))
        exchange = trace.Exchange(
            number=len(self.conversation.exchanges),
            family=family.name if family else "",
            role=role,
            account="recorded",
            request=request,
            response=response,
            started=passed.started,
            ended=passed.ended,
            problem=passed.problem,
            task=task,
            superseded=response is None or response.status == PASSING or response.status >= SERVER,
        )
        self.conversation.exchanges.append(exchange)
        if family and family.name not in self.conversation.families:
            self.conversation.families = (*self.conversation.families, family.name)
        return exchange, self._problems(family, exchange)

    def family_at(self, path: str) -> Family | None:
        """The family whose operations stand at a path, under any prefix."""
        plain = path.replace("//", "/")
        return next((f for f in self._target.families if f.create_path in plain), None)

    def family_named(self, name: str) -> Family:
        return self._target.family(name)

    def against(self, delivery: trace.Delivery) -> list[str]:
        """What the contract has against a callback, in sentences."""
        shape, value = self._target.family(delivery.family).callback, delivery.json()
        if value is None:
            return ["the callback is no JSON"]
        return [f"callback {_place(p)}{text}" for p, _, text in shape.errors(value)] if shape else []

    def _meaning(
        self, request: trace.Request, response: trace.Response | None, *, authorized: bool
    ) -> tuple[Family | None, str, str]:
        """(family, role, the label of its task); no family: not an operation of the contract."""
        parts = urlsplit(request.url)
        for family in self._target.families:
            place = parts.path.replace("//", "/").find(family.create_path)
            if place < 0:
                continue
            rest = parts.path.replace("//", "/")[place + len(family.create_path) :]
            if not authorized:
                return family, trace.AUTH, ""
            if request.method == "POST" and rest.strip("/") == "":
                return (family, *self._create(family, request, response))
            asked = rest.strip("/") or self._asked(family, parts.query)
            if request.method == "GET" and (rest.startswith("/") or rest == ""):
                return (family, *self._query(family, asked)) if asked else (family, trace.LIST, "")
        return None, "", ""

    def _create(
        self, family: Family, request: trace.Request, response: trace.Response | None
    ) -> tuple[str, str]:
        body = request.json()
        external = str(at(body, family.task["request"].get("external_id", ""), "") or "")
        record = family.record(response.json()) if response else None
        accepted = record is not None and self._target.accepted(family, response)
        known = (family.name, external) in self._external_ids
        label = str(at(record, family.task["id"], "")) if accepted else ""
        if external and accepted:
            self._external_ids.setdefault((family.name, external), label)
        if known:
            return trace.REPEAT, label
        fits = next(family.request_shape.errors(body), None) is None
        return (trace.CREATE if fits else trace.REFUSE), label

    def _query(self, family: Family, asked: str) -> tuple[str, str]:
        label = self._external_ids.get((family.name, asked))
        return (trace.BY_EXTERNAL_ID, label) if label else (trace.POLL, asked)

    def _asked(self, family: Family, query: str) -> str:
        names = family.task.get("query_parameters", ())
        return next((value for name, value in parse_qsl(query) if name in names), "")

    def _problems(self, family: Family | None, exchange: trace.Exchange) -> list[str]:
        if family is None:
            return []
        told = []
        if exchange.role in trace.CREATES:
            told += [
                f"request {_place(p)}{text}"
                for p, _, text in family.request_shape.errors(exchange.request.json())
            ]
        if exchange.response is None:
            return told
        body = exchange.response.json()
        if body is None:
            return [*told, "the answer is no JSON"]
        shape = self._answer_shape(family, exchange, body)
        if shape is not None:
            told += [f"answer {_place(p)}{text}" for p, _, text in shape.errors(body)]
        return told

    def _answer_shape(self, family: Family, exchange: trace.Exchange, body: Any) -> Any:
        if self._target.is_error(body) or exchange.status >= 400:
            return family.refused
        if exchange.role in trace.CREATES:
            return family.created
        return family.listed if exchange.role == trace.LIST else family.queried


def _place(pointer: str) -> str:
    return f"{pointer}: " if pointer else ""


def _authorized(passed: Passed) -> bool:
    return any(name.lower() == "authorization" and value for name, value in passed.request_headers)
