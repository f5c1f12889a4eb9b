"""Declared misbehaviour, always opt-in: the scenarios, their parameters, and what each does.

A scenario is chosen by text, the same everywhere (header, prompt, control plane):

    NAME[:KEY=VALUE[,KEY=VALUE]...][+NAME...]        fail:reason=internal,after_ms=500+latency:ms=200

Every refusal of the profile (a key of `x-errors`) is a scenario too: `account_in_arrears` means
`refuse:situation=account_in_arrears`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from mockserver.errors import MockError
from specs.errors import known_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OPERATIONS = ("create", "query", "list")
# What is read is remembered.
MOST_TEXT = 2000
# Refusals that stand beside one of the same name (mockserver.refusals).
TWINS = {
    "_documented": ", as the provider's documents have it,",
    "_textbook": ", as `serve --textbook` does it,",
}
PROMPT_MARK = "#understudy:"
PROMPT_SCENARIO = re.compile(r"#understudy:(\S{1,300})")


@dataclass(frozen=True, slots=True)
class Effects:
    """What the chosen scenarios change. The default changes nothing; all times are in milliseconds."""

    # the task's plan
    fail: str = ""
    run_ms: int = -1
    never: bool = False
    skip: bool = False
    # the answer
    refuse: str = ""
    keep_task: bool = False
    retry_after: int = 0
    latency_ms: int = 0
    transport: str = ""
    mutations: tuple[str, ...] = ()
    # callbacks
    lost: bool = False
    late_ms: int = 0
    doubled: bool = False
    reversed: bool = False
    badly_signed: bool = False
    forged: bool = False
    callback_extra: bool = False
    early: bool = False
    terminal_only: bool = False
    new_generation: bool = False
    # results
    results_status: int = 0


NOTHING = Effects()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A scenario's parameter: a number between bounds, one of some words, or text."""

    default: Any
    text: str
    least: int = 0
    most: int = 86_400_000
    words: tuple[str, ...] = ()

    def read(self, given: str, where: str) -> Any:
        if isinstance(self.default, int):
            if not re.fullmatch(r"[0-9]{1,12}", given) or not self.least <= int(given) <= self.most:
                raise MockError(f"{given!r} is not a number from {self.least} to {self.most}", where=where)
            return int(given)
        if self.words and given not in self.words:
            raise MockError(f"no {given!r}", where=where, advice=f"known: {', '.join(self.words)}")
        return given


# Rows are compared by identity: their effects and parameters have no hash.
@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A row of the table: a name, a sentence, parameters, and the effects for given parameters."""

    name: str
    sentence: str
    effects: Callable[[Mapping[str, Any]], dict[str, Any]]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


AT = Parameter("any", "which operation it strikes", words=(*OPERATIONS, "any"))
TIMES = Parameter(0, "how often, for one task or account; 0: always", most=1_000_000)
ANSWER = {"at": AT, "times": TIMES}
REFUSAL = {
    **ANSWER,
    "retry_after": Parameter(0, "seconds that the answer's Retry-After names; 0: it has none", most=86_400),
}
FAIL = {
    "reason": Parameter("risk_control", "a reason that the profile knows, or your own words"),
    "after_ms": Parameter(-1, "when it fails; default: when it would have succeeded", least=0),
}


def _transport(kind: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return lambda _: {"transport": kind}


def _mutation(kind: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return lambda _: {"mutations": (kind,)}


def _flag(name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return lambda _: {name: True}


ROWS = (
    Scenario(
        "fail",
        "The task is accepted, runs, and fails with a reason.",
        lambda p: {"fail": p["reason"], "run_ms": p["after_ms"]},
        FAIL,
    ),
    Scenario(
        "fail-at-once",
        "The task is accepted and has failed by the first query.",
        lambda p: {"fail": p["reason"], "run_ms": 0},
        {"reason": FAIL["reason"]},
    ),
    Scenario(
        "bad-picture",
        "A picture is accepted at create, and the task fails later because of it.",
        lambda _: {"fail": "invalid_pixel"},
    ),
    Scenario("never-finish", "The task never reaches a terminal state.", _flag("never")),
    Scenario("skip-processing", "The task goes from its first state straight to its last.", _flag("skip")),
    Scenario(
        "run",
        "The task takes `ms` to its terminal state, whatever the pace.",
        lambda p: {"run_ms": p["ms"]},
        {"ms": Parameter(10_000, "milliseconds from create to the terminal state")},
    ),
    Scenario(
        "results-expired",
        "The results' URLs answer that they are gone.",
        lambda p: {"results_status": p["status"]},
        {"status": Parameter(403, "403 or 404", least=403, most=404)},
    ),
    Scenario(
        "refuse",
        "The request is refused with one of the provider's errors.",
        lambda p: {"refuse": p["situation"], "retry_after": p["retry_after"]},
        {"situation": Parameter("internal_error", "one of the refusals listed here by name"), **REFUSAL},
    ),
    Scenario(
        "created-all-the-same",
        "Create is answered with a time-out (5002), and yet the task exists and runs.",
        lambda _: {"refuse": "timed_out", "keep_task": True},
        {"at": Parameter("create", "only create", words=("create",)), "times": TIMES},
    ),
    Scenario(
        "latency",
        "The answer comes late.",
        lambda p: {"latency_ms": p["ms"]},
        {"ms": Parameter(1000, "milliseconds of waiting", most=600_000), **ANSWER},
    ),
    Scenario("timeout", "No answer comes; the connection stays open.", _transport("hang"), ANSWER),
    Scenario("reset", "The connection is reset in place of an answer.", _transport("reset"), ANSWER),
    Scenario(
        "truncated",
        "The connection ends in the middle of the answer's body.",
        _transport("truncated"),
        ANSWER,
    ),
    Scenario("malformed", "The answer is JSON that ends too early.", _transport("malformed"), ANSWER),
    Scenario("html", "A proxy answers 502 with an HTML page.", _transport("html"), ANSWER),
    Scenario("code-as-string", "The envelope's code is a string.", _mutation("code-as-string"), ANSWER),
    Scenario(
        "unknown-status", "The task's status is a word nobody knows.", _mutation("unknown-status"), ANSWER
    ),
    Scenario("extra-fields", "Bodies hold fields that no document names.", _mutation("extra-fields"), ANSWER),
    Scenario("null-for-object", "Objects that are empty are null.", _mutation("null-for-object"), ANSWER),
    Scenario("callbacks-lost", "No callback is sent.", _flag("lost")),
    Scenario(
        "callbacks-late",
        "Callbacks come `ms` later than the change.",
        lambda p: {"late_ms": p["ms"]},
        {"ms": Parameter(5000, "milliseconds after the change")},
    ),
    Scenario("callbacks-doubled", "Every callback is sent twice.", _flag("doubled")),
    Scenario(
        "callbacks-reversed", "Callbacks come in the wrong order, the last change first.", _flag("reversed")
    ),
    Scenario("callbacks-badly-signed", "The signature does not match the body.", _flag("badly_signed")),
    Scenario(
        "callbacks-extra-fields",
        "Callbacks hold fields that no document names.",
        _flag("callback_extra"),
    ),
    Scenario(
        "callbacks-forged",
        "Early on, somebody else calls back that the task has ended, with a signature that does not match.",
        _flag("forged"),
    ),
    Scenario("callbacks-early", "The first callback comes before the create answer.", _flag("early")),
    Scenario("callbacks-terminal-only", "Only terminal states are called back.", _flag("terminal_only")),
    Scenario(
        "callbacks-new-generation",
        "Callbacks have the shape of the vendor's new API generation (id, status, outputs).",
        _flag("new_generation"),
    ),
)
TABLE = {row.name: row for row in ROWS}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One scenario with its parameters; `key` names it where it is counted."""

    row: Scenario
    values: tuple[tuple[str, Any], ...]
    key: str

    def get(self, name: str, default: Any = None) -> Any:
        return dict(self.values).get(name, default)


@functools.lru_cache(maxsize=4096)
def read_scenarios(text: str, situations: tuple[str, ...]) -> tuple[Chosen, ...]:
    """The scenarios that `text` chooses; raises MockError with the known names or parameters.

    `situations` are the profile's refusals, each of which is a scenario of its own.
    """
    if len(text) > MOST_TEXT:
        raise MockError(f"a scenario of {len(text)} characters", advice=f"at most {MOST_TEXT}")
    return tuple(_read_one(part.strip(), situations) for part in text.split("+") if part.strip())


def _read_one(text: str, situations: tuple[str, ...]) -> Chosen:
    name, _, rest = text.partition(":")
    given: dict[str, str] = {}
    for pair in rest.split(",") if rest else ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise MockError(f"{pair!r} is not KEY=VALUE", where=f"scenario {name}")
        given[key.strip()] = value.strip()
    if name in situations:
        given["situation"], name = name, "refuse"
    row = TABLE.get(name)
    if row is None:
        advice = known_names(name, [*sorted(TABLE), *situations])
        raise MockError(f"no scenario {name!r}", advice=f"{advice}; verify-client has names of its own")
    if unknown := sorted(given.keys() - row.parameters.keys()):
        takes = ", ".join(row.parameters) or "none"
        raise MockError(f"no parameter {unknown[0]!r}", where=f"scenario {name}", advice=f"it takes: {takes}")
    values = {
        key: p.read(given[key], f"scenario {name}, {key}") if key in given else p.default
        for key, p in row.parameters.items()
    }
    if "situation" in values and values["situation"] not in situations:
        known = ", ".join(situations)
        raise MockError(
            f"no situation {values['situation']!r}", where=f"scenario {name}", advice=f"known: {known}"
        )
    return Chosen(row, tuple(values.items()), text)


@functools.lru_cache(maxsize=4096)
def effects(chosen: tuple[Chosen, ...], operation: str = "") -> Effects:
    """What the chosen scenarios do to `operation`; "" leaves out what strikes answers only."""
    total = NOTHING
    for one in chosen:
        at = one.get("at")
        if at is not None and at not in ("any", operation):
            continue
        if at is not None and not operation:
            continue
        change = one.row.effects(dict(one.values))
        if "mutations" in change:
            change["mutations"] = (*total.mutations, *change["mutations"])
        total = replace(total, **{name: value for name, value in change.items() if value != _DEFAULTS[name]})
    return total


_DEFAULTS = {f.name: f.default for f in fields(Effects)}


def refusal_sentence(name: str, row: Mapping[str, Any]) -> str:
    """What is answered; details that differ are in capitals: FIELD for `{field}`."""
    words = re.sub(r"\{(\w+)\}", lambda place: place[1].upper(), str(row["message"]))
    twin = next((text for end, text in TWINS.items() if name.endswith(end)), "")
    return f"Refused{twin} with HTTP {row['status']}, code {row['code']}: {words}."


def listing(situations: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every scenario with a sentence and its parameters, for the control plane; sorted by name."""
    rows = [
        {
            "name": row.name,
            "sentence": row.sentence,
            "parameters": {
                name: {
                    "default": None if p.default == -1 else p.default,
                    "meaning": p.text,
                    **({"one_of": list(p.words)} if p.words else {}),
                }
                for name, p in row.parameters.items()
            },
        }
        for row in ROWS
    ]
    answer = {n: {"default": p.default, "meaning": p.text} for n, p in REFUSAL.items()}
    rows += [
        {
            "name": name,
            "sentence": refusal_sentence(name, row),
            "parameters": answer,
        }
        for name, row in situations.items()
    ]
    return sorted(rows, key=lambda row: str(row["name"]))
