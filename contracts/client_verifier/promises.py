"""What a client promises: the table. A row of the grade card is a row of this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.client_verifier import judges

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.client_verifier.judges import Verdict
    from contracts.client_verifier.trace import Trace


@dataclass(frozen=True, slots=True)
class Promise:
    """One row: a stable id, its heading, the promise as a sentence, and who judges a run.

    always: judged in every run; otherwise only in the runs of the scenarios that name it.
    needs_health: says nothing of a client that does not even finish when nothing goes wrong.
    judge None: no single run tells; the finding is made elsewhere (`portable`).
    """

    id: str
    area: str
    sentence: str
    judge: Callable[[Trace], Verdict] | None
    always: bool = False

    @property
    def needs_health(self) -> bool:
        return self.judge in (judges.survives, judges.survives_callbacks)


EVERY_DAY = "every day"
MONEY = "money"
TROUBLE = "trouble"
CHANGE = "what may change"
CALLBACKS = "callbacks"

PROMISES = (
    Promise("requests-valid", EVERY_DAY, "Its requests are valid.", judges.requests_valid, always=True),
    Promise("finishes", EVERY_DAY, "It finishes when nothing goes wrong.", judges.finishes),
    Promise(
        "reports-failure-reason",
        EVERY_DAY,
        "It reports why a task failed.",
        judges.reports_reason,
        always=True,
    ),
    Promise(
        "stops-polling-at-the-end",
        EVERY_DAY,
        "It stops polling at a terminal state.",
        judges.stops_polling,
        always=True,
    ),
    Promise(
        "polls-at-a-sane-rate",
        EVERY_DAY,
        f"It polls a task at most {judges.POLLS_A_SECOND} times a second.",
        judges.sane_rate,
        always=True,
    ),
    Promise("submits-once", MONEY, "It pays for a task once.", judges.submits_once, always=True),
    Promise(
        "honours-retry-after", TROUBLE, "It honours Retry-After.", judges.honours_retry_after, always=True
    ),
    Promise("gives-up-in-the-end", TROUBLE, "It does not wait for ever.", judges.gives_up),
    Promise("recovers-from-429", TROUBLE, "It gets over a 429, or gives up cleanly.", judges.recovers),
    Promise("recovers-from-5xx", TROUBLE, "It gets over a 5xx, or gives up cleanly.", judges.recovers),
    Promise("recovers-from-reset", TROUBLE, "It gets over a reset connection.", judges.recovers),
    Promise(
        "recovers-from-timeout",
        TROUBLE,
        "It gets over an answer that never comes.",
        judges.recovers_from_silence,
    ),
    Promise("recovers-from-bad-json", TROUBLE, "It gets over an answer that is no JSON.", judges.recovers),
    Promise("recovers-from-refusal", TROUBLE, "It gives up cleanly when refused for good.", judges.recovers),
    Promise("recovers-from-expired-results", TROUBLE, "It gets over results that expired.", judges.recovers),
    Promise("survives-unknown-fields", CHANGE, "It survives fields it does not know.", judges.survives),
    Promise("survives-unknown-status", CHANGE, "It survives a status it does not know.", judges.survives),
    Promise("survives-code-as-text", CHANGE, 'It survives "0" where 0 was.', judges.survives),
    Promise("survives-null", CHANGE, "It survives null where an empty object was.", judges.survives),
    Promise(
        "survives-skipped-processing", CHANGE, "It survives a task that skips `processing`.", judges.survives
    ),
    Promise("portable", CHANGE, "Other providers would take its requests.", None),
    Promise(
        "survives-doubled-callbacks",
        CALLBACKS,
        "It survives callbacks sent twice.",
        judges.survives_callbacks,
    ),
    Promise(
        "survives-late-callbacks",
        CALLBACKS,
        "It survives callbacks that come late.",
        judges.survives_callbacks,
    ),
    Promise(
        "survives-lost-callbacks",
        CALLBACKS,
        "It survives callbacks that never come.",
        judges.survives_callbacks,
    ),
    Promise(
        "survives-reordered-callbacks",
        CALLBACKS,
        "It survives callbacks in another order.",
        judges.survives_callbacks,
    ),
    Promise(
        "checks-signatures",
        CALLBACKS,
        "It believes only callbacks with a right signature.",
        judges.checks_signature,
    ),
)
BY_ID = {promise.id: promise for promise in PROMISES}
