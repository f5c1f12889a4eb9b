"""What a provider does, seen in recorded answers, against what its document says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Judge
from understudy.specs.behaviour.own_paths import own_path, stated_paths
from understudy.specs.behaviour.rules import read_rules
from understudy.specs.behaviour.source import read_source
from understudy.specs.diff.api import read
from understudy.specs.diff.bundle import Bundler
from understudy.specs.diff.http import find_media, find_status
from understudy.specs.drift.exchanges import MISSING
from understudy.specs.drift.finding import Finding, fingerprint, order
from understudy.specs.drift.seen import Fields, RefusalTable, gist, spelled
from understudy.specs.drift.words import short
from understudy.specs.pointers import at
from understudy.specs.rules import RULES, Levels
from understudy.specs.witness.proof import OTHER, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from understudy.specs.behaviour.rules import FieldRules
    from understudy.specs.diff.document import ApiDocument
    from understudy.specs.diff.records import ApiOperation
    from understudy.specs.drift.exchanges import RecordedExchange
    from understudy.specs.witness.proof import SideName

# Reasons for which one answer is said to be refused.
MOST_REASONS = 20
SAID = {
    "live-answer-refused": "seen in an answer; the document refuses it",
    "live-field-undocumented": "seen in an answer",
    "live-request-taken": "sent and taken; the document refuses it",
    "live-request-refused": "sent and refused; the document takes it",
}


def live(
    document: ApiDocument, exchanges: Iterable[RecordedExchange], levels: Levels | None = None
) -> list[Finding]:
    """What the exchanges show that `document` does not say, and what it says that they never show."""
    watcher = _Watcher(document, levels or Levels())
    for exchange in exchanges:
        watcher.see(exchange)
    return watcher.findings()


class _Watcher:
    def __init__(self, document: ApiDocument, levels: Levels) -> None:
        self.document = document
        self.levels = levels
        self.api = read(document)
        self.bundlers = {d: Bundler(document, d) for d in ("request", "response")}
        self.fields = Fields(document, self.bundlers["response"])
        self.refusals = RefusalTable(document.root)
        own = stated_paths(document.root)
        self.routes = [
            (re.compile(f"(?:.*){_pattern(own_path(operation.path, own))}/?"), operation)
            for operation in self.api.operations.values()
            if not operation.inverted
        ]
        self.found: dict[tuple[str, ...], Finding] = {}
        self.reach: dict[tuple[str, ...], set[str]] = {}
        # Operation -> its rules across fields.
        self.rules: dict[str, FieldRules | None] = {}
        # What was ordered: a second order under the same name may be refused.
        self.taken: set[tuple[str, str]] = set()

    def add(
        self,
        rule: str,
        gist: tuple[str, ...],
        title: str,
        exchange: RecordedExchange,
        raw: Any = None,
        payload: Any = None,
        said: str = "",
    ) -> None:
        """A finding, once for each rule and gist; where it is seen again it reaches further."""
        operation = self.operation(exchange)
        place = operation.key if operation is not None else f"{exchange.method} {_shape(exchange.path)}"
        surface = f"{place} {exchange.status}"
        self.reach.setdefault((rule, *gist), set()).add(surface)
        if (rule, *gist) in self.found:
            return
        self.found[rule, *gist] = Finding(
            rule=rule,
            verdict=self.levels.level(RULES[rule]),
            title=title,
            surface=surface,
            direction="request" if rule.startswith("live-request") else "response",
            area="live",
            base=self.document.place(raw) if raw is not None else None,
            witness=self._witness(rule, payload, surface, said) if said else None,
            reason=RULES[rule].sentence,
            fingerprint=fingerprint(rule, *gist),
        )

    def _witness(self, rule: str, payload: Any, surface: str, said: str) -> Witness:
        taken_by: SideName = "base" if rule == "live-request-refused" else "revision"
        return Witness("seen", payload, surface, taken_by, OTHER[taken_by], f"{SAID[rule]}: {said}")

    def operation(self, exchange: RecordedExchange) -> ApiOperation | None:
        fits = [op for r, op in self.routes if op.method == exchange.method and r.fullmatch(exchange.path)]
        # The longest template is the most special one; a literal is longer than a placeholder here.
        return max(fits, key=lambda op: (op.path.count("/"), -op.path.count("{"), op.path), default=None)

    def see(self, exchange: RecordedExchange) -> None:
        operation = self.operation(exchange)
        if operation is None:
            # A result that was downloaded, or a page, is no operation of the API.
            if exchange.answer is not MISSING or exchange.asked is not MISSING:
                name = f"{exchange.method} {_shape(exchange.path)}"
                self.add("live-operation-undocumented", (name,), f"{name} is not documented", exchange)
            return
        self._asked(operation, exchange)
        response = find_status(operation.responses, exchange.status)
        if response is None:
            title = f"status {exchange.status} is not documented"
            self.add("live-status-undocumented", (exchange.status,), title, exchange, operation.raw)
            return
        media = find_media(response.content, exchange.media)
        if media is None or exchange.answer is MISSING:
            if response.content:
                title = f"answers with {exchange.media or 'no media type'}, not with JSON as documented"
                self.add("live-answer-refused", (exchange.media,), title, exchange, response.raw)
            return
        answer = exchange.answer
        for refusal in self.fields.refused(media.schema, answer, MOST_REASONS):
            said = short(refusal.sentence)
            title = f"{spelled(refusal.path) or 'the answer'}: {said}"
            self.add("live-answer-refused", gist(refusal), title, exchange, media.raw, answer, said)
        for place, raw in self.fields.see(media.schema, answer, (operation.key, response.status)):
            title, said = f"{place} is never documented", "no property of that name"
            self.add("live-field-undocumented", (place,), title, exchange, raw, answer, said)

    def _asked(self, operation: ApiOperation, exchange: RecordedExchange) -> None:
        """A request that the document refuses and the provider takes, or the other way round."""
        if operation.body is None or exchange.asked is MISSING:
            return
        media = find_media(operation.body.content, "application/json")
        if media is None:
            return
        asked = exchange.asked
        order = (operation.key, self._name(operation, asked))
        takes = self.refusals.takes(exchange)
        judge = Judge(self.bundlers["request"].lazy(media.schema, "taker"))
        refused = next(iter(judge.refusals(asked, 1)), None)
        if refused and takes:
            said = short(refused.sentence)
            title = f"takes a request that its document refuses: {said}"
            about = (operation.key, *gist(refused))
            self.add("live-request-taken", about, title, exchange, media.raw, asked, said)
        again = order in self.taken or exchange.doubtful or self._names_a_result(operation, asked)
        misfit = "" if refused else self._does_not_fit(operation, asked)
        if misfit and takes:
            title = f"takes a request that its document refuses: {misfit}"
            about = (operation.key, misfit)
            self.add("live-request-taken", about, title, exchange, media.raw, asked, misfit)
        if not refused and not misfit and not again and self.refusals.of_the_request(exchange):
            title, said = "refuses a request that its document takes", self.refusals.said(exchange)
            self.add("live-request-refused", (operation.key, said), title, exchange, media.raw, asked, said)
        if takes:
            self.taken.add(order)

    def _does_not_fit(self, operation: ApiOperation, asked: Any) -> str:
        """By which rule across fields a request is refused, "" for none."""
        if operation.key not in self.rules:
            self.rules[operation.key] = read_rules(_task(operation), operation.key)
        rules = self.rules[operation.key]
        breach = rules.refusal(asked) if rules is not None else None
        return f"{breach.rule.id}: {breach.says}" if breach is not None else ""

    def _names_a_result(self, operation: ApiOperation, asked: Any) -> bool:
        """Whether a request names a result of an earlier task, which the account may not have."""
        source = read_source(_task(operation))
        return source is not None and at(asked, source.field) not in (None, "")

    def _name(self, operation: ApiOperation, asked: Any) -> str:
        """The name that the client gave to its order, or the whole order."""
        pointer = operation.task.request_external_id if operation.task is not None else ""
        name = asked
        for key in pointer.split("/")[1:]:
            name = name.get(key) if isinstance(name, dict) else None
        return name if isinstance(name, str) and name else json.dumps(asked, sort_keys=True)

    def findings(self) -> list[Finding]:
        found = [replace(one, reach=tuple(sorted(self.reach[key]))) for key, one in self.found.items()]
        rule = RULES["live-field-never-seen"]
        unseen: dict[str, list[str]] = {}
        for key, place in self.fields.never_seen():
            unseen.setdefault(place, []).append(" ".join(key))
        for place, surfaces in unseen.items():
            found.append(
                Finding(
                    rule=rule.id,
                    verdict=self.levels.level(rule),
                    title=f"{place} was never seen",
                    surface=surfaces[0],
                    direction="response",
                    area="live",
                    reach=tuple(surfaces),
                    reason=rule.sentence,
                    fingerprint=fingerprint(rule.id, *surfaces, place),
                )
            )
        return sorted(found, key=order)


def _task(operation: ApiOperation) -> Mapping[str, Any]:
    """What an operation says of its task beyond its states; {} for nothing."""
    return operation.task.others if operation.task is not None else {}


def _pattern(path: str) -> str:
    """A template as a regular expression: "/v1/{id}" -> "/v1/[^/]+"."""
    parts = re.split(r"\{[^{}]*\}", path.rstrip("/"))
    return "[^/]+".join(re.escape(part) for part in parts)


def _shape(path: str) -> str:
    """A path with its ids left out: "/v1/tasks/17" -> "/v1/tasks/{}"; versions stay."""
    return "/".join(part if re.fullmatch(r"v\d{1,2}|\D*", part) else "{}" for part in path.split("/"))
