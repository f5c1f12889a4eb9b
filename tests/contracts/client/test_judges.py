"""Each promise's judge, on runs small enough to read: kept, broken, and no occasion."""

# ruff: noqa: E501 - rows of a table

from __future__ import annotations

from dataclasses import replace

import pytest

from understudy.contracts.client_verifier import callbacks, judges, money
from understudy.contracts.client_verifier.promises import PROMISES
from understudy.contracts.client_verifier.trace import JournalDelivery, JournalExchange, JournalTask, Trace
from understudy.contracts.client_verifier.verdict import telling_line

ARREARS = "Account is in arrears"
REASON = "Image pixel is invalid"
ORDER = '{"n": 1}'


def create(at_ms=0, task="t1", external="", order=ORDER, **more):
    return JournalExchange(
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
    return JournalExchange(
        at_ms=at_ms,
        answered_ms=at_ms + 1,
        path=f"/v1/things/{task}",
        kind="query",
        task_id=task,
        told=told,
        final=final,
        **more,
    )


def result(at_ms, task="t1", status=200, **more):
    return JournalExchange(
        at_ms=at_ms,
        answered_ms=at_ms + 1,
        path="/r/1.png",
        kind="result",
        task_id=task,
        status=status,
        **more,
    )


def listed(at_ms):
    return JournalExchange(at_ms=at_ms, answered_ms=at_ms + 1, path="/v1/things", kind="list")


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
NEVER_TOLD = "ended with exit code 0 though it never learned the end of its task"
HUNG = "hung: nothing happened for 20 s, until it was stopped; it printed nothing"
TROUBLED = poll(3, "", status=503, code=5001, fault="x", verdict="unavailable")
REFUSED = {"status": 401, "code": 1000, "fault": "x", "verdict": "authorization_failed"}
KEY_REFUSED = poll(3, "", **REFUSED)
ONLY_REFUSED = "it ordered the same once again: only its refusal saved paying twice"
ONE = (JournalTask(task_id="t1", units=2.0),)
DONE = (JournalTask(task_id="t1", units=2.0, status="succeed", ended_ms=7),)
CANCEL = JournalExchange(at_ms=8, answered_ms=9, method="POST", kind="cancel", task_id="t1")
TWO = (*ONE, JournalTask(task_id="t2", units=2.0))
THREE = (*TWO, JournalTask(task_id="t3", units=3.0))
FAILED = (JournalTask(task_id="t1", status="failed", reason=REASON),)
ENDED = (replace(FAILED[0], failed=True, ended_ms=1),)
HOOKED = create(callback_url="http://127.0.0.1:1/")
GENUINE = JournalDelivery(at_ms=9, task_id="t1", told="succeed", final=True)
FORGED = JournalDelivery(at_ms=5, task_id="t1", told="succeed", final=True, genuine=False)
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
    (
        judges.requests_valid,
        run(create(), poll(9, "", task="", status=400, unknown_id="undefined")),
        "broken",
        "GET /v1/things/: no answer contained the id 'undefined'",
    ),
    (
        judges.requests_valid,
        run(create(media_type="text/plain")),
        "kept",
        "its JSON is sent as text/plain, and the documents declare application/json",
    ),
    (
        judges.reports_reason,
        run(
            create(status=429, code=1101, message=ARREARS, verdict="no_money"), exit_code=2, output="HTTP 429"
        ),
        "broken",
        "'Account is in arrears' was reported and is nowhere in the output",
    ),
    (
        judges.reports_reason,
        run(
            create(status=429, code=1101, message=ARREARS, verdict="no_money"),
            exit_code=2,
            output="code 1101!",
        ),
        "kept",
        "printed why it was refused",
    ),
    (
        judges.reports_reason,
        run(
            create(),
            poll(9, "", status=401, code=401, message="Expired", verdict="x"),
            exit_code=2,
            output="401",
        ),
        "broken",
        "'Expired' was reported and is nowhere in the output",
    ),
    # That there is no such task is told well in any words; its message need not be printed.
    *(
        (
            judges.reports_reason,
            run(
                create(),
                poll(9, "", status=400, code=1201, message="Task t1 not found", verdict="x", missing=True),
                exit_code=2,
                output=output,
            ),
            outcome,
            text,
        )
        for output, outcome, text in (
            ("TaskNotFound: t1", "kept", "printed why it was refused"),
            ("there is no such task any more", "kept", "printed why it was refused"),
            ("unknown error", "broken", "'Task t1 not found' was reported and is nowhere in the output"),
        )
    ),
    # It looked whether the order that was refused had been made all the same: the refusal is what ended it.
    *(
        (
            judges.reports_reason,
            run(
                create(task="", external="own/1", status=429, code=1101, message=ARREARS, verdict="no_money"),
                poll(9, "", "own%2F1", status=400, message="No own/1", verdict="x", missing=True),
                exit_code=2,
                output=output,
            ),
            outcome,
            text,
        )
        for output, outcome, text in (
            ("account IS in arrears", "kept", "printed why it was refused"),
            ("no luck", "broken", f"{ARREARS!r} was reported and is nowhere in the output"),
        )
    ),
    # A 5xx is the provider's own trouble, whatever it says; and who went on is not asked for reasons.
    (
        judges.reports_reason,
        run(create(status=500, code=5000, message="Oops", verdict="x", doubtful=True), exit_code=2),
        "not exercised",
        "no failed task and no refusal ended it",
    ),
    (
        judges.reports_reason,
        run(create(status=429, code=1302, message="Too fast", verdict="x"), create(9)),
        "not exercised",
        "no failed task and no refusal ended it",
    ),
    # It cancelled the task, and was told that there is none.
    (
        judges.reports_reason,
        run(
            create(),
            poll(5, "", method="DELETE"),
            poll(9, "", status=404, message="No such task", verdict="x"),
            exit_code=2,
        ),
        "not exercised",
        "no failed task and no refusal ended it",
    ),
    # It got over the trouble, and gave up for another reason; of two tasks each by itself.
    (
        money.keeps_what_it_paid_for,
        run(create(), TROUBLED, poll(9), poll(20), exit_code=2, tasks=ONE, passing=True),
        "not exercised",
        "it got over the trouble, and gave up for another reason",
    ),
    (
        money.keeps_what_it_paid_for,
        run(
            create(),
            create(1, "t2"),
            TROUBLED,
            poll(9, task="t2"),
            exit_code=2,
            tasks=ONE,
            passing=True,
            orders=2,
        ),
        "broken",
        "gave up after 503/5001 to a poll, which would have passed: 2 units paid for and abandoned",
    ),
    # Asking again for a link that does not lead to the result is no loop.
    (
        judges.stops_polling,
        run(create(), *(e for n in range(4) for e in (poll(n, "succeed"), result(n, status=403)))),
        "kept",
        "no loop after the end",
    ),
    # Of a command that orders several, another order may be on its way.
    (
        judges.honours_retry_after,
        run(
            told(create(0, external="a"), fault="x"),
            create(9, external="b"),
            create(2100, external="a"),
            orders=2,
        ),
        "kept",
        "it waited as told",
    ),
    (
        judges.honours_retry_after,
        run(
            told(create(0, external="a"), fault="x"),
            create(9, external="b"),
            create(20, external="a"),
            orders=2,
        ),
        "broken",
        "told to stay away for 2 s, came back after 19 ms",
    ),
    (judges.finishes, run(create()), "kept", "in 3 s, and was not seen to ask for the end of its task"),
    (judges.finishes, run(create(), poll(1), poll(9, "succeed")), "kept", "in 3 s"),
    (judges.finishes, run(create(), poll(1)), "broken", NEVER_TOLD),
    (judges.finishes, run(create(), poll(1), listed(5)), "kept", "in 3 s"),
    (judges.finishes, run(HOOKED, poll(1), deliveries=(GENUINE,)), "kept", "in 3 s"),
    (judges.finishes, run(), "not exercised", "it ended without creating a task"),
    (judges.finishes, run(create(), exit_code=2, output="a\nno luck\n"), "broken", "exit code 2; 'no luck'"),
    (judges.finishes, run(create(), exit_code=-11), "broken", "killed by signal 11; it printed nothing"),
    (judges.finishes, hung(create()), "broken", HUNG),
    (judges.finishes, stopped(create()), "not exercised", BUSY),
    (judges.finishes, looping(create()), "broken", "it goes on polling after a terminal state was reported"),
    (
        judges.reports_reason,
        run(create(), poll(9)),
        "not exercised",
        "no failed task and no refusal ended it",
    ),
    (
        judges.reports_reason,
        run(create(), tasks=FAILED),
        "not exercised",
        "no failed task and no refusal ended it",
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
        "'Image pixel is invalid' was reported and is nowhere in the output",
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
        "'Image pixel is invalid' was reported and is nowhere in the output",
    ),
    (
        judges.reports_reason,
        run(
            HOOKED,
            tasks=FAILED,
            deliveries=(JournalDelivery(at_ms=3, task_id="t1", told="failed", final=True),),
        ),
        "broken",
        "'Image pixel is invalid' was reported and is nowhere in the output",
    ),
    (judges.stops_polling, run(create(), poll(9)), "not exercised", "no answer reported a terminal state"),
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
        "asked 3 times more after 'failed' was reported",
    ),
    (
        judges.stops_polling,
        looping(create(), *(poll(n, "succeed") for n in range(4))),
        "broken",
        "asked 3 times more after 'succeed' was reported, and was still asking when it was stopped",
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
    (judges.honours_retry_after, run(told(poll(9))), "not exercised", "it never came back"),
    (judges.honours_retry_after, run(told(poll(0)), poll(2001)), "kept", "it waited as told"),
    (
        judges.honours_retry_after,
        run(told(poll(0)), poll(1500)),
        "broken",
        "told to stay away for 2 s, came back after 1499 ms",
    ),
    (judges.honours_retry_after, run(told(create(0)), poll(10), create(2100)), "kept", "it waited as told"),
    (
        money.submits_once,
        run(create()),
        "not exercised",
        "no create was left in doubt, and no trouble came after one",
    ),
    (money.submits_once, run(lost(), tasks=ONE), "kept", "it did not order twice"),
    (
        money.submits_once,
        run(lost(external="a"), create(9, external="a"), tasks=ONE),
        "kept",
        "it did not order twice",
    ),
    (
        money.submits_once,
        run(lost(external="a"), create(9, "t2", external="b"), tasks=TWO),
        "broken",
        "after 504/5002 to a create it ordered the same once again: 2 units paid for nothing",
    ),
    (
        money.submits_once,
        run(replace(lost(task=""), status=None), create(9, "t2"), tasks=TWO[1:]),
        "broken",
        "after no answer to a create it ordered the same once again: by luck, the first had not been made",
    ),
    (
        money.submits_once,
        run(replace(lost(), status=502, code=None), create(9, "t2"), tasks=TWO),
        "broken",
        "after 502 to a create it ordered the same once again: 2 units paid for nothing",
    ),
    # What was made and is refused when it is ordered again; the same key, where keys count and where not.
    (
        money.submits_once,
        run(lost(external="a"), create(9, "", external="b", status=400), tasks=ONE, keys_count=True),
        "broken",
        "after 504/5002 to a create it ordered the same once again: only its refusal saved paying twice",
    ),
    (
        money.submits_once,
        run(lost(idempotency_key="k"), create(9, idempotency_key="k"), tasks=ONE, keys_count=True),
        "kept",
        "it did not order twice",
    ),
    (
        money.submits_once,
        run(lost(idempotency_key="k"), create(9, "t2", idempotency_key="k"), tasks=TWO),
        "broken",
        "after 504/5002 to a create it ordered the same once again: 2 units paid for nothing",
    ),
    # Looking first makes a second order safe when the task is not there, and only then.
    (
        money.submits_once,
        run(lost(task=""), poll(5), create(9, "t2"), tasks=TWO[1:]),
        "kept",
        "it did not order twice",
    ),
    (
        money.submits_once,
        run(lost(), poll(5, task="t9"), create(9, "t2"), tasks=TWO),
        "broken",
        "after 504/5002 to a create it ordered the same once again: 2 units paid for nothing",
    ),
    # Whatever differs: a command that is meant to order once pays once.
    (
        money.submits_once,
        run(lost(), create(9, "t2", order='{"n": 2}'), tasks=TWO),
        "broken",
        "after 504/5002 to a create it ordered once again, with another n: 2 units paid for nothing",
    ),
    (
        money.submits_once,
        run(create(order='{"a": [{"b": 1}], "c": 2}'), create(9, "t2", order='{"a": [{"b": 3}]}'), tasks=TWO),
        "broken",
        (
            "without waiting for the first one it ordered once again, with another a[0].b, c: 2 units paid for "
            "nothing (a command that is meant to order several says so: --orders N)"
        ),
    ),
    (
        money.submits_once,
        run(lost(), create(9, "t2", order='{"n": 2}'), tasks=TWO, orders=2),
        "kept",
        "it did not order twice",
    ),
    (
        money.submits_once,
        run(create(), create(1, "t2", order='{"n": 2}'), create(2, "t3"), tasks=THREE, orders=2),
        "broken",
        "without waiting for the first one it ordered the same once again: 3 units paid for nothing",
    ),
    # Who lives by callbacks waits without polls.
    *(
        (
            money.submits_once,
            run(create(), create(4500, "t2"), tasks=TWO, deliveries=came),
            "broken",
            (
                f"{followed} it ordered the same once again: 2 units paid for nothing (a command that is meant "
                "to order several says so: --orders N)"
            ),
        )
        for came, followed in (
            ((), "after waiting for 4.5 s"),
            ((replace(GENUINE, final=False),), "after 1 callback that told no end"),
            ((replace(GENUINE, final=False),) * 2, "after 2 callbacks that told no end"),
            ((GENUINE,), "after the end was called back"),
            ((replace(GENUINE, at_ms=4600),), "after waiting for 4.5 s"),
        )
    ),
    # Whatever came in between: polls that fail, downloads that fail, one's own patience.
    (
        money.submits_once,
        run(create(), replace(poll(3), status=None, fault="reset"), create(9, "t2"), tasks=TWO),
        "broken",
        "after no answer to a poll it ordered the same once again: 2 units paid for nothing",
    ),
    (
        money.submits_once,
        run(create(), replace(poll(3, ""), fault="half"), create(9, "t2"), tasks=TWO),
        "broken",
        "after an answer to a poll that cannot be read it ordered the same once again: 2 units paid for nothing",
    ),
    (
        money.submits_once,
        run(create(), poll(3, "succeed"), result(4, status=403), create(9, "t2"), tasks=TWO),
        "broken",
        "after 403 to a download it ordered the same once again: 2 units paid for nothing",
    ),
    (
        money.submits_once,
        run(create(), poll(3), poll(4), create(9, "t2"), tasks=TWO),
        "broken",
        (
            "after 2 polls that told no end it ordered the same once again: 2 units paid for nothing (a command "
            "that is meant to order several says so: --orders N)"
        ),
    ),
    # Whose key was revoked tries to order anew: it would have paid twice. Its own id of the order forbids that.
    *(
        (
            money.submits_once,
            run(create(external="a"), KEY_REFUSED, create(9, "", external=second, **REFUSED), tasks=tasks),
            outcome,
            text,
        )
        for second, tasks, outcome, text in (
            ("b", ONE, "broken", f"after 401/1000 to a poll {ONLY_REFUSED}"),
            ("a", ONE, "kept", "it did not order twice"),
            ("b", (replace(ONE[0], failed=True),), "kept", "it did not order twice"),
        )
    ),
    (
        money.submits_once,
        run(create(), create(9, "", status=429, fault="x"), tasks=ONE, orders=2),
        "kept",
        "it did not order twice",
    ),
    # A task that failed is not charged.
    (
        money.submits_once,
        run(lost(), poll(3, "failed"), create(9, "t2"), tasks=(replace(ONE[0], failed=True), TWO[1])),
        "kept",
        "it did not order twice",
    ),
    (money.one_key_an_order, run(create()), "not exercised", "it sends no Idempotency-Key"),
    (
        money.one_key_an_order,
        run(lost(), create(9, "t2"), tasks=TWO),
        "not exercised",
        "it sends no Idempotency-Key",
    ),
    (
        money.one_key_an_order,
        run(lost(), create(9), tasks=ONE, keys_count=True),
        "not exercised",
        "it sends no Idempotency-Key",
    ),
    (
        money.one_key_an_order,
        run(lost(), create(9, "t2"), tasks=TWO, keys_count=True),
        "broken",
        "ordered again without an Idempotency-Key, by which the provider would have known the order: 2 units more than with one",
    ),
    (money.one_key_an_order, run(create(idempotency_key="a")), "kept", "one key for each order"),
    (
        money.one_key_an_order,
        run(lost(idempotency_key="a"), create(9, idempotency_key="a")),
        "kept",
        "the same key when it was sent again",
    ),
    (
        money.one_key_an_order,
        run(lost(idempotency_key="a"), create(9, "t2", idempotency_key="b"), tasks=TWO),
        "broken",
        "a new Idempotency-Key when the order is sent again; without an id of its own it would have paid 2 units more",
    ),
    (
        money.one_key_an_order,
        run(create(idempotency_key="a"), create(9, "t2", order="{}", idempotency_key="a")),
        "broken",
        "the same Idempotency-Key for two orders",
    ),
    # Started again it orders the same: the key tells, whatever else it calls the order then.
    (
        money.one_key_an_order,
        run(lost(idempotency_key="a"), create(9, external="x", idempotency_key="a"), restarted=1),
        "broken",
        "the same Idempotency-Key for two orders",
    ),
    (
        money.one_key_an_order,
        run(lost(idempotency_key="a"), create(9, idempotency_key="a"), restarted=1),
        "kept",
        "the same key when it was sent again",
    ),
    (
        money.one_key_an_order,
        run(lost(idempotency_key="a"), create(9, "t2", external="x", idempotency_key="b"), restarted=1),
        "broken",
        "a new Idempotency-Key when it was started again, as for another order",
    ),
    (
        money.one_key_an_order,
        run(
            lost(idempotency_key="a"), create(9, "t2", order="{}", idempotency_key="b"), restarted=1, orders=2
        ),
        "kept",
        "one key for each order",
    ),
    (
        money.one_key_an_order,
        run(lost(idempotency_key="a"), create(9)),
        "broken",
        "1 of 2 creates have no Idempotency-Key",
    ),
    (
        money.resumes_after_a_restart,
        run(create()),
        "not exercised",
        "it had ended, or was stopped, before it could be restarted",
    ),
    (
        money.resumes_after_a_restart,
        run(create(), poll(1), poll(9), poll(10, "succeed"), tasks=ONE, restarted=2),
        "kept",
        "went on with its task",
    ),
    (
        money.resumes_after_a_restart,
        run(create(), poll(1), create(9, "t2"), poll(10, "succeed", "t2"), tasks=TWO, restarted=2),
        "broken",
        "ordered again after the restart: 2 units paid for nothing",
    ),
    (
        money.resumes_after_a_restart,
        run(create(), poll(1), tasks=ONE, restarted=2),
        "broken",
        "did not go on with its task: never asked about it again, exit code 0: it printed nothing; 2 units abandoned",
    ),
    # What it said before it was killed, and our own line, are not its last word.
    (
        money.resumes_after_a_restart,
        run(
            create(),
            poll(1),
            exit_code=3,
            output="polling\n… killed, and started again …\n",
            tasks=ONE,
            restarted=2,
        ),
        "broken",
        "did not go on with its task: never asked about it again, exit code 3: it printed nothing; 2 units abandoned",
    ),
    (
        money.submits_once,
        run(create(), poll(1), create(9, "t2"), tasks=TWO, restarted=2),
        "not exercised",
        "it was restarted, which is judged by itself",
    ),
    (money.keeps_what_it_paid_for, run(create(), poll(1)), "not exercised", "no passing fault was met"),
    (
        money.keeps_what_it_paid_for,
        run(create(), TROUBLED, exit_code=2, tasks=ONE),
        "not exercised",
        "no passing fault was met",
    ),
    (
        money.keeps_what_it_paid_for,
        run(create(status=429, fault="x"), exit_code=2, passing=True),
        "not exercised",
        "no task was paid for",
    ),
    (
        money.keeps_what_it_paid_for,
        run(create(), TROUBLED, poll(9, "succeed"), tasks=ONE, passing=True),
        "kept",
        "it went on to the end",
    ),
    (
        money.keeps_what_it_paid_for,
        run(create(), TROUBLED, tasks=ONE, passing=True),
        "broken",
        "ended with exit code 0 after 503/5001 to a poll, without the end or the results of what it paid for: 2 units",
    ),
    (
        money.keeps_what_it_paid_for,
        run(create(), poll(3, "succeed", fault="x"), tasks=ONE, passing=True),
        "broken",
        "ended with exit code 0 after a success without results, without the end or the results of what it paid for: 2 units",
    ),
    (
        money.keeps_what_it_paid_for,
        run(create(), TROUBLED, result(9), tasks=ONE, passing=True),
        "kept",
        "it went on to the end",
    ),
    (
        money.keeps_what_it_paid_for,
        run(create(), TROUBLED, listed(9), tasks=ONE, passing=True),
        "kept",
        "it went on to the end",
    ),
    (
        money.keeps_what_it_paid_for,
        run(HOOKED, TROUBLED, deliveries=(replace(GENUINE, answered=None),), tasks=ONE, passing=True),
        "kept",
        "it went on to the end",
    ),
    (
        money.keeps_what_it_paid_for,
        run(
            create(),
            TROUBLED,
            create(5, "t2"),
            poll(9, "succeed", "t2"),
            exit_code=2,
            tasks=TWO,
            passing=True,
        ),
        "kept",
        "it knew the end of everything it paid for",
    ),
    (
        money.keeps_what_it_paid_for,
        run(create(), TROUBLED, exit_code=2, tasks=ONE, passing=True),
        "broken",
        "gave up after 503/5001 to a poll, which would have passed: 2 units paid for and abandoned",
    ),
    (
        money.keeps_what_it_paid_for,
        run(create(), TROUBLED, poll(9, "succeed"), exit_code=3, tasks=ONE, passing=True),
        "kept",
        "it knew the end of everything it paid for",
    ),
    (
        money.keeps_what_it_paid_for,
        run(
            create(),
            poll(9, "succeed"),
            result(10, status=503, fault="x"),
            exit_code=3,
            tasks=ONE,
            passing=True,
        ),
        "broken",
        "gave up after 503 to a download, which would have passed: 2 units paid for and abandoned",
    ),
    (
        money.keeps_what_it_paid_for,
        run(
            create(),
            TROUBLED,
            poll(9, status=401, problems=("Auth failed",)),
            exit_code=2,
            tasks=ONE,
            passing=True,
        ),
        "not exercised",
        "it ended after 401 to a poll, which is a fault of its own",
    ),
    (
        money.keeps_what_it_paid_for,
        run(replace(lost(), fault="x"), exit_code=2, tasks=ONE, passing=True),
        "kept",
        "gave up after 504/5002 to a create: a task of 2 units is left behind",
    ),
    (
        money.keeps_what_it_paid_for,
        stopped(create(), TROUBLED, tasks=ONE, passing=True),
        "not exercised",
        BUSY,
    ),
    (judges.recovers, run(create()), "not exercised", "the client never met the fault"),
    (
        judges.recovers,
        run(exit_code=1, output="OSError: Address already in use\n"),
        "not exercised",
        "it asked nothing, and ended, exit code 1: 'OSError: Address already in use'",
    ),
    (
        judges.survives,
        run(exit_code=-9),
        "not exercised",
        "it asked nothing, and ended, killed by signal 9: it printed nothing",
    ),
    (judges.recovers, run(create(fault="reset"), create(2)), "kept", "recovered"),
    (
        judges.recovers,
        run(create(status=429, fault="x")),
        "broken",
        "ended with exit code 0 though it was given no task",
    ),
    (judges.recovers, run(create(), poll(1, fault="x")), "broken", NEVER_TOLD),
    (judges.recovers, run(create(), poll(1, fault="x"), result(3)), "kept", "recovered"),
    (
        judges.recovers,
        run(create(fault="reset"), exit_code=2, output="gave up", tasks=ONE),
        "kept",
        "gave up, exit code 2: 'gave up'",
    ),
    (
        judges.recovers,
        run(create(fault="reset"), exit_code=1, output=CRASH),
        "broken",
        "crashed, exit code 1, an uncaught error of Python: \"KeyError: 'task_id'\"",
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
        "met the fault 30 times and did not give up",
    ),
    (judges.recovers_from_silence, run(create()), "not exercised", "the client never met the fault"),
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
    (
        judges.recovers_from_endings,
        run(create(), poll(1), tasks=FAILED),
        "not exercised",
        "the client was not told the end",
    ),
    (
        judges.recovers_from_endings,
        run(create(), poll(1, "failed"), tasks=ENDED, exit_code=1, output="no"),
        "kept",
        "exit code 1: 'no'",
    ),
    (
        judges.recovers_from_endings,
        run(create(), poll(1, "failed"), tasks=ENDED),
        "broken",
        "ended with exit code 0 though the task ended as 'failed'",
    ),
    (
        judges.recovers_from_endings,
        looping(create(), poll(1, "failed"), tasks=ENDED),
        "broken",
        "went on polling after 'failed' was reported",
    ),
    (judges.recovers_from_endings, stopped(create(), poll(1, "failed"), tasks=ENDED), "not exercised", BUSY),
    (
        judges.recovers_from_endings,
        run(create(), poll(1, "failed"), tasks=ENDED, exit_code=1, output=CRASH),
        "broken",
        "crashed, exit code 1, an uncaught error of Python: \"KeyError: 'task_id'\"",
    ),
    (money.learns_what_its_cancel_did, run(create(), poll(1)), "not exercised", "it cancelled nothing"),
    (
        money.learns_what_its_cancel_did,
        run(create(), CANCEL, tasks=ENDED, exit_code=2),
        "kept",
        "nothing that it cancelled had been done",
    ),
    (
        money.learns_what_its_cancel_did,
        run(create(), CANCEL, poll(9, "succeed"), tasks=DONE),
        "kept",
        "it learned that its cancel came too late",
    ),
    (
        money.learns_what_its_cancel_did,
        run(create(), poll(1), CANCEL, tasks=DONE, exit_code=2),
        "broken",
        "its cancel came too late, and it did not look again: 2 units paid for and abandoned",
    ),
    (money.learns_what_its_cancel_did, stopped(create(), CANCEL, tasks=DONE), "not exercised", BUSY),
    (judges.survives, run(create()), "not exercised", "the client never met it"),
    (judges.survives, run(create(), poll(9, "succeed", fault="extra")), "kept", "unharmed"),
    (judges.survives, run(create(), poll(9, "what", fault="extra")), "broken", NEVER_TOLD),
    (
        judges.survives,
        run(create(), poll(9, fault="extra"), exit_code=1, output=CRASH),
        "broken",
        "crashed, exit code 1, an uncaught error of Python; \"KeyError: 'task_id'\"",
    ),
    (callbacks.survives_callbacks, run(create()), "not exercised", "the client names no callback_url"),
    (callbacks.survives_callbacks, run(HOOKED), "kept", "unharmed"),
    (judges.survives, run(HOOKED, deliveries=(JournalDelivery(at_ms=3, fault="extra"),)), "kept", "unharmed"),
    (
        judges.survives,
        run(HOOKED, deliveries=(JournalDelivery(at_ms=3, fault="extra", answered=None),)),
        "not exercised",
        "the client never met it",
    ),
    (judges.survives, hung(poll(0, fault="extra")), "broken", HUNG),
    (callbacks.survives_callbacks, hung(HOOKED), "broken", HUNG),
    (callbacks.survives_callbacks, stopped(HOOKED), "not exercised", BUSY),
    (
        callbacks.survives_callbacks,
        replace(hung(HOOKED), deliveries=(JournalDelivery(at_ms=15_000, task_id="t1"),)),
        "not exercised",
        "could not tell: still at work after 20 s; raise --timeout",
    ),
    (
        callbacks.survives_callbacks,
        replace(hung(HOOKED), tasks=(JournalTask(task_id="t1", ended_ms=15_000),)),
        "not exercised",
        "could not tell: still at work after 20 s; raise --timeout",
    ),
    (callbacks.checks_signature, run(create()), "not exercised", "the client names no callback_url"),
    (callbacks.checks_signature, run(HOOKED), "not exercised", "no forged callback reached the client"),
    (
        callbacks.checks_signature,
        run(HOOKED, deliveries=(FORGED,), exit_code=5),
        "broken",
        "accepted a forged 'succeed' (answered 200, never asked back)",
    ),
    # Silence and an error of one's own are no refusal: what was done next says more.
    (
        callbacks.checks_signature,
        run(HOOKED, deliveries=(replace(FORGED, answered=None),)),
        "broken",
        (
            "accepted a forged 'succeed' (no answer, and ended with exit code 0 though nothing genuine had "
            "told an end)"
        ),
    ),
    (
        callbacks.checks_signature,
        run(HOOKED, deliveries=(replace(FORGED, answered=None),), exit_code=2),
        "not exercised",
        "it gave the forged callback no answer, and was not seen to act on it",
    ),
    (
        callbacks.checks_signature,
        run(HOOKED, result(7), poll(9, "succeed"), deliveries=(replace(FORGED, answered=500),)),
        "broken",
        "accepted a forged 'succeed' (answered 500, then fetched the results)",
    ),
    (
        callbacks.checks_signature,
        run(HOOKED, poll(9, "succeed"), result(10), deliveries=(replace(FORGED, answered=503),)),
        "kept",
        "answered 503 and did not act on it",
    ),
    (callbacks.takes_genuine, run(create()), "not exercised", "the client names no callback_url"),
    (callbacks.takes_genuine, run(HOOKED, deliveries=(FORGED,)), "not exercised", "no callback was answered"),
    (callbacks.takes_genuine, run(HOOKED, deliveries=(GENUINE, FORGED)), "kept", "took them"),
    (
        callbacks.takes_genuine,
        run(HOOKED, deliveries=(replace(GENUINE, answered=401), replace(GENUINE, answered=401))),
        "broken",
        "answered 401 to all 2 callbacks, though signed rightly",
    ),
    (
        callbacks.takes_genuine,
        run(HOOKED, deliveries=(GENUINE, replace(GENUINE, answered=409))),
        "kept",
        "took some, and answered 409 to others",
    ),
    (
        callbacks.checks_signature,
        run(HOOKED, deliveries=(replace(FORGED, answered=401),)),
        "kept",
        "refused it",
    ),
    (
        callbacks.checks_signature,
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
        "still waiting after 3 s; its own limit may be longer: --fast-sleep 60 shows more",
    ),
    (
        judges.gives_up,
        replace(
            stopped(create(), *(poll(n * 5000) for n in range(480))), duration_ms=2_400_000, task_ms=12_000
        ),
        "broken",
        "asked 480 times in 2400 s about a task of 12 s, and was still asking when it was stopped",
    ),
    # Forty minutes are little for a task of an hour.
    (
        judges.gives_up,
        replace(
            stopped(create(), *(poll(n * 5000) for n in range(480))), duration_ms=2_400_000, task_ms=3_600_000
        ),
        "not exercised",
        "still waiting after 2400 s; its own limit may be longer: --fast-sleep 60 shows more",
    ),
    (judges.survives_missing_results, run(create(), poll(9)), "not exercised", "the client never met it"),
    (
        judges.survives_missing_results,
        run(create(), poll(9, "succeed", fault="x", given=1)),
        "kept",
        "ended with exit code 0, with 1 of the results that it had asked for",
    ),
    (
        judges.survives_missing_results,
        run(create(), poll(9, "succeed", fault="x")),
        "broken",
        "ended with exit code 0 though it was given no results",
    ),
    (
        judges.survives_missing_results,
        run(create(), poll(9, "succeed", fault="x"), exit_code=2, output="nothing there"),
        "kept",
        "exit code 2: 'nothing there'",
    ),
    (
        judges.survives_missing_results,
        run(create(), poll(9, "succeed", fault="x"), exit_code=1, output=CRASH),
        "broken",
        "crashed, exit code 1, an uncaught error of Python: \"KeyError: 'task_id'\"",
    ),
    (
        judges.survives_missing_results,
        stopped(create(), *(poll(n, "succeed", fault="x") for n in range(30))),
        "broken",
        "asked 30 times for results that do not come",
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
    # As the control plane lists them, the last one first.
    seen = run(lost(), create(5, "t2"), create(9, "t3"), tasks=THREE[::-1])
    verdict = money.submits_once(seen)
    assert (verdict.units, verdict.moments) == (5.0, (0, 1, 2))


@pytest.mark.parametrize(("polls", "certain"), [(7, True), (6, False)])
def test_loop_is_certain_after_six_polls_beyond_the_end(polls, certain):
    assert judges.loops(run(create(), *(poll(n, "failed") for n in range(polls)))) is certain


@pytest.mark.parametrize(
    ("answer", "certain"),
    [
        ({"status": 401, "verdict": "x"}, True),
        ({"status": 404, "verdict": "unknown_task", "missing": True}, False),
        ({"status": 502}, False),
    ],
)
def test_refusals_of_every_poll_are_a_loop_unless_the_task_may_yet_be_found(answer, certain):
    polls = (poll(n, "", fault="x", **answer) for n in range(21))
    assert judges.loops(run(create(), *polls)) is certain


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
        (
            "file:///a/client.mjs:7\n    throw new Refused()\n    ^\n\nRefused: no\n    at x (file:///a/client.mjs:7)\n\n"
            "Node.js v20.11.0"
        ),
    ],
)
def test_crash_is_recognised_in_the_output_of_common_runtimes(output):
    assert judges.recovers(run(create(fault="x"), exit_code=1, output=output)).outcome == "broken"


def test_a_logged_word_is_no_crash():
    output = "warning: panic avoided; Traceback disabled; uncaught nothing"
    assert judges.recovers(run(create(fault="x"), exit_code=1, output=output)).outcome == "kept"


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("starting\nTraceback (most recent call last):\n  File …\n    x()\nValueError: no id\nsee the log", "ValueError: no id"),
        (
            ("Traceback (most recent call last):\n  a\nKeyError: 1\n\nDuring handling …\n\nTraceback (most recent "
            "call last):\n  b\nclient.ApiError: refused"),
            "client.ApiError: refused",
        ),
        (
            ("file:///c.mjs:9\n  throw new Refused(x);\n  ^\n\nRefused: no money\n    at ask (file:///c.mjs:9:9) {\n"
            "  code: 1101\n}\n\nNode.js v20.11.0"),
            "Refused: no money",
        ),
        ('Exception in thread "main" java.io.IOException: cut\n\tat A.b(A.java:3)\n\t... 3 more', 'Exception in thread "main" java.io.IOException: cut'),
        ("panic: no task\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:3\nexit status 2", "panic: no task"),
        ("thread 'main' panicked at src/main.rs:4:5:\nno task id\nnote: run with RUST_BACKTRACE=1", "no task id"),
        ("polling\ngave up: no answer", "gave up: no answer"),
        ("ApiError: refused\nbye", "ApiError: refused"),
        ("", ""),
    ],
)  # fmt: skip
def test_line_that_is_quoted_is_the_one_with_the_error(output, line):
    assert telling_line(output) == line


@pytest.mark.parametrize(("last", "outcome"), [(7000, "not exercised"), (3000, "broken")])
def test_next_pause_of_a_client_that_waits_longer_each_time_is_no_hang(last, outcome):
    """Idle for 13 and 17 s: less than three times as long as before, and more."""
    run = replace(hung(create(), poll(1000, "processing"), poll(last, "processing")))
    assert judges.finishes(run).outcome == outcome
