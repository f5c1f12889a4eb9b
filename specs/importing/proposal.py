"""A page of an API that is not known yet, as a first description of it: what the page says, and seems to say.

The operations, fields and limits are the page's own; which state is which, where the id and the results
stand and what a task yields is proposed from words (`words.toml`), links and examples, each with a
confidence. What nothing in the page tells is asked for by name. The description is
`specs/apis/NAME/api.yaml`, which is played, verified and compared as soon as it is whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.openapi import SITUATIONS
from understudy.specs.behaviour.templates import names
from understudy.specs.described import PARAMETER, schema_of_fields, without_evidence
from understudy.specs.importing.account import key_in_body
from understudy.specs.importing.result_field import result_field, says, wordings
from understudy.specs.importing.stated_refusals import refusal_form, situations, usual_form
from understudy.specs.importing.task_queries import ENDS, asks, query_of
from understudy.specs.importing.template import (
    TemplateMaker,
    class_of,
    good_answer,
    good_status,
    is_called,
    state_field,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.importing.account import SaidAccount
    from understudy.specs.model import FieldPath, Operation, ProviderSpec, Reading

MEDIA = {"video": "video/mp4", "image": "image/png", "audio": "audio/mpeg"}
TERMINAL = ("success", "failed", "moderated", "cancelled", "expired")
# What states are called of which no page says anything: as their classes.
USUAL_STATES = ("queued", "running", "success", "failed")
HAVE_REASONS = ("failed", "moderated", "expired")
# Of an answer to a request that went well.
USUAL_STATUS = "200"
UNDERWAY = ("queued", "throttled", "running")
CLASSES = (*UNDERWAY, *TERMINAL)


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing that the page does not say in so many words: what, the value, how sure, and from what."""

    what: str
    value: str
    confidence: float
    why: str


@dataclass(slots=True)
class Proposal:
    """A description as data, the guesses in it, and the names of what is missing."""

    description: dict[str, Any]
    guesses: list[Guess] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def proposed(
    spec: ProviderSpec,
    name: str,
    readings: Sequence[Reading] = (),
    account: SaidAccount | None = None,
    headers: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> Proposal | None:
    """The first description of the API; None where no operation of the documents creates anything.

    `readings` are those that `spec` was made of: what they say in words of the fields of answers; `account`
    is how the documents show that requests say whose they are, `headers` what else every request has: the
    value of each and the place that shows it.
    """
    create = _create(spec.operations.values())
    if create is None:
        return None
    made = _Proposer(spec, create, wordings(readings), account, headers)
    made.key = key_in_body(readings, create.path)
    return made.proposal(name)


def speaks_of_tasks(spec: ProviderSpec) -> bool:
    """Whether an answer of the API shows a task: its id, by a usual name or a path's, and its state."""
    parameters = {name for one in spec.operations.values() for name in PARAMETER.findall(one.path)}
    return any(
        any(is_called("id", one.name) or one.name in parameters for one in fields)
        and state_field(fields) is not None
        for operation in spec.operations.values()
        for fields in operation.responses.values()
    )


def _create(operations: Any) -> Operation | None:
    posts = [one for one in operations if one.method.lower() == "post" and one.request]
    posts = [one for one in posts if not ENDS.search(one.path)] or posts
    posts = [one for one in posts if not asks(one)] or posts
    return max(posts, key=lambda one: len(one.request), default=None)


class _Proposer:
    def __init__(
        self,
        spec: ProviderSpec,
        create: Operation,
        said: Mapping[FieldPath, str],
        account: SaidAccount | None,
        headers: Mapping[str, tuple[str, str]],
    ) -> None:
        self.spec, self.account, self.headers = spec, account, headers
        self.key = ""  # the field of the body that is the key, if one is
        self.said = said  # of fields of answers, in words
        self.create = create
        self.made = Proposal({})
        self.templates = TemplateMaker(self.guess)
        self.templates.id_name = self.templates.name_of_id(good_answer(create))
        self.query, self.id_in = query_of(create, spec.operations.values(), self.guess)
        self.templates.parameter = self.id_in.get("name", "")
        self.templates.at_the_end = {path for path, text in said.items() if says("done", text)}
        self.answers = (
            good_answer(self.query)
            if self.query is not None and good_answer(self.query)
            else good_answer(create)
        )

    def guess(self, what: str, value: str, confidence: float, why: str) -> None:
        made = Guess(what, value, confidence, why)
        if made not in self.made.guesses:
            self.made.guesses.append(made)

    def proposal(self, name: str) -> Proposal:
        made = self.made
        states = self._states()
        self.templates.success = [name for name, one in states.items() if one["class"] == "success"]
        self.templates.failed = [name for name, one in states.items() if one["class"] in HAVE_REASONS]
        family: dict[str, Any] = {"states": states, "record": self._record()}
        request = self._request()
        if request:
            family["request"] = request
        schema = without_evidence(schema_of_fields(self.create.request, {}))
        family["create"] = {"path": self.create.path, "schema": schema}
        if self.create.form:
            family["create"]["media"] = [self.create.form]
        created = good_answer(self.create)
        if created and self.query is not None and good_answer(self.query):
            status = good_status(self.create)
            own = {"status": int(status)} if status.isdigit() and status != USUAL_STATUS else {}
            items = tuple(replace(one, path=one.path[1:]) for one in created if one.path[:1] == ("[]",))
            body: Any = self.templates.template(items or created, ())
            body = [body] if items else body
            if "id" not in names(body):
                made.missing.append("families.task.create.answer: where the id of the new task stands ($id)")
            else:
                family["create"]["answer"] = {**own, "body": body}
        if self.query is None:
            made.missing.append("families.task.query.path: the operation that asks for one task")
        else:
            family["query"] = {"path": _with_id(self.query.path)}
            if self.id_in["in"] != "path":
                family["query"]["id"] = self.id_in
            if self.id_in["in"] == "body":
                family["query"]["method"] = "POST"
        family["result"] = self._result()
        callback = request.get("callback_url")
        if callback:
            family["callback"] = {"at": {"body": callback}}
        made.description = {
            "behaviour": 1,
            "name": name,
            "title": self.spec.title,
            **({"servers": list(self.spec.servers)} if self.spec.servers else {}),
            "evidence": {"families.task.create": self._place(self.create)},
            "account": self._account(),
            **({"headers": self._headers()} if self.headers else {}),
            "refusals": self._refusals(),
            "families": {"task": family},
        }
        return made

    def _refusals(self) -> dict[str, Any]:
        """The form of refusals, and what tables say of each; what they leave open is missing by its line."""
        form = refusal_form(self.spec)
        if form is not None:
            self.guess("refusals.body", str(form.body), 0.7, "a refusal that the pages show")
            body = form.body
        else:
            body = usual_form(good_answer(self.create), has_codes=any(one.code for one in self.spec.refusals))
            self.guess(
                "refusals.body", str(body), 0.3, "no page shows a refusal, and nothing of it is promised"
            )
        found, words, left = situations(self.spec.refusals, SITUATIONS)
        rows = {name: {**found.get(name, {})} for name in [*found, *words]}
        for name, word in words.items():
            rows[name]["code"] = word
        for one in left:
            said = " ".join(filter(None, [str(one.status or ""), one.code, one.message or one.meaning]))
            place = f"{one.document}:{one.line}"
            self.made.missing.append(f"refusals.situations: which one is {said[:80]!r} ({place})")
        return {"body": body} | ({"situations": rows} if rows else {})

    def _account(self) -> dict[str, Any]:
        """How requests say whose they are: as the pages show it, or as most APIs have it."""
        if self.account is not None:
            self.guess("account", self.account.shown, self.account.confidence, self.account.why)
            return self.account.account
        if self.key:
            what = f"account: the key stands in the body, as {self.key!r}, where none of a description can"
            self.made.missing.append(what)
        self.guess("account", "Authorization: Bearer KEY", 0.6, "the usual one; the pages do not declare it")
        return {"in": "header", "name": "Authorization", "scheme": "Bearer"}

    def _headers(self) -> dict[str, str]:
        """What every request has beside its key, by the commands of the pages."""
        for name, (value, place) in self.headers.items():
            self.guess(f"headers.{name}", value, 0.7, f"all commands have it, as {place}")
        return {name: value for name, (value, _) in self.headers.items()}

    def _place(self, operation: Operation) -> str:
        document = next(
            (word.evidence.document for one in operation.request for word in one.keywords), self.spec.name
        )
        return f"{document}:{operation.line}"

    def _states(self) -> dict[str, Any]:
        field_ = state_field(self.answers)
        listed = [str(value) for value in (field_.get("enum") or [])] if field_ is not None else []
        is_told, shown = bool(listed), [one for one in self._shown_states() if one not in listed]
        for state in self._unknown_states(listed):
            what = f"what the state {state!r} means, which an example has"
            self.made.missing.append(f"families.task.states: {what}")
        listed += shown if listed else []
        if not is_told:
            self.made.missing.append("families.task.states: the states of a task, with the class of each")
            known = [class_of(state) for state in shown]
            listed = [name for name in USUAL_STATES if name not in known]
            listed = sorted([*shown, *listed], key=lambda state: CLASSES.index(class_of(state)))
        classes = {state: class_of(state) for state in listed}
        for state, kind in classes.items():
            if state in shown:
                self.guess(f"state {state}", kind, 0.7, "an example has it")
            elif kind and is_told:
                self.guess(f"state {state}", kind, 0.9, "its word")
            elif not kind:
                self.made.missing.append(
                    f"families.task.states.{state}.class: what the state {state!r} means"
                )
                classes[state] = "running"
        for kind in ("success", "failed"):
            if kind not in classes.values():
                self.made.missing.append(f"families.task.states: the state of class {kind}")
        # The first state is the one that tasks begin in, whatever the order of the page.
        listed.sort(key=lambda state: classes[state] in TERMINAL)
        classes = {state: classes[state] for state in listed}
        ends = [state for state, kind in classes.items() if kind in TERMINAL]
        states: dict[str, Any] = {}
        for state, kind in classes.items():
            if kind in TERMINAL:
                states[state] = {"class": kind}
                continue
            later = [one for one in listed if _comes_after(one, state, classes, listed)]
            states[state] = {"class": kind, "next": [*later, *ends]}
        return states

    def _shown_states(self) -> list[str]:
        """The states that examples of answers have, of which one says by its word what it is."""
        return [one for one in self._shown_words() if class_of(one)]

    def _unknown_states(self, listed: Sequence[str]) -> list[str]:
        """The others, which no page lists either."""
        return [one for one in self._shown_words() if not class_of(one) and one not in listed]

    def _shown_words(self) -> list[str]:
        asked, created = state_field(self.answers), good_answer(self.create)
        again = [one for one in created if asked is not None and one.name == asked.name]
        told = [asked, state_field(created) or next(iter(again), None)]
        found = (value for one in told if one is not None for value in one.shown)
        return [one for one in dict.fromkeys(found) if isinstance(one, str)]

    def _record(self) -> Any:
        if not self.answers:
            self.made.missing.append("families.task.record: what an answer says of a task")
            return {"id": "$id", "status": "$status"}
        own = self.id_in.get("name")
        if not any(is_called("id", one.name) or one.name == own for one in self.answers):
            self.made.missing.append("families.task.record: where the id stands ($id)")
        if state_field(self.answers) is None:
            self.made.missing.append("families.task.record: where the state stands ($status)")
        record = self.templates.template(self.answers, ())
        if "$result_url" in str(record) or "$item.url" in str(record):
            return record
        found = result_field(self.answers, self.create.path, self.said)
        if not found.path:
            which = f"; perhaps {' or '.join(found.several)}" if found.several else ""
            what = f"families.task.record: where the results stand ($result_url or $each){which}"
            self.made.missing.append(what)
            return record
        self.guess(".".join(found.path), "$result_url", found.confidence, found.why)
        self.templates.result = found.path
        return self.templates.template(self.answers, ())

    def _request(self) -> dict[str, str]:
        out = {}
        for kind in ("prompt", "model", "callback_url", "external_id"):
            places = {".".join(one.path): one for one in self.create.request if "[]" not in one.path}
            found = next(
                (path for path, one in places.items() if is_called(kind, path) or is_called(kind, one.name)),
                "",
            )
            if found:
                out[kind] = "/" + found.replace(".", "/")
                self.guess(f"request.{kind}", out[kind], 0.8, "its name")
        return out

    def _result(self) -> dict[str, Any]:
        text = " ".join([self.create.path, *(one.name for one in self.answers), *self._models()]).lower()
        scores = {kind: sum(text.count(word) for word in words) for kind, words in words()["kinds"].items()}
        kind = max(scores, key=lambda one: scores[one])
        shapes = set(re.findall(r"[a-z0-9]+", text)) & set(words()["kinds_of_files"]["shapes"])
        if shapes:
            what = (
                f"it seems to be a 3D model ({', '.join(sorted(shapes))}), and none of video, image and audio"
            )
            self.made.missing.append(f"families.task.result.kind: {what}")
            kind = "image"
        elif not scores[kind]:
            self.made.missing.append("families.task.result.kind: video, image or audio")
            kind = "video"
        else:
            share = scores[kind] / sum(scores.values())
            self.guess("result.kind", kind, round(0.5 + share * 0.4, 2), "words of the path and the answer")
        return {"kind": kind, "media_type": MEDIA[kind]}

    def _models(self) -> Iterator[str]:
        for one in self.create.request:
            if is_called("model", one.name):
                yield from (str(value) for value in one.get("enum") or ())


def _comes_after(one: str, state: str, classes: dict[str, str], listed: list[str]) -> bool:
    """Whether a state that is no end may follow another: it is nearer to the end, or listed behind it."""
    if classes[one] not in UNDERWAY or one == state:
        return False
    mine, other = UNDERWAY.index(classes[state]), UNDERWAY.index(classes[one])
    return other > mine or (other == mine and listed.index(one) > listed.index(state))


def _with_id(path: str) -> str:
    """A query's path with its parameter under the engine's name."""
    named = PARAMETER.findall(path)
    return path.replace(f"{{{named[-1]}}}", "{id}") if named else path
