"""What a description must be beyond its schema: states are reached, ids are told, secrets exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.lifecycle import StateClass
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.problems import Problem
from understudy.specs.behaviour.rules import read_rules
from understudy.specs.behaviour.shared_paths import shared_differently
from understudy.specs.behaviour.template_checks import (
    ENDINGS,
    WITH_ID,
    bodiless,
    every_name,
    hands_over,
    misplaced,
    state_classes,
    template_problems,
    unknown_values,
)
from understudy.specs.behaviour.templates import (
    NAMES,
    OF_A_LIST,
    is_known,
    names,
)
from understudy.specs.behaviour.told_headers import LIMITS
from understudy.specs.errors import UnderstudyError, known_names
from understudy.specs.pointers import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOLD = frozenset({"secret"})
TOO_MANY, SERVER_ERROR = 429, 500
SIGNED = frozenset({"id", "timestamp", "body", "sha256", "user", "signature", "nonce"})


def contradictions(data: Mapping[str, Any]) -> list[Problem]:
    """Everything that contradicts itself, in the file's order; lines are filled in by the caller (0 here)."""
    found = list(_whole(data))
    paths: dict[str, str] = {}
    for name, family in data.get("families", {}).items():
        at = f"/families/{escape(name)}"
        found += [
            *_states(at, family),
            *template_problems(at, family),
            *bodiless(at, family),
            *_calls(at, family),
            *_queries(at, family),
            *_endings(at, family),
        ]
        found += [*_listing(at, family), *_rules(at, family)]
        found += [*_results(at, family), *_callback(at, family), *_failures(at, family)]
        for path in (family["create"]["path"], *family["create"].get("also", {})):
            key = f"{family['create'].get('method', 'POST')} {path}"
            if key in paths:
                found.append(
                    Problem(
                        f"{at}/create/path",
                        0,
                        f"{key} creates tasks of {paths[key]!r}, too",
                        "one path, one family",
                    )
                )
            paths[key] = name
    return [*found, *shared_differently(data.get("families", {}))]


def _whole(data: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("servers", "evidence", "families"):
        if name not in data:
            yield Problem("", 0, f"missing key {name!r}", f"write {name}: …")
    limits = data.get("limits", {})
    throttled = [
        n for n, f in data.get("families", {}).items() if StateClass.THROTTLED in state_classes(f).values()
    ]
    if limits.get("over") == "throttled" and not throttled:
        yield Problem(
            "/limits/over", 0, "no state has the class throttled", "over: refused, or a throttled state"
        )
    for name, told in limits.get("headers", {}).items():
        yield from unknown_values(f"/limits/headers/{name}", told, frozenset(LIMITS))
    same = data.get("idempotency")
    if same is not None and ("header" in same) == ("field" in same):
        yield Problem(
            "/idempotency", 0, "needs exactly one of header and field", "write one of header, field"
        )
    if "body" in data.get("refusals", {}):
        yield from unknown_values("/refusals/body", data["refusals"]["body"], NAMES)
        yield from misplaced("/refusals/body", data["refusals"]["body"])


def _states(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    states, kinds = family["states"], state_classes(family)
    initial = family.get("initial", next(iter(states)))
    if initial not in states:
        yield Problem(f"{at}/initial", 0, f"unknown state {initial!r}", known_names(initial, states))
        return
    if kinds[initial].terminal:
        what = f"tasks begin in {initial!r}, which is of class {kinds[initial]}, the end"
        yield Problem(f"{at}/states/{escape(initial)}", 0, what, "initial: a state of another class")
        return
    moves = [problem for name in states for problem in _moves(at, name, states, kinds[name])]
    yield from moves
    reached = _reached(initial, states)
    for name in states if not moves else ():
        if name not in reached and not _led_to(name, family) and kinds[name] is not StateClass.THROTTLED:
            place = f"{at}/states/{escape(name)}"
            yield Problem(
                place, 0, f"state {name!r} is never reached", "name it in a state's next, or remove it"
            )
            return  # what follows it is not reached either
    if StateClass.SUCCESS not in kinds.values():
        advice = "class: success on the state of a finished task"
        yield Problem(f"{at}/states", 0, "no state has the class success", advice)


def _moves(at: str, name: str, states: Mapping[str, Any], kind: StateClass) -> Iterator[Problem]:
    place, following = f"{at}/states/{escape(name)}", states[name].get("next", ())
    for after in following:
        if after not in states:
            yield Problem(f"{place}/next", 0, f"unknown state {after!r}", known_names(after, states))
    if kind.terminal and following:
        what = f"{name!r} is of class {kind}, which ends a task, but has a next state"
        yield Problem(f"{place}/next", 0, what, "remove next, or change the class")
    if not kind.terminal and not following:
        what = f"{name!r} is of class {kind}, but has no next state"
        yield Problem(place, 0, what, "next: [the states that follow]")


def _reached(initial: str, states: Mapping[str, Any]) -> set[str]:
    reached, todo = {initial}, [initial]
    while todo:
        for after in states.get(todo.pop(), {}).get("next", ()):
            if after not in reached:
                reached.add(after)
                todo.append(after)
    return reached


def _led_to(name: str, family: Mapping[str, Any]) -> bool:
    """Whether something beside time leads to a state: cancelling, failing."""
    ends = [family[one].get("becomes") for one in ENDINGS if one in family]
    return name in [*ends, *(failure.get("state") for failure in family.get("failures", {}).values())]


def _calls(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    variables = set()
    for path in (family["create"]["path"], *family["create"].get("also", {})):
        variables |= {name for name, _ in VARIABLE.findall(path)}
        if "id" in {name for name, _ in VARIABLE.findall(path)}:
            yield Problem(f"{at}/create/path", 0, "a create has no id yet", "leave {id} out")
    for name in (*WITH_ID, "stream"):
        if name not in family:
            continue
        call = family[name]
        ident = call.get("id", {"in": "path", "name": "id"})
        has = {one for one, _ in VARIABLE.findall(call["path"])}
        if ident["in"] == "path" and ident["name"] not in has:
            yield Problem(
                f"{at}/{name}/path", 0, f"{name} has no place for the task's id",
                f"put {{{ident['name']}}} into the path, or write id: {{in: query, name: …}}",
            )  # fmt: skip
        if ident["in"] == "body" and call.get("method", "GET") == "GET" and name in ("query", "results"):
            yield Problem(
                f"{at}/{name}/id", 0, "a GET has no body to hold the id", "method: POST, or in: query"
            )
        for state in call.get("states", {}) if isinstance(call.get("states"), dict) else ():
            if state not in family["states"]:
                yield Problem(
                    f"{at}/{name}/states/{escape(state)}",
                    0,
                    f"unknown state {state!r}",
                    known_names(state, family["states"]),
                )
    for path in names(family["record"]):
        base, _, rest = path.partition(".")
        if base == "path" and rest not in variables:
            yield Problem(
                f"{at}/record", 0, f"no create path has {{{rest}}}", known_names(rest, sorted(variables))
            )


def _queries(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    """What an answer to a query must be, so that it can be told whose state it shows."""
    query = family["query"]
    replies = {f"states/{escape(state)}": reply for state, reply in query.get("states", {}).items()}
    replies["answer"] = query.get("answer", {})
    for place, reply in replies.items():
        if "situation" in reply:
            yield Problem(
                f"{at}/query/{place}/situation", 0, "a query that is refused shows no task",
                "status and body of the answer",
            )  # fmt: skip
        if (status := reply.get("status", 0)) == TOO_MANY or status >= SERVER_ERROR:
            yield Problem(
                f"{at}/query/{place}/status", 0, f"status {status} says that the provider cannot answer",
                "a status below 500 that is not 429",
            )  # fmt: skip
        if "results" in family and (reply.get("bytes") or reply.get("redirect")):
            advice = "leave results out, or bytes"
            yield Problem(f"{at}/query/{place}", 0, "two requests answer with the result", advice)


def _listing(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    listing = family.get("list")
    if listing is None:
        return
    if listing["by"] != "none" and "position" not in listing:
        what = f"lists by {listing['by']}, but no parameter sets the position"
        yield Problem(f"{at}/list", 0, what, "position: the query parameter's name")
    if listing.get("in") == "body":
        if listing.get("method", "GET") == "GET":
            yield Problem(f"{at}/list/in", 0, "a GET has no body to ask in", "method: POST, or in: query")
        for key in ("position", "size"):
            if not listing.get(key, "/").startswith("/"):
                what = f"{listing[key]!r} is no place in a body"
                yield Problem(f"{at}/list/{key}", 0, what, f"a JSON Pointer such as /{listing[key]}")
    elif "choices" in listing:
        yield Problem(f"{at}/list/choices", 0, "choices stand in a body", "in: body")
    if "records" not in names(listing["answer"].get("body", "$records")):
        advice = "a member with it, such as tasks: $records"
        yield Problem(f"{at}/list/answer", 0, "the answer has no list of tasks", advice)


def _rules(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    for number, rule in enumerate(family.get("rules", ())):
        try:
            read_rules({"rules": [rule]}, at)
        except UnderstudyError as error:
            yield Problem(f"{at}/rules/{number}", 0, error.what, error.advice)
        fails = rule.get("fails")
        if fails is not None and fails not in family.get("failures", {}):
            advice = known_names(fails, family.get("failures", {}))
            yield Problem(f"{at}/rules/{number}/fails", 0, f"unknown failure {fails!r}", advice)


def _endings(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    kinds = state_classes(family)
    for name in ENDINGS:
        rule = family.get(name)
        if rule is None:
            continue
        becomes = rule.get("becomes")
        if becomes is None and not rule.get("removes"):
            yield Problem(f"{at}/{name}", 0, f"{name} does nothing", "becomes: a state, or removes: true")
        if becomes is not None and becomes not in kinds:
            yield Problem(
                f"{at}/{name}/becomes", 0, f"unknown state {becomes!r}", known_names(becomes, kinds)
            )
        elif becomes is not None and not kinds[becomes].terminal:
            yield Problem(
                f"{at}/{name}/becomes",
                0,
                f"{becomes!r} is of class {kinds[becomes]}, which is not terminal",
                "a state of class cancelled",
            )
        for state in rule.get("states", ()):
            if state not in kinds:
                yield Problem(f"{at}/{name}/states", 0, f"unknown state {state!r}", known_names(state, kinds))
            elif kinds[state].terminal and becomes is not None and not rule.get("removes"):
                yield Problem(
                    f"{at}/{name}/states",
                    0,
                    f"a task in {state!r} has ended, and cannot become {becomes!r}",
                    "leave it out, or removes: true",
                )


def _results(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    told = [
        name for name in every_name(family)
        if name.startswith("item.") or name in ("result_url", "results", "results_url")
    ]  # fmt: skip
    strange = any(not is_known(name, NAMES | OF_A_LIST.keys()) for name in every_name(family))
    if not told and "results" not in family and not strange and not hands_over(family["query"]):
        yield Problem(
            f"{at}/record", 0, "results are nowhere", "write $result_url, {$each: …}, or results: with a path"
        )
    variants = family.get("results", {})
    if ("variants" in variants) != ("variant" in variants):
        yield Problem(
            f"{at}/results",
            0,
            "variant and variants belong together",
            "variant: the parameter; variants: {word: media type}",
        )


def _callback(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    callback = family.get("callback")
    if callback is None:
        return
    states = family["states"]
    for state in callback.get("on", ()):
        if state not in states:
            yield Problem(f"{at}/callback/on", 0, f"unknown state {state!r}", known_names(state, states))
    chooses = callback.get("filter", {})
    for word, chosen_states in chooses.get("words", {}).items():
        for state in chosen_states:
            if state not in states:
                yield Problem(
                    f"{at}/callback/filter/words/{escape(word)}",
                    0,
                    f"unknown state {state!r}",
                    known_names(state, states),
                )
    for word in chooses.get("usual", ()):
        if word not in chooses["words"]:
            yield Problem(
                f"{at}/callback/filter/usual",
                0,
                f"unknown word {word!r}",
                known_names(word, chooses["words"]),
            )
    if "signature" in callback:
        yield from _signature(f"{at}/callback/signature", callback["signature"], family)


def _signature(at: str, rule: Mapping[str, Any], family: Mapping[str, Any]) -> Iterator[Problem]:
    needed = {
        "hmac": ("over", "header"),
        "ed25519": ("over", "header", "keys"),
        "static": ("header", "value"),
    }
    for key in needed.get(rule["scheme"], ()):
        if key not in rule:
            yield Problem(at, 0, f"a signature of scheme {rule['scheme']} needs {key!r}", f"write {key}: …")
    if rule.get("secret") == "request" and "callback_secret" not in family.get("request", {}):
        yield Problem(
            f"{at}/secret",
            0,
            "no create names a secret",
            "request: {callback_secret: its pointer}, or secret: account",
        )
    if rule["scheme"] == "hmac" and "secret" not in rule:
        yield Problem(at, 0, "a signature without a secret", "secret: account, or secret: request")
    texts = [rule.get("over", ""), rule.get("value", ""), *rule.get("headers", {}).values()]
    for name in names([text for text in texts if "${" in text]):
        if name not in SIGNED:
            yield Problem(at, 0, f"unknown value '${{{name}}}'", known_names(name, sorted(SIGNED)))
    if "value" in rule and rule["scheme"] != "static" and "${signature}" not in rule["value"]:
        yield Problem(
            f"{at}/value", 0, "the header does not hold the signature", "write ${signature} into it"
        )


def _failures(at: str, family: Mapping[str, Any]) -> Iterator[Problem]:
    kinds, failures = state_classes(family), family.get("failures", {})
    for name, failure in failures.items():
        state = failure.get("state")
        place = f"{at}/failures/{escape(name)}"
        if state is not None and state not in kinds:
            yield Problem(f"{place}/state", 0, f"unknown state {state!r}", known_names(state, kinds))
        elif state is not None and (not kinds[state].terminal or kinds[state] is StateClass.SUCCESS):
            yield Problem(
                f"{place}/state",
                0,
                f"a failure ends in {state!r}, which is of class {kinds[state]}",
                "a state of class failed, moderated, expired or cancelled",
            )
    if (
        failures
        and StateClass.FAILED not in kinds.values()
        and any("state" not in f for f in failures.values())
    ):
        yield Problem(
            f"{at}/failures",
            0,
            "no state has the class failed",
            "a state of class failed, or state: in each failure",
        )
    for key in ("usual_failure", "bad_picture"):
        if key in family and family[key] not in failures:
            yield Problem(
                f"{at}/{key}", 0, f"unknown failure {family[key]!r}", known_names(family[key], failures)
            )
