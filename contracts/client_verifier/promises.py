"""What a client promises: the table. A row of the grade card is a row of this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.contracts.client_verifier import callbacks, judges, money

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.contracts.client_verifier.trace import Trace
    from understudy.contracts.client_verifier.verdict import ClientVerdict


@dataclass(frozen=True, slots=True)
class ClientPromise:
    """One row: a stable id, its heading, the promise as a sentence, and who judges a run.

    always: judged in every run; otherwise only in the runs of the scenarios that name it.
    needs_health: says nothing of a client that does not even finish when nothing goes wrong.
    judge None: no single run tells; the finding is made elsewhere (`portable`).
    """

    id: str
    area: str
    sentence: str
    judge: Callable[[Trace], ClientVerdict] | None
    always: bool = False

    @property
    def needs_health(self) -> bool:
        return self.judge in (judges.survives, callbacks.survives_callbacks)


EVERY_DAY = "every day"
MONEY = "money"
TROUBLE = "trouble"
CHANGE = "what may change"
CALLBACKS = "callbacks"


def _row(
    area: str,
    name: str,
    sentence: str,
    judge: Callable[[Trace], ClientVerdict] | None,
    *,
    always: bool = False,
) -> ClientPromise:
    return ClientPromise(name, area, sentence, judge, always)


RATE = judges.POLLS_A_SECOND
PROMISES = (
    _row(EVERY_DAY, "requests-valid", "Its requests are valid.", judges.requests_valid, always=True),
    _row(EVERY_DAY, "finishes", "It finishes when nothing goes wrong.", judges.finishes),
    _row(
        EVERY_DAY, "reports-failure-reason", "It reports why a task failed, or was refused.",
        judges.reports_reason, always=True,
    ),
    _row(
        EVERY_DAY, "stops-polling-at-the-end", "It stops polling at a terminal state.",
        judges.stops_polling, always=True,
    ),
    _row(
        EVERY_DAY, "polls-at-a-sane-rate", f"It polls a task at most {RATE} times a second.",
        judges.sane_rate, always=True,
    ),
    _row(MONEY, "submits-once", "It pays for a task once.", money.submits_once, always=True),
    _row(
        MONEY, "keeps-what-it-paid-for", "It does not abandon what it has paid for.",
        money.keeps_what_it_paid_for, always=True,
    ),
    _row(
        MONEY, "one-key-an-order", "It sends one Idempotency-Key for each order, if it sends any.",
        money.one_key_an_order, always=True,
    ),
    _row(
        MONEY, "resumes-after-a-restart", "It goes on with its task after a restart.",
        money.resumes_after_a_restart,
    ),
    _row(
        MONEY, "learns-what-its-cancel-did", "It notices when its cancel came too late.",
        money.learns_what_its_cancel_did,
    ),
    _row(TROUBLE, "honours-retry-after", "It honours Retry-After.", judges.honours_retry_after, always=True),
    _row(TROUBLE, "gives-up-in-the-end", "It does not wait for ever.", judges.gives_up),
    _row(TROUBLE, "recovers-from-429", "It recovers from a 429, or gives up cleanly.", judges.recovers),
    _row(TROUBLE, "recovers-from-5xx", "It recovers from a 5xx, or gives up cleanly.", judges.recovers),
    _row(TROUBLE, "recovers-from-reset", "It recovers from a reset connection.", judges.recovers),
    _row(
        TROUBLE, "recovers-from-timeout", "It recovers from an answer that never comes.",
        judges.recovers_from_silence,
    ),
    _row(TROUBLE, "recovers-from-bad-json", "It recovers from an answer that is not JSON.", judges.recovers),
    _row(
        TROUBLE, "recovers-from-unknown-task", "It recovers when a new task is not found at first.",
        judges.recovers,
    ),
    _row(TROUBLE, "recovers-from-refusal", "It gives up cleanly when refused permanently.", judges.recovers),
    _row(TROUBLE, "recovers-from-expired-results", "It recovers from expired results.", judges.recovers),
    _row(
        TROUBLE, "recovers-from-failed-download", "It recovers from a download that fails once.",
        judges.recovers,
    ),
    _row(TROUBLE, "recovers-from-late-results", "It waits for results that come late.", judges.recovers),
    _row(
        TROUBLE, "survives-missing-results", "It does not report success without results.",
        judges.survives_missing_results,
    ),
    _row(
        TROUBLE, "recovers-from-other-endings", "It does not mistake another end of a task for success.",
        judges.recovers_from_endings,
    ),
    _row(CHANGE, "survives-throttling", "It tolerates a throttled task.", judges.survives),
    _row(CHANGE, "survives-unknown-fields", "It tolerates unknown fields.", judges.survives),
    _row(CHANGE, "survives-unknown-status", "It tolerates an unknown status.", judges.survives),
    _row(
        CHANGE, "survives-stale-polls", "It tolerates a poll that reports an older state.", judges.survives
    ),
    _row(CHANGE, "survives-code-as-text", 'It tolerates "0" for 0.', judges.survives),
    _row(CHANGE, "survives-null", "It tolerates null for an empty object.", judges.survives),
    _row(CHANGE, "survives-fractions", "It tolerates progress reported as a fraction.", judges.survives),
    _row(CHANGE, "survives-skipped-states", "It tolerates a task that skips a state.", judges.survives),
    _row(CHANGE, "portable", "Other providers would accept its requests.", None),
    _row(
        CALLBACKS, "takes-genuine-callbacks", "It accepts callbacks with a valid signature.",
        callbacks.takes_genuine, always=True,
    ),
    _row(
        CALLBACKS, "survives-doubled-callbacks", "It tolerates callbacks sent twice.",
        callbacks.survives_callbacks,
    ),
    _row(
        CALLBACKS, "survives-late-callbacks", "It tolerates late callbacks.",
        callbacks.survives_callbacks,
    ),
    _row(
        CALLBACKS, "survives-lost-callbacks", "It copes with missing callbacks.",
        callbacks.survives_callbacks,
    ),
    _row(
        CALLBACKS, "survives-reordered-callbacks", "It tolerates callbacks in another order.",
        callbacks.survives_callbacks,
    ),
    _row(
        CALLBACKS, "checks-signatures", "It trusts only callbacks with a valid signature.",
        callbacks.checks_signature,
    ),
)  # fmt: skip
BY_ID = {promise.id: promise for promise in PROMISES}
