"""Each promise's judge, on runs small enough to read: kept, broken, and no occasion."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.client_verifier import judges
from contracts.client_verifier.promises import PROMISES
from contracts.client_verifier.trace import Delivery, Exchange, Task, Trace

REASON = "Image pixel is invalid"
ORDER = '{"n": 1}'


def create(at_ms=0, task="t1", external="", order=ORDER, **more):
    return Exchange(
        at_ms=at_ms,
        answered_ms=at_ms + 1,
        method="POST",
        path="/v1/things",
        kind="create",
        task_id=task,
        external_id=external,
        order=order,
        **more,
    )


def lost(at_ms=0, task="t1", external="", **more):
    """A create whose answer a client cannot trust: 504/5002."""
    return create(at_ms, task, external, status=504, code=5002, doubtful=True, **more)


def poll(at_ms, told="processing", task="t1", **more):
    final = told in ("succeed", "failed")
    return Exchange(
        at_ms=at_ms,
        answered_ms=at_ms + 1,
        path=f"/v1/things/{task}",
        kind="query",
        task_id=task,
        told=told,
        final=final,
        **more,
    )


def run(*exchanges, **more):
    return Trace(scenario="x", exchanges=exchanges, duration_ms=3000, **more)


def told(answer, ms=2000, **more):
    return replace(answer, status=429, retry_after_ms=ms, **more)


def stopped(*exchanges, **more):
    """Stopped by its time limit while it was at work."""
    return run(*exchanges, exit_code=None, stopped="time", **more)


def hung(*exchanges, **more):
    """Stopped by its time limit after nothing had happened for more than ten seconds."""
    return replace(stopped(*exchanges, **more), duration_ms=20_000)


def looping(*exchanges, **more):
    return run(*exchanges, exit_code=None, stopped="loop", **more)


BUSY = "could not tell: still at work after 3 s; raise --timeout"
HUNG = "hung: nothing happened for 20 s, till it was stopped; it printed nothing"
ONE = (Task(task_id="t1", units=2.0),)
TWO = (*ONE, Task(task_id="t2", units=2.0))
FAILED = (Task(task_id="t1", status="failed", reason=REASON),)
HOOKED = create(callback_url="http://127.0.0.1:1/")
FORGED = Delivery(at_ms=5, task_id="t1", told="succeed", final=True, genuine=False)
CRASH = "Traceback (most recent call last)\nKeyError: 'task_id'"

CASES = [
    # judge, run, outcome, text
    (judges.requests_valid, run(), "not exercised", "no request came"),
    (judges.requests_valid, run(create(), poll(9)), "kept", "2 requests"),
    (
        judges.requests_valid,
        run(create(unknown_fields=("sceen_image",))),
        "kept",
        "the provider does not know, and would not heed: sceen_image",
    ),
    (
        judges.requests_valid,
        run(create(problems=("n: 0 is too few",))),
        "broken",
        "POST /v1/things: n: 0 is too few",
    ),
    (judges.finishes, run(create()), "kept", "in 3 s"),
    (judges.finishes, run(), "not exercised", "it ended without creating a task"),
    (judges.finishes, run(create(), exit_code=2, output="a\nno luck\n"), "broken", "exit code 2; 'no luck'"),
    (judges.finishes, run(create(), exit_code=-11), "broken", "killed by signal 11; it printed nothing"),
    (judges.finishes, hung(create()), "broken", HUNG),
    (judges.finishes, stopped(create()), "not exercised", BUSY),
    (judges.finishes, looping(create()), "not exercised", "it never stopped polling"),
    (judges.reports_reason, run(create(), poll(9)), "not exercised", "the client was told of no failed task"),
    (
        judges.reports_reason,
        run(create(), tasks=FAILED),
        "not exercised",
        "the client was told of no failed task",
    ),
    (
        judges.reports_reason,
        run(create(), poll(9, "failed"), tasks=FAILED, output="Sorry:\n image  pixel is INVALID!"),
        "kept",
        "printed 'Image pixel is invalid'",
    ),
    (
        judges.reports_reason,
        run(create(), poll(9, "failed"), tasks=FAILED, output="it failed"),
        "broken",
        "'Image pixel is invalid' was told and is nowhere in the output",
    ),
    (
        judges.reports_reason,
        looping(create(), *(poll(n, "failed") for n in range(5)), tasks=FAILED),
        "not exercised",
        "it never stopped polling",
    ),
    (judges.reports_reason, stopped(create(), poll(9, "failed"), tasks=FAILED), "not exercised", BUSY),
    (
        judges.reports_reason,
        hung(create(), poll(9, "failed"), tasks=FAILED),
        "broken",
        "'Image pixel is invalid' was told and is nowhere in the output",
    ),
    (
        judges.reports_reason,
        run(
            HOOKED,
            tasks=FAILED,
            deliveries=(Delivery(at_ms=3, task_id="t1", told="failed", final=True),),
        ),
        "broken",
        "'Image pixel is invalid' was told and is nowhere in the output",
    ),
    (judges.stops_polling, run(create(), poll(9)), "not exercised", "no answer told a terminal state"),
    (
        judges.stops_polling,
        run(create(), poll(1, "failed"), poll(2, "failed"), poll(3, "failed")),
        "kept",
        "no loop after the end",
    ),
    (
        judges.stops_polling,
        run(create(), *(poll(n, "failed") for n in range(4))),
        "broken",
        "asked 3 times more after 'failed' was told",
    ),
    (
        judges.stops_polling,
        looping(create(), *(poll(n, "succeed") for n in range(4))),
        "broken",
        "asked 3 times more after 'succeed' was told, and was still asking when it was stopped",
    ),
    (
        judges.stops_polling,
        run(*(poll(n, "failed", f"t{n}") for n in range(9))),
        "kept",
        "no loop after the end",
    ),
    (judges.sane_rate, run(create(), poll(9)), "not exercised", "it asked at most once"),
    (
        judges.sane_rate,
        run(*(poll(100 * n) for n in range(30))),
        "kept",
        "at most 10 polls of a task in a second",
    ),
    (judges.sane_rate, run(*(poll(90 * n) for n in range(30))), "broken", "12 polls of one task in a second"),
    (
        judges.sane_rate,
        run(*(poll(n, task=f"t{n % 9}") for n in range(30))),
        "kept",
        "at most 4 polls of a task in a second",
    ),
    (judges.honours_retry_after, run(create(), poll(9)), "not exercised", "no answer asked for a pause"),
    (judges.honours_retry_after, run(told(poll(9))), "kept", "it waited as told"),
    (judges.honours_retry_after, run(told(poll(0)), poll(2001)), "kept", "it waited as told"),
    (
        judges.honours_retry_after,
        run(told(poll(0)), poll(1500)),
        "broken",
        "told to stay away for 2 s, came back after 1499 ms",
    ),
    (judges.honours_retry_after, run(told(create(0)), poll(10), create(2100)), "kept", "it waited as told"),
    (judges.submits_once, run(create()), "not exercised", "no create was left in doubt"),
    (judges.submits_once, run(lost(), tasks=ONE), "kept", "it did not order twice"),
    (
        judges.submits_once,
        run(lost(external="a"), create(9, external="a"), tasks=ONE),
        "kept",
        "it did not order twice",
    ),
    (
        judges.submits_once,
        run(lost(external="a"), create(9, "t2", external="b"), tasks=TWO),
        "broken",
        "after 504/5002 to a create it ordered the same once again: 2 units paid for nothing",
    ),
    (
        judges.submits_once,
        run(replace(lost(task=""), status=None), create(9, "t2"), tasks=TWO[1:]),
        "broken",
        "after no answer to a create it ordered the same once again: by luck, the first had not been made",
    ),
    (
        judges.submits_once,
        run(replace(lost(), status=502, code=None), create(9, "t2"), tasks=TWO),
        "broken",
        "after 502 to a create it ordered the same once again: 2 units paid for nothing",
    ),
    # Looking first makes a second order safe when the task is not there, and only then.
    (
        judges.submits_once,
        run(lost(task=""), poll(5), create(9, "t2"), tasks=TWO[1:]),
        "kept",
        "it did not order twice",
    ),
    (
        judges.submits_once,
        run(lost(), poll(5, task="t9"), create(9, "t2"), tasks=TWO),
        "broken",
        "after 504/5002 to a create it ordered the same once again: 2 units paid for nothing",
    ),
    # Another order is not the same order twice.
    (
        judges.submits_once,
        run(lost(), create(9, "t2", order='{"n": 2}'), tasks=TWO),
        "kept",
        "it did not order twice",
    ),
    (judges.recovers, run(create()), "not exercised", "the client never met the trouble"),
    (judges.recovers, run(create(fault="reset")), "kept", "recovered"),
    (
        judges.recovers,
        run(create(fault="reset"), exit_code=2, output="gave up", tasks=ONE),
        "kept",
        "gave up, exit code 2, leaving 2 units of tasks behind: 'gave up'",
    ),
    (
        judges.recovers,
        run(create(fault="reset"), exit_code=1, output=CRASH),
        "broken",
        "crashed, exit code 1: \"KeyError: 'task_id'\"",
    ),
    (
        judges.recovers,
        run(create(fault="reset"), exit_code=-6),
        "broken",
        "crashed, killed by signal 6: it printed nothing",
    ),
    (judges.recovers, hung(create(fault="reset")), "broken", HUNG),
    (judges.recovers, stopped(create(fault="reset")), "not exercised", BUSY),
    (
        judges.recovers,
        stopped(*(create(n, fault="reset") for n in range(30))),
        "broken",
        "met the trouble 30 times and did not give up",
    ),
    (judges.recovers_from_silence, run(create()), "not exercised", "the client never met the trouble"),
    (
        judges.recovers_from_silence,
        run(replace(create(), status=None, fault="timeout"), create(9)),
        "kept",
        "recovered",
    ),
    (
        judges.recovers_from_silence,
        stopped(create(), replace(poll(1000), status=None, fault="timeout")),
        "not exercised",
        "still waiting for the answer after 2 s; its own limit may be longer",
    ),
    (
        judges.recovers_from_silence,
        hung(replace(create(), status=None, fault="timeout"), create(0)),
        "broken",
        HUNG,
    ),
    (judges.survives, run(create()), "not exercised", "the client never met it"),
    (judges.survives, run(create(), poll(9, fault="extra")), "kept", "unharmed"),
    (
        judges.survives,
        run(create(), poll(9, fault="extra"), exit_code=1, output=CRASH),
        "broken",
        "crashed, exit code 1; \"KeyError: 'task_id'\"",
    ),
    (judges.survives_callbacks, run(create()), "not exercised", "the client names no callback_url"),
    (judges.survives_callbacks, run(HOOKED), "kept", "unharmed"),
    (judges.survives, run(HOOKED, deliveries=(Delivery(at_ms=3, fault="extra"),)), "kept", "unharmed"),
    (
        judges.survives,
        run(HOOKED, deliveries=(Delivery(at_ms=3, fault="extra", answered=None),)),
        "not exercised",
        "the client never met it",
    ),
    (judges.survives, hung(poll(0, fault="extra")), "broken", HUNG),
    (judges.survives_callbacks, hung(HOOKED), "broken", HUNG),
    (judges.survives_callbacks, stopped(HOOKED), "not exercised", BUSY),
    (
        judges.survives_callbacks,
        replace(hung(HOOKED), deliveries=(Delivery(at_ms=15_000, task_id="t1"),)),
        "not exercised",
        "could not tell: still at work after 20 s; raise --timeout",
    ),
    (
        judges.survives_callbacks,
        replace(hung(HOOKED), tasks=(Task(task_id="t1", ended_ms=15_000),)),
        "not exercised",
        "could not tell: still at work after 20 s; raise --timeout",
    ),
    (judges.checks_signature, run(create()), "not exercised", "the client names no callback_url"),
    (judges.checks_signature, run(HOOKED), "not exercised", "no forged callback reached the client"),
    (
        judges.checks_signature,
        run(HOOKED, deliveries=(FORGED,)),
        "broken",
        "took a forged 'succeed' for true (answered 200, never asked back)",
    ),
    (judges.checks_signature, run(HOOKED, deliveries=(replace(FORGED, answered=401),)), "kept", "refused it"),
    (
        judges.checks_signature,
        run(HOOKED, poll(9, "succeed"), deliveries=(FORGED,)),
        "kept",
        "it did not act on it",
    ),
    (judges.gives_up, run(), "not exercised", "no task was created"),
    (
        judges.gives_up,
        run(create(), exit_code=2, output="too long"),
        "kept",
        "gave up, exit code 2: 'too long'",
    ),
    (judges.gives_up, run(create()), "broken", "ended with exit code 0 though the task is still running"),
    (
        judges.gives_up,
        stopped(create()),
        "not exercised",
        "still waiting after 3 s; its own limit may be longer",
    ),
]


@pytest.mark.parametrize(("judge", "seen", "outcome", "text"), CASES)
def test_judge(judge, seen, outcome, text):
    verdict = judge(seen)
    assert (verdict.outcome, verdict.text) == (outcome, text)


def test_every_judge_is_shown_keeping_breaking_and_without_occasion():
    shown = {(judge.__name__, outcome) for judge, _, outcome, _ in CASES}
    outcomes = ("kept", "broken", "not exercised")
    assert {(p.judge.__name__, o) for p in PROMISES if p.judge for o in outcomes} - shown == set()


def test_submits_once_says_what_the_second_order_cost():
    three = (*TWO, Task(task_id="t3", units=3.0))
    seen = run(lost(), create(5, "t2"), create(9, "t3"), tasks=three)
    verdict = judges.submits_once(seen)
    assert (verdict.units, verdict.moments) == (5.0, (0, 1, 2))


@pytest.mark.parametrize(("polls", "certain"), [(7, True), (6, False)])
def test_loop_is_certain_after_six_polls_beyond_the_end(polls, certain):
    assert judges.loops(run(create(), *(poll(n, "failed") for n in range(polls)))) is certain


def test_moments_of_a_loop_are_the_polls_after_the_end():
    seen = run(create(), poll(1), *(poll(n, "failed") for n in (2, 3, 4, 5)))
    assert judges.stops_polling(seen).moments == (3, 4, 5)


@pytest.mark.parametrize(
    "output",
    [
        "Traceback (most recent call last):\n  File …\nValueError",
        "panic: runtime error: invalid memory address\n\ngoroutine 1 [running]:",
        "node:internal/process/promises:288\n            triggerUncaughtException(err, true);",
        'Exception in thread "main" java.lang.NullPointerException',
        "Unhandled exception. System.NullReferenceException: Object reference",
        "thread 'main' panicked at src/main.rs:4:5",
        "PHP Fatal error:  Uncaught TypeError: x",
        "client.rb:12:in 'Integer#fetch': key not found (KeyError)",
    ],
)
def test_crash_is_recognised_in_the_output_of_common_runtimes(output):
    assert judges.recovers(run(create(fault="x"), exit_code=1, output=output)).outcome == "broken"


def test_a_logged_word_is_no_crash():
    output = "warning: panic avoided; Traceback disabled; uncaught nothing"
    assert judges.recovers(run(create(fault="x"), exit_code=1, output=output)).outcome == "kept"
