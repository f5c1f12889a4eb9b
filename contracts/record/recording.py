"""Exchanges that passed a proxy, written down as a conversation by which a provider can be judged."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from understudy.contracts import trace
from understudy.contracts.record.passed import readable
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.told_apart import apart
from understudy.specs.pointers import at
from understudy.specs.secrets import blot_body, blot_headers, blot_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.record.passed import Passed
    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily
    from understudy.specs.behaviour.axes import Axes, CallRule

PASSING = 429
SERVER = 500


def operations_of(axes: Axes) -> Iterator[tuple[str, str, CallRule | None]]:
    """(method, path template, how a task is named there; None for creates and lists) of a described API."""
    ends = [rule.call for rule in (axes.results, axes.cancel, axes.delete) if rule is not None]
    for call in (axes.query, *ends):
        yield call.method, call.path, call
    if axes.listing is not None:
        yield axes.listing.method, axes.listing.path, None
    for path in axes.create.paths:
        yield axes.create.method, path, None


def called_at(template: str, path: str) -> dict[str, str] | None:
    """The variables of a path, None when it is another: ("/v1/{id}", "/v1/7") -> {"id": "7"}."""
    found = _pattern(template).fullmatch(path)
    return None if found is None else {name: unquote(value) for name, value in found.groupdict().items()}


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    pieces, end = [], 0
    for one in VARIABLE.finditer(template):
        pieces += [re.escape(template[end : one.start()]), f"(?P<{one[1]}>{'.+' if one[2] else '[^/]+'})"]
        end = one.end()
    return re.compile("".join([*pieces, re.escape(template[end:])]))


class ConversationRecording:
    """Writes a conversation down as it goes on. `conversation` holds all of it, secrets blotted out."""

    def __init__(self, target: Target, url: str) -> None:
        self._target = target
        self._external_ids: dict[tuple[str, str], str] = {}
        # Id of a task -> its family: one path may ask for tasks of several.
        self._made: dict[str, str] = {}
        self.conversation = trace.Conversation(provider=target.provider, url=blot_url(url))

    def write(self, passed: Passed) -> tuple[trace.Exchange, list[str]]:
        """Take one exchange down; gives it, and what the contract has against it, in sentences."""
        asked, answered = passed.request_body, passed.answer_body
        request = trace.Request(
            passed.method,
            blot_url(passed.url),
            blot_headers(readable(passed.request_headers)),
            blot_body(asked.data) or None,
            asked.cut,
            asked.packed,
        )
        response = None
        if passed.status and not passed.problem:
            response = trace.Response(
                passed.status,
                blot_headers(readable(passed.answer_headers)),
                blot_body(answered.data),
                answered.cut,
                answered.packed,
            )
        unread = _unread(response)
        family, role, task = self._meaning(request, response, authorized=_authorized(passed))
        if unread:
            # Kept, and not judged: what it says is not known.
            family, role, task = None, "", ""
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
        return exchange, [unread] if unread else self._problems(family, exchange)

    def family_at(self, path: str) -> TargetFamily | None:
        """The first family whose operations stand at a path, under any prefix."""
        return next(iter(self.families_at(path)), None)

    def families_at(self, path: str) -> list[TargetFamily]:
        """The families whose operations stand at a path, under any prefix."""
        plain = path.replace("//", "/")
        return [family for family in self._target.families if self._stands_at(family, plain)]

    def _stands_at(self, family: TargetFamily, path: str) -> bool:
        axes = family.behaviour.axes
        if axes is None:
            return family.create_path in path
        below = self._below(path)
        return any(called_at(apart(one)[0], below) is not None for _, one, _ in operations_of(axes))

    def _below(self, path: str) -> str:
        """The path below the URL that is recorded."""
        return path.replace("//", "/").removeprefix(urlsplit(self.conversation.url).path.rstrip("/"))

    def family_named(self, name: str) -> TargetFamily:
        return self._target.family(name)

    def against(self, delivery: trace.Delivery) -> list[str]:
        """What the contract has against a callback, in sentences."""
        shape, value = self._target.family(delivery.family).callback, delivery.json()
        if value is None:
            return ["the callback is no JSON"]
        return [f"callback {_place(p)}{text}" for p, _, text in shape.errors(value)] if shape else []

    def _meaning(
        self, request: trace.Request, response: trace.Response | None, *, authorized: bool
    ) -> tuple[TargetFamily | None, str, str]:
        """(family, role, the label of its task); no family: not an operation of the contract."""
        parts = urlsplit(request.url)
        found = [
            (family, *meaning)
            for family in self._target.families
            if family.behaviour.axes is not None
            and (meaning := self._described(family, family.behaviour.axes, request, response)) is not None
        ]
        if found:
            own = next((one for one in found if self._made.get(one[2]) == one[0].name), found[0])
            return own if authorized else (own[0], trace.AUTH, "")
        for family in self._target.families:
            if family.behaviour.axes is not None:
                continue
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

    def _described(
        self, family: TargetFamily, axes: Axes, request: trace.Request, response: trace.Response | None
    ) -> tuple[str, str] | None:
        """(role, label) of a request of a described API; None where it has no such operation.

        Cancelling, deleting and fetching results have no role: there are no promises about them.
        """
        parts = urlsplit(request.url)
        for method, template, call in operations_of(axes):
            bare, mark = apart(template)
            variables = called_at(bare, self._below(parts.path)) if method == request.method else None
            given = trace.header(request.headers, mark.name) if mark is not None else ""
            if variables is None or not (mark is None or mark.is_on(parts.query, given)):
                continue
            if call is None:
                created = template in axes.create.schemas
                return self._create(family, request, response) if created else (trace.LIST, "")
            asked = variables.get("id", "")
            if call.id_place == "query":
                asked = next((v for name, v in parse_qsl(parts.query) if name == call.id_name), "")
            elif call.id_place == "body":
                asked = str(at(request.json(), call.id_path) or "")
            return (trace.POLL if call is axes.query else "", asked)
        return None

    def _create(
        self, family: TargetFamily, request: trace.Request, response: trace.Response | None
    ) -> tuple[str, str]:
        body = request.json()
        external = str(family.behaviour.asked("external_id", body) or "")
        record = family.record(response.json()) if response else None
        accepted = record is not None and self._target.accepted(family, response)
        known = (family.name, external) in self._external_ids
        label = family.id_of(record) if accepted else ""
        if label:
            self._made[label] = family.name
        if external and accepted:
            self._external_ids.setdefault((family.name, external), label)
        if known:
            return trace.REPEAT, label
        fits = next(family.request_shape.errors(body), None) is None
        return (trace.CREATE if fits else trace.REFUSE), label

    def _query(self, family: TargetFamily, asked: str) -> tuple[str, str]:
        label = self._external_ids.get((family.name, asked))
        return (trace.BY_EXTERNAL_ID, label) if label else (trace.POLL, asked)

    def _asked(self, family: TargetFamily, query: str) -> str:
        names = family.behaviour.query_parameters
        return next((value for name, value in parse_qsl(query) if name in names), "")

    def _problems(self, family: TargetFamily | None, exchange: trace.Exchange) -> list[str]:
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
        if family.without_json(exchange):
            return told
        body = exchange.response.json()
        if body is None:
            return [*told, "the answer is no JSON"]
        shape = self._answer_shape(family, exchange, body)
        if shape is not None:
            told += [f"answer {_place(p)}{text}" for p, _, text in shape.errors(body)]
        return told

    def _answer_shape(self, family: TargetFamily, exchange: trace.Exchange, body: Any) -> Any:
        if self._target.is_error(body) or exchange.status >= 400:
            return family.refused
        if exchange.role in trace.CREATES:
            return family.created
        return family.listed if exchange.role == trace.LIST else family.queried


def _unread(response: trace.Response | None) -> str:
    """Why an answer cannot be judged, "" when it can."""
    if response is None or (not response.packed and response.size is None):
        return ""
    if response.packed:
        return f"the answer is encoded as {response.packed}, which cannot be decoded here"
    return f"the answer has {response.size} bytes, too many to be kept and read"


def _place(pointer: str) -> str:
    return f"{pointer}: " if pointer else ""


def _authorized(passed: Passed) -> bool:
    return any(name.lower() == b"authorization" and value for name, value in passed.request_headers)
