"""What is played to a client: the table of runs. A row is one run of the command against one misbehaviour.

`play` is text for the mock (`GET /__understudy__/scenarios` lists the words); `{ms}` is how long a task
takes, `{pause}` how many seconds a refused client is told to stay away.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from specs.errors import UnderstudyError


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run: a name, what happens as a sentence, the text for the mock, and the promises it exercises.

    strikes: where the misbehaviour shows: "create", "query", "result", "callback"; empty when it shows in
    what does not come.
    """

    name: str
    sentence: str
    play: str
    promises: tuple[str, ...] = ()
    strikes: tuple[str, ...] = ()
    quick: bool = False

    def text(self, *, task_ms: int, pause_seconds: int) -> str:
        """What the mock is told."""
        return self.play.format(ms=task_ms, pause=pause_seconds)


def _trouble(name: str, sentence: str, play: str, promise: str, at: str, *, quick: bool = False) -> Scenario:
    # Who learns the end from a callback would not ask, and so not meet what strikes those who ask.
    lost = "+callbacks-lost" if at == "query" else ""
    return Scenario(name, sentence, f"run:ms={{ms}}+{play}{lost}", (promise,), (at,), quick=quick)


def _news(name: str, sentence: str, play: str, promise: str, *at: str, quick: bool = False) -> Scenario:
    return Scenario(name, sentence, f"run:ms={{ms}}+{play}", (promise,), at, quick=quick)


SCENARIOS = (
    Scenario("all-is-well", "Nothing goes wrong.", "run:ms={ms}", ("finishes",), quick=True),
    Scenario("fails-late", "The task runs, and fails.", "fail:reason=risk_control,after_ms={ms}", quick=True),
    Scenario("fails-at-once", "The task has failed by the first query.", "fail-at-once:reason=internal"),
    Scenario("bad-picture", "A picture is taken, and found bad later.", "run:ms={ms}+bad-picture"),
    Scenario("never-ends", "The task never ends.", "never-finish", ("gives-up-in-the-end",)),
    _trouble(
        "too-fast-at-create",
        "The first two creates come too fast (1302).",
        "too_many_requests:at=create,times=2,retry_after={pause}",
        "recovers-from-429",
        "create",
    ),
    _trouble(
        "too-fast-at-poll",
        "The first two polls come too fast (1302).",
        "too_many_requests:at=query,times=2,retry_after={pause}",
        "recovers-from-429",
        "query",
        quick=True,
    ),
    _trouble(
        "too-many-tasks",
        "Too many tasks are running at the first two creates (1303).",
        "too_many_tasks:at=create,times=2",
        "recovers-from-429",
        "create",
    ),
    _trouble(
        "create-times-out-at-the-provider",
        "The first create is answered 504/5002, and the task exists.",
        "created-all-the-same:times=1",
        "recovers-from-5xx",
        "create",
        quick=True,
    ),
    _trouble(
        "create-fails",
        "The first create is answered 500/5000.",
        "internal_error:at=create,times=1",
        "recovers-from-5xx",
        "create",
    ),
    _trouble(
        "poll-fails",
        "The first two polls are answered 503/5001.",
        "unavailable:at=query,times=2",
        "recovers-from-5xx",
        "query",
    ),
    _trouble(
        "create-html",
        "A proxy answers the first create with HTML.",
        "html:at=create,times=1",
        "recovers-from-5xx",
        "create",
    ),
    _trouble(
        "poll-html",
        "A proxy answers the first poll with HTML.",
        "html:at=query,times=1",
        "recovers-from-5xx",
        "query",
    ),
    _trouble(
        "create-reset",
        "The connection is reset at the first create.",
        "reset:at=create,times=1",
        "recovers-from-reset",
        "create",
        quick=True,
    ),
    _trouble(
        "poll-reset",
        "The connection is reset at the first poll.",
        "reset:at=query,times=1",
        "recovers-from-reset",
        "query",
    ),
    _trouble(
        "create-hangs",
        "No answer comes to the first create.",
        "timeout:at=create,times=1",
        "recovers-from-timeout",
        "create",
    ),
    _trouble(
        "poll-hangs",
        "No answer comes to the first poll.",
        "timeout:at=query,times=1",
        "recovers-from-timeout",
        "query",
    ),
    _trouble(
        "create-malformed",
        "The first create is answered with half a JSON.",
        "malformed:at=create,times=1",
        "recovers-from-bad-json",
        "create",
    ),
    _trouble(
        "poll-malformed",
        "The first poll is answered with half a JSON.",
        "malformed:at=query,times=1",
        "recovers-from-bad-json",
        "query",
        quick=True,
    ),
    _trouble(
        "poll-truncated",
        "The first poll's answer breaks off.",
        "truncated:at=query,times=1",
        "recovers-from-bad-json",
        "query",
    ),
    _trouble(
        "no-money",
        "The account is in arrears (1101).",
        "account_in_arrears:at=create",
        "recovers-from-refusal",
        "create",
    ),
    _trouble(
        "no-permission",
        "The key may not do this (1103).",
        "no_permission:at=create",
        "recovers-from-refusal",
        "create",
    ),
    _trouble(
        "content-policy",
        "The prompt is refused (1301).",
        "content_policy:at=create",
        "recovers-from-refusal",
        "create",
    ),
    _trouble(
        "key-expires",
        "The key is no longer valid when polled (1004).",
        "authorization_expired:at=query",
        "recovers-from-refusal",
        "query",
    ),
    _trouble(
        "results-expired",
        "The results' links answer 403.",
        "results-expired:status=403",
        "recovers-from-expired-results",
        "result",
    ),
    _trouble(
        "results-gone",
        "The results' links answer 404.",
        "results-expired:status=404",
        "recovers-from-expired-results",
        "result",
    ),
    _news(
        "unknown-fields",
        "Answers and callbacks hold fields that nobody knows.",
        "extra-fields+callbacks-extra-fields",
        "survives-unknown-fields",
        "create",
        "query",
        "callback",
        quick=True,
    ),
    _news(
        "unknown-status",
        "The first two polls tell a status that nobody knows.",
        "unknown-status:at=query,times=2+callbacks-lost",
        "survives-unknown-status",
        "query",
        quick=True,
    ),
    _news(
        "code-as-text",
        'The code is "0", not 0.',
        "code-as-string+callbacks-lost",
        "survives-code-as-text",
        "create",
        "query",
    ),
    _news(
        "null-for-object",
        "Empty objects are null.",
        "null-for-object+callbacks-lost",
        "survives-null",
        "create",
        "query",
    ),
    _news(
        "skips-processing",
        "The task goes straight to its end.",
        "skip-processing",
        "survives-skipped-processing",
        "query",
        "callback",
    ),
    _news(
        "callbacks-doubled",
        "Every callback comes twice.",
        "callbacks-doubled",
        "survives-doubled-callbacks",
        "callback",
    ),
    _news(
        "callbacks-late",
        "Callbacks come two seconds late.",
        "callbacks-late:ms=2000",
        "survives-late-callbacks",
        "callback",
    ),
    _news("callbacks-lost", "No callback comes.", "callbacks-lost", "survives-lost-callbacks", quick=True),
    _news(
        "callbacks-reordered",
        "The last change is called back first.",
        "callbacks-reversed",
        "survives-reordered-callbacks",
        "callback",
    ),
    _news(
        "callbacks-forged",
        "Somebody else says that the task succeeded.",
        "callbacks-forged",
        "checks-signatures",
        quick=True,
    ),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
SETS = {
    "all": SCENARIOS,
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


def choose(words: str) -> tuple[Scenario, ...]:
    """The scenarios of "all", "quick", or of names with commas between them, in the order of the table.

    "-NAME" leaves one out: "all,-never-ends".

    `all-is-well` is always among them: it shows what the client does when left in peace.
    Raises UnderstudyError for a name that does not exist.
    """
    wanted: set[str] = set()
    unwanted: set[str] = set()
    for word in (w.strip() for w in words.split(",") if w.strip()):
        name = word.removeprefix("-")
        if name not in SETS and name not in BY_NAME:
            raise UnderstudyError(f"no scenario {name!r}", where="--scenarios", advice=_near(name))
        names = {s.name for s in SETS.get(name, ())} or {name}
        (unwanted if word.startswith("-") else wanted).update(names)
    chosen = (wanted or set(BY_NAME)) - unwanted | {"all-is-well"}
    return tuple(s for s in SCENARIOS if s.name in chosen)
