"""The table of scenarios: each one's name, sentence and parameters, and the effects that it has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import MockError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


OPERATIONS = ("create", "query", "list")


@dataclass(frozen=True, slots=True)
class Effects:
    """What the chosen scenarios change. The default changes nothing; all times are in milliseconds."""

    # the task's plan
    fail: bool = False
    reason: str = ""
    bad_picture: bool = False
    run_ms: int = -1
    never: bool = False
    skip: bool = False
    # the class of the state in which the task ends: moderated, cancelled or expired
    ends: str = ""
    throttled: bool = False
    late_cancel: bool = False
    lost_cancel: bool = False
    # the answer
    refuse: str = ""
    keep_task: bool = False
    retry_after: int = 0
    idempotency: str = ""
    key_ms: int = 0
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
    results_fail: int = 0
    results_renewed: bool = False


NOTHING = Effects()


@dataclass(frozen=True, slots=True)
class ScenarioParameter:
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
            raise MockError(f"unknown value {given!r}", where=where, advice=f"known: {', '.join(self.words)}")
        return given


# Rows are compared by identity: their effects and parameters have no hash.
@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A row of the table: a name, a sentence, parameters, and the effects for given parameters.

    called_back: whether what it does to answers shows in callbacks too.
    """

    name: str
    sentence: str
    effects: Callable[[Mapping[str, Any]], dict[str, Any]]
    parameters: Mapping[str, ScenarioParameter] = field(default_factory=dict)
    called_back: bool = False


AT = ScenarioParameter("any", "which operation it strikes", words=(*OPERATIONS, "any"))
TIMES = ScenarioParameter(0, "how often, for one task or account; 0: always", most=1_000_000)
AFTER = ScenarioParameter(0, "how many requests are well answered first", most=1_000_000)
WITHIN = ScenarioParameter(0, "of queries: only so many milliseconds after the task was created; 0: for ever")
ANSWER = {"at": AT, "times": TIMES, "after": AFTER, "within_ms": WITHIN}
REFUSAL = {
    **ANSWER,
    "retry_after": ScenarioParameter(
        0, "seconds that the answer's Retry-After names; 0: it has none", most=86_400
    ),
}
FAIL = {
    "reason": ScenarioParameter(
        "", "a reason that the profile knows (default: its usual one), or your words"
    ),
    "after_ms": ScenarioParameter(-1, "when it fails; default: when it would have succeeded", least=0),
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
        lambda p: {"fail": True, "reason": p["reason"], "run_ms": p["after_ms"]},
        FAIL,
    ),
    Scenario(
        "fail-at-once",
        "The task is accepted and has failed by the first query.",
        lambda p: {"fail": True, "reason": p["reason"], "run_ms": 0},
        {"reason": FAIL["reason"]},
    ),
    Scenario(
        "bad-picture",
        "A picture is accepted at create, and the task fails later because of it.",
        _flag("bad_picture"),
    ),
    Scenario(
        "moderated",
        "The task runs, and ends without a result because of a rule of content.",
        lambda _: {"ends": "moderated"},
    ),
    Scenario("cancelled", "The task is stopped before its end.", lambda _: {"ends": "cancelled"}),
    Scenario("expired", "The task does not finish in time and expires.", lambda _: {"ends": "expired"}),
    Scenario(
        "throttled",
        "The task is accepted and throttled before it runs, instead of being refused.",
        _flag("throttled"),
    ),
    Scenario("cancel-too-late", "The task succeeds just before it is cancelled.", _flag("late_cancel")),
    Scenario(
        "cancel-without-effect",
        "A cancel is accepted, and the task succeeds all the same at that moment.",
        _flag("lost_cancel"),
    ),
    Scenario("never-finish", "The task never reaches a terminal state.", _flag("never")),
    Scenario("skip-processing", "The task goes from its first state straight to its last.", _flag("skip")),
    Scenario(
        "run",
        "The task takes `ms` to its terminal state, whatever the pace.",
        lambda p: {"run_ms": p["ms"]},
        {"ms": ScenarioParameter(10_000, "milliseconds from create to the terminal state")},
    ),
    Scenario(
        "results-expired",
        "The results' URLs answer that they are gone.",
        lambda p: {"results_status": p["status"]},
        {"status": ScenarioParameter(403, "403 or 404", least=403, most=404)},
    ),
    Scenario(
        "results-fail",
        "The first `times` downloads of a task's results are refused as unavailable.",
        lambda p: {"results_fail": p["times"]},
        {"times": ScenarioParameter(1, "how many downloads of a task fail", least=1, most=1_000_000)},
    ),
    Scenario(
        "results-renewed",
        "The results' URLs answer 403 until the task is asked about again, which renews them.",
        _flag("results_renewed"),
    ),
    Scenario(
        "no-results", "The task succeeds without results, in answers and callbacks.", _mutation("no-results")
    ),
    Scenario(
        "fewer-results",
        "The task succeeds with one result less than was asked for.",
        _mutation("fewer-results"),
    ),
    Scenario(
        "results-later",
        "A task that has succeeded has no results yet in its first `times` answers, nor in callbacks.",
        _mutation("no-results"),
        {
            "at": ScenarioParameter("query", AT.text, words=AT.words),
            "times": ScenarioParameter(2, TIMES.text, most=1_000_000),
            "after": AFTER,
        },
        called_back=True,
    ),
    Scenario(
        "refuse",
        "The request is refused with one of the provider's errors.",
        lambda p: {"refuse": p["situation"], "retry_after": p["retry_after"]},
        {
            "situation": ScenarioParameter("internal_error", "one of the refusals listed here by name"),
            **REFUSAL,
        },
    ),
    Scenario(
        "created-all-the-same",
        "Create is answered with a time-out, and yet the task exists and runs.",
        lambda _: {"refuse": "timed_out", "keep_task": True},
        {"at": ScenarioParameter("create", "only create", words=("create",)), "times": TIMES, "after": AFTER},
    ),
    Scenario(
        "idempotency",
        "A create with a repeated Idempotency-Key is answered as `same` says; another body is refused.",
        lambda p: {"idempotency": p["same"], "key_ms": 1000 * p["seconds"]},
        {
            "same": ScenarioParameter(
                "replay",
                "the first answer again, a refusal, or nothing special",
                words=("replay", "reject", "ignore"),
            ),
            "seconds": ScenarioParameter(0, "after how long a key is forgotten; 0: never"),
        },
    ),
    Scenario(
        "latency",
        "The answer comes late.",
        lambda p: {"latency_ms": p["ms"]},
        {"ms": ScenarioParameter(1000, "milliseconds of waiting", most=600_000), **ANSWER},
    ),
    Scenario("timeout", "No answer comes; the connection stays open.", _transport("hang"), ANSWER),
    Scenario(
        "reset", "The connection is reset (TCP RST) in place of an answer.", _transport("reset"), ANSWER
    ),
    Scenario("closed", "The connection is closed in order, without an answer.", _transport("close"), ANSWER),
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
        "unknown-status", "The task's status is an undocumented word.", _mutation("unknown-status"), ANSWER
    ),
    Scenario("extra-fields", "Bodies have undocumented fields.", _mutation("extra-fields"), ANSWER),
    Scenario("null-for-object", "Objects that are empty are null.", _mutation("null-for-object"), ANSWER),
    Scenario("empty", "The answer has no body.", _transport("empty"), ANSWER),
    Scenario("partial", "The task's record lacks its status.", _mutation("partial"), ANSWER),
    Scenario("stale", "The task's record is the one from its creation.", _mutation("stale"), ANSWER),
    Scenario(
        "foreign-status",
        "The task's status is in the words of another vendor.",
        _mutation("foreign-status"),
        ANSWER,
    ),
    Scenario(
        "progress-in-fractions",
        "Progress is told as a fraction: 0.3 for 30, 30.5% for 30%.",
        _mutation("progress-in-fractions"),
        ANSWER,
    ),
    Scenario("callbacks-lost", "No callback is sent.", _flag("lost")),
    Scenario(
        "callbacks-late",
        "Callbacks come `ms` later than the change.",
        lambda p: {"late_ms": p["ms"]},
        {"ms": ScenarioParameter(5000, "milliseconds after the change")},
    ),
    Scenario("callbacks-doubled", "Every callback is sent twice.", _flag("doubled")),
    Scenario(
        "callbacks-reversed", "Callbacks come in the wrong order, the last change first.", _flag("reversed")
    ),
    Scenario("callbacks-badly-signed", "The signature does not match the body.", _flag("badly_signed")),
    Scenario(
        "callbacks-extra-fields",
        "Callbacks have undocumented fields.",
        _flag("callback_extra"),
    ),
    Scenario(
        "callbacks-forged",
        "Early on, an attacker reports the task's end, with a signature that does not match.",
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
