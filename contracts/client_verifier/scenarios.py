"""What is played to a client: the table of runs. A row is one run of the command against one misbehaviour.

`play` is text for the mock (`GET /__understudy__/scenarios` lists the words); `{ms}` is how long a task
takes, `{long}` twice that, `{pause}` how many seconds a refused client is told to stay away. A scenario
changes one thing: what a client does about it must not be the fault of another.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# What a scenario may need beside a state of a class.
NEEDS = {
    "cancel": "an operation that cancels",
    "callback": "callbacks",
    "progress": "records that tell progress in percent",
    "results": "records that hold the results",
}
Restart = Literal["", "ordering", "polling", "ended", "given up"]


@dataclass(frozen=True, slots=True)
class GradedScenario:
    """One run: a name, what happens as a sentence, the text for the mock, and the promises it exercises.

    strikes: where the misbehaviour shows: "create", "query", "list", "cancel", "result", "callback"; empty
    when it shows in what does not come.
    restart: when the command is started again: at once after it was killed while it waited for the answer to
    its create, or while polling; when the task has ended; or when it had given up by itself and the task has
    succeeded since.
    needs: what an API must have for it, "" for what every one has: a class of states, "cancel", "callback",
    "progress" or "results".
    """

    name: str
    sentence: str
    play: str
    promises: tuple[str, ...] = ()
    strikes: tuple[str, ...] = ()
    quick: bool = False
    restart: Restart = ""
    needs: str = ""

    @property
    def need(self) -> str:
        """`needs` in words, "" for nothing: "callbacks", "a state of the class moderated"."""
        return NEEDS.get(self.needs, f"a state of the class {self.needs}") if self.needs else ""

    @property
    def told(self) -> str:
        """The sentence, and what it needs beside it."""
        needs = f" Needs {self.need}." if self.needs else ""
        return self.sentence + needs + (" In no set: --restart adds it." if self.restart else "")

    def text(self, *, task_ms: int, pause_seconds: int, calls_back: bool = True) -> str:
        """What the mock is told; of an API that calls nobody back, nothing about callbacks."""
        parts = (p for p in self.play.split("+") if calls_back or not p.startswith("callbacks-"))
        return "+".join(parts).format(ms=task_ms, long=2 * task_ms, pause=pause_seconds)


def _trouble(name: str, sentence: str, play: str, promise: str, *, quick: bool = False) -> GradedScenario:
    """Trouble with one kind of request. Polls are met by it for as long as a client that is called back may
    need to ask at all: there the task takes twice its time.
    """
    found = AT.search(play)
    strikes = found[1] if found else "result"
    ms = "{long}" if strikes == "query" else "{ms}"
    return GradedScenario(name, sentence, f"run:ms={ms}+{play}", (promise,), (strikes,), quick=quick)


def _news(
    name: str, sentence: str, play: str, promise: str, *strikes: str, quick: bool = False, needs: str = ""
) -> GradedScenario:
    ms = "{long}" if strikes == ("query",) else "{ms}"
    return GradedScenario(
        name, sentence, f"run:ms={ms}+{play}", (promise,), strikes, quick=quick, needs=needs
    )


AT = re.compile(r"at=(\w+)")
CREATE, QUERY, RESULT, CALLBACK = "create", "query", "result", "callback"
LIST, CANCEL = "list", "cancel"
RESULTS = "results"
# What an API of Kling's kind has.
USUAL = frozenset({CALLBACK, RESULTS})
SCENARIOS = (
    GradedScenario("all-is-well", "Nothing goes wrong.", "run:ms={ms}", ("finishes",), quick=True),
    GradedScenario("fails-late", "The task runs, and fails.", "fail:after_ms={ms}", quick=True),
    GradedScenario("fails-at-once", "The task has failed by the first query.", "fail-at-once"),
    GradedScenario("bad-picture", "A picture is taken, and found bad later.", "run:ms={ms}+bad-picture"),
    GradedScenario("never-ends", "The task never ends.", "never-finish", ("gives-up-in-the-end",)),
    _trouble(
        "too-fast-at-create", "The first create comes too fast, and Retry-After says how long to wait.",
        "too_many_requests:at=create,times=1,retry_after={pause}", "recovers-from-429",
    ),
    _trouble(
        "too-fast-at-poll", "The first poll comes too fast, and Retry-After says how long to wait.",
        "too_many_requests:at=query,times=1,retry_after={pause}", "recovers-from-429", quick=True,
    ),
    _trouble(
        "too-many-tasks", "Too many tasks are running at the first two creates.",
        "too_many_tasks:at=create,times=2", "recovers-from-429",
    ),
    GradedScenario(
        "create-times-out-at-the-provider",
        "The first create is answered with a time-out (504), and the task exists.",
        "run:ms={ms}+created-all-the-same:times=1", ("recovers-from-5xx",), (CREATE,), quick=True,
    ),
    GradedScenario(
        "create-times-out-and-keys-count",
        "The same, at a provider that answers the same Idempotency-Key with the first task.",
        "run:ms={ms}+created-all-the-same:times=1+idempotency:same=replay",
        ("recovers-from-5xx", "one-key-an-order"), (CREATE,),
    ),
    _trouble(
        "create-fails", "The first create is answered 500.",
        "internal_error:at=create,times=1", "recovers-from-5xx",
    ),
    _trouble(
        "poll-fails", "The first two polls are answered 503.",
        "unavailable:at=query,times=2", "recovers-from-5xx",
    ),
    _trouble(
        "create-html", "A proxy answers the first create with HTML.",
        "html:at=create,times=1", "recovers-from-5xx",
    ),
    _trouble(
        "poll-html", "A proxy answers the first poll with HTML.",
        "html:at=query,times=1", "recovers-from-5xx",
    ),
    _trouble(
        "create-reset", "The connection is reset at the first create.",
        "reset:at=create,times=1", "recovers-from-reset", quick=True,
    ),
    _trouble(
        "poll-reset", "The connection is reset at the first poll.",
        "reset:at=query,times=1", "recovers-from-reset",
    ),
    _trouble(
        "create-hangs", "No answer comes to the first create.",
        "timeout:at=create,times=1", "recovers-from-timeout",
    ),
    _trouble(
        "poll-hangs", "No answer comes to the first poll.",
        "timeout:at=query,times=1", "recovers-from-timeout",
    ),
    _trouble(
        "create-malformed", "The first create is answered with truncated JSON.",
        "malformed:at=create,times=1", "recovers-from-bad-json",
    ),
    _trouble(
        "poll-malformed", "The first poll is answered with truncated JSON.",
        "malformed:at=query,times=1", "recovers-from-bad-json", quick=True,
    ),
    _trouble(
        "poll-truncated", "The first poll's answer is cut off.",
        "truncated:at=query,times=1", "recovers-from-bad-json",
    ),
    _trouble(
        "unknown-at-first", "The first two polls find no such task.",
        "unknown_task:at=query,times=2", "recovers-from-unknown-task", quick=True,
    ),
    _trouble(
        "gone-later", "After the first poll there is no such task any more.",
        "unknown_task:at=query,after=1", "recovers-from-unknown-task",
    ),
    _trouble(
        "never-found", "No poll finds the task: it was evicted before the first.",
        "unknown_task:at=query", "recovers-from-unknown-task",
    ),
    _trouble(
        "poll-empty", "The first two polls are answered with an empty body.",
        "empty:at=query,times=2", "recovers-from-bad-json",
    ),
    _trouble(
        "poll-partial", "The first two polls show no status.",
        "partial:at=query,times=2", "recovers-from-bad-json",
    ),
    GradedScenario(
        "outage-while-polling", "After the first poll, four are answered 503.",
        "run:ms={long}+unavailable:at=query,after=1,times=4", ("recovers-from-5xx",), (QUERY,),
    ),
    GradedScenario(
        "results-come-late", "The task succeeds at once, and has its results two polls later.",
        "run:ms=1+results-later:times=2", ("recovers-from-late-results",), (QUERY,),
        needs=RESULTS,
    ),
    GradedScenario(
        "succeeds-without-results", "The task succeeds, and there are no results.",
        "run:ms={ms}+no-results", ("survives-missing-results",), (QUERY, CALLBACK), quick=True,
        needs=RESULTS,
    ),
    GradedScenario(
        "succeeds-with-fewer-results", "The task succeeds with one result less than was asked for.",
        "run:ms={ms}+fewer-results", ("survives-missing-results",), (QUERY, CALLBACK), needs=RESULTS,
    ),
    GradedScenario(
        "download-fails-once", "The first download of a result is answered 503.",
        "run:ms={ms}+results-fail:times=1", ("recovers-from-failed-download",), (RESULT,),
    ),
    _trouble(
        "no-money", "The account is in arrears.", "account_in_arrears:at=create", "recovers-from-refusal",
    ),
    _trouble(
        "no-permission", "The key may not do this.", "no_permission:at=create", "recovers-from-refusal",
    ),
    _trouble(
        "content-policy", "The prompt is refused.", "content_policy:at=create", "recovers-from-refusal",
    ),
    _trouble(
        "key-expires", "The key is no longer valid when polled.",
        "authorization_expired:at=query", "recovers-from-refusal",
    ),
    _trouble(
        "key-refused", "The key is refused at the create.",
        "authorization_failed:at=create", "recovers-from-refusal",
    ),
    GradedScenario(
        "key-revoked", "The key is revoked while the task runs: after two requests everything is refused.",
        "run:ms={long}+authorization_failed:after=2", ("recovers-from-refusal",),
        (CREATE, QUERY, LIST, CANCEL),
    ),
    _trouble(
        "results-expired", "The results' links answer 403.",
        "results-expired:status=403", "recovers-from-expired-results",
    ),
    _trouble(
        "results-gone", "The results' links answer 404.",
        "results-expired:status=404", "recovers-from-expired-results",
    ),
    _trouble(
        "results-renewed", "The results' links have expired until the task is asked about again.",
        "results-renewed", "recovers-from-expired-results",
    ),
    _news(
        "unknown-fields", "Answers and callbacks have unknown fields.",
        "extra-fields+callbacks-extra-fields", "survives-unknown-fields", CREATE, QUERY, CALLBACK, quick=True,
    ),
    _news(
        "unknown-status", "The first two polls show an unknown status.",
        "unknown-status:at=query,times=2", "survives-unknown-status", QUERY, quick=True,
    ),
    _news(
        "foreign-status", "The first two polls show the state in another vendor's words.",
        "foreign-status:at=query,times=2", "survives-unknown-status", QUERY,
    ),
    _news(
        "poll-stale", "After the first poll, two tell the state of the task's first moment again.",
        "stale:at=query,after=1,times=2", "survives-stale-polls", QUERY,
    ),
    _news(
        "code-as-text", 'The code is "0", not 0.', "code-as-string", "survives-code-as-text", CREATE, QUERY,
    ),
    _news("null-for-object", "Empty objects are null.", "null-for-object", "survives-null", CREATE, QUERY),
    _news(
        "skips-a-state", "The task goes straight to its end.",
        "skip-processing", "survives-skipped-states", QUERY, CALLBACK,
    ),
    _news(
        "callbacks-doubled", "Every callback comes twice.",
        "callbacks-doubled", "survives-doubled-callbacks", CALLBACK, needs=CALLBACK,
    ),
    _news(
        "callbacks-late", "Callbacks come two seconds late.",
        "callbacks-late:ms=2000", "survives-late-callbacks", CALLBACK, needs=CALLBACK,
    ),
    _news(
        "callbacks-lost", "No callback comes.",
        "callbacks-lost", "survives-lost-callbacks", quick=True, needs=CALLBACK,
    ),
    _news(
        "callbacks-reordered", "The last change is reported first.",
        "callbacks-reversed", "survives-reordered-callbacks", CALLBACK, needs=CALLBACK,
    ),
    _news(
        "callbacks-forged", "A forged callback says that the task succeeded.",
        "callbacks-forged", "checks-signatures", quick=True, needs=CALLBACK,
    ),
)  # fmt: skip
ENDINGS = "recovers-from-other-endings"
FURTHER = (
    GradedScenario(
        "ends-moderated", "The task runs, and ends without a result because of a rule of content.",
        "run:ms={ms}+moderated", (ENDINGS,), needs="moderated",
    ),
    GradedScenario(
        "ends-expired", "The task does not finish in time, and expires.",
        "run:ms={ms}+expired", (ENDINGS,), needs="expired",
    ),
    GradedScenario(
        "ends-cancelled", "Somebody else cancels the task.",
        "run:ms={ms}+cancelled", (ENDINGS,), needs="cancelled",
    ),
    GradedScenario(
        "throttled-at-first", "The task is throttled before it runs, in place of a refusal.",
        "run:ms={long}+throttled", ("survives-throttling",), (QUERY,), needs="throttled",
    ),
    GradedScenario(
        "progress-in-fractions", "Progress is told as a fraction: 0.3 for 30, 30.5% for 30%.",
        "run:ms={long}+progress-in-fractions:at=query", ("survives-fractions",), (QUERY,), needs="progress",
    ),
    GradedScenario(
        "cancel-too-late",
        "The task takes longer than the client waits, and succeeds just before it is cancelled.",
        "never-finish+cancel-too-late", ("learns-what-its-cancel-did",), needs="cancel",
    ),
    GradedScenario(
        "cancel-without-effect",
        "The task takes longer than the client waits; its cancel is accepted, and the task succeeds.",
        "never-finish+cancel-without-effect", ("learns-what-its-cancel-did",), needs="cancel",
    ),
)  # fmt: skip
RESTARTS = (
    GradedScenario(
        "restarted-while-ordering",
        "It is killed before its create is answered, and restarted; the same Idempotency-Key finds the task.",
        "run:ms={ms}+timeout:at=create,times=1+idempotency:same=replay",
        ("resumes-after-a-restart", "one-key-an-order"), (CREATE,), restart="ordering",
    ),
    GradedScenario(
        "restarted-while-polling", "It is killed after its first poll and restarted.",
        "run:ms={long}", ("resumes-after-a-restart",), restart="polling",
    ),
    GradedScenario(
        "restarted-after-the-end", "It is killed after its first poll; the task ends; it is restarted.",
        "run:ms={long}", ("resumes-after-a-restart",), restart="ended",
    ),
    GradedScenario(
        "restarted-after-giving-up",
        "The task takes longer than it waits; when the task has succeeded, it is started again.",
        "never-finish", ("resumes-after-a-restart",), restart="given up",
    ),
)  # fmt: skip
EVERY_SCENARIO = (*SCENARIOS, *FURTHER, *RESTARTS)
BY_NAME = {scenario.name: scenario for scenario in EVERY_SCENARIO}
SETS = {
    "all": (*SCENARIOS, *FURTHER),
    "quick": tuple(s for s in SCENARIOS if s.quick),
}


def _near(name: str) -> str:
    """What may have been meant by a name that does not exist: it is nearly one, or one of the mock's own."""
    names = [*SETS, *BY_NAME]
    if made := [s.name for s in SCENARIOS if name and re.search(rf"(^|\+){re.escape(name)}([:+]|$)", s.play)]:
        return f"a scenario of the mock itself; for clients it is part of {', '.join(made)}"
    if close := difflib.get_close_matches(name, names, n=1):
        return f"did you mean {close[0]}? --list shows them all"
    return f"known: {', '.join(names)}"


def choose(
    words: str, *, restart: bool = False, abilities: frozenset[str] = USUAL
) -> tuple[GradedScenario, ...]:
    """The scenarios of "all", "quick", or of names with commas between them, in the order of the table.

    "-NAME" leaves one out: "all,-never-ends". `restart` adds those in which the command is started again;
    `abilities`, of the API that is played, are what scenarios may need.

    `all-is-well` is always among them: it shows what the client does when left in peace.
    Raises UnderstudyError for a name that does not exist, or needs what the API has not.
    """
    more = RESTARTS if restart else ()
    chosen = selected(words, BY_NAME, SETS, abilities, _near, more) | {"all-is-well"}
    return tuple(s for s in BY_NAME.values() if s.name in chosen)


def selected(
    words: str,
    table: Mapping[str, GradedScenario],
    sets: Mapping[str, Sequence[GradedScenario]],
    abilities: frozenset[str],
    near: Callable[[str], str],
    more: Iterable[GradedScenario] = (),
) -> set[str]:
    """The names of `table` that the name of a set, or names with commas between them select.

    "-NAME" leaves one out, and nothing but those is "all" without them. abilities: of the API that is played;
    near: what may have been meant by a name that does not exist; more: what is selected in any case.
    Raises UnderstudyError for a name that does not exist, or needs what the API has not.
    """
    possible = {s.name for s in table.values() if not s.needs or s.needs in abilities}
    wanted: set[str] = set()
    unwanted: set[str] = set()
    for word in (w.strip() for w in words.split(",") if w.strip()):
        name = word.removeprefix("-")
        if name not in sets and name not in table:
            raise UnderstudyError(f"unknown scenario {name!r}", where="--scenarios", advice=near(name))
        if word in table and word not in possible:
            raise UnderstudyError(f"{name} needs {table[name].need}; the API has none", where="--scenarios")
        names = {s.name for s in sets.get(name, ())} or {name}
        (unwanted if word.startswith("-") else wanted).update(names & possible)
    wanted = wanted or {s.name for s in sets["all"]} & possible
    return (wanted | {s.name for s in more}) - unwanted
