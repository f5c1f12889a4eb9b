"""What a gateway promises: the table. A row of the report is a row of this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from understudy.contracts.gateway_verifier import judges

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.contracts.client_verifier.verdict import ClientVerdict
    from understudy.contracts.gateway_verifier.seen import GatewayRun


@dataclass(frozen=True, slots=True)
class GatewayPromise:
    """One row: a stable id, its heading, the promise as a sentence, and who judges a run.

    healthy: judged in the first run only, in which nothing goes wrong.
    """

    id: str
    area: str
    sentence: str
    judge: Callable[[GatewayRun], ClientVerdict]
    healthy: bool = False


BELOW, MONEY, ABOVE = "to its clients", "money", "to the provider"
GATEWAY_PROMISES = (
    GatewayPromise("orders-work", BELOW, "Orders succeed when nothing goes wrong.", judges.orders_work, True),
    GatewayPromise(
        "tells-its-own-words", BELOW, "It reports states in the words of its own API.", judges.tells_own_words
    ),
    GatewayPromise(
        "tells-failures", BELOW, "A failure upstream is one below, with its reason.", judges.tells_failures
    ),
    GatewayPromise("no-false-success", BELOW, "A success below is one upstream.", judges.no_false_success),
    GatewayPromise("tells-the-end-in-time", BELOW, "It reports the end promptly.", judges.tells_in_time),
    GatewayPromise(
        "results-arrive", BELOW, "The results of a success can be fetched.", judges.results_arrive
    ),
    GatewayPromise("callbacks-agree", BELOW, "Its callbacks agree with its polls.", judges.callbacks_agree),
    GatewayPromise("signs-callbacks", BELOW, "Its callbacks are signed correctly.", judges.signs_callbacks),
    GatewayPromise("accounts-apart", BELOW, "No account sees another's tasks.", judges.accounts_apart),
    GatewayPromise("buys-once", MONEY, "It buys one task for one order.", judges.buys_once),
    GatewayPromise(
        "buys-for-orders", MONEY, "Every task that it buys belongs to an order.", judges.buys_for_orders
    ),
    GatewayPromise(
        "delivers-what-it-bought",
        MONEY,
        "What succeeded upstream is delivered.",
        judges.delivers_what_it_bought,
    ),
    GatewayPromise("bills-what-it-sold", MONEY, "It bills a success once.", judges.bills_what_it_sold),
    GatewayPromise("bills-no-failure", MONEY, "It bills nothing for a failure.", judges.bills_no_failure),
    GatewayPromise("gives-back-once", MONEY, "It refunds no more than it charged.", judges.gives_back_once),
    GatewayPromise("requests-valid", ABOVE, "Its requests are valid.", judges.requests_valid),
    GatewayPromise("polls-at-a-sane-rate", ABOVE, "It polls within limits.", judges.polls_at_a_sane_rate),
    GatewayPromise("stops-polling-at-the-end", ABOVE, "It stops polling at the end.", judges.stops_polling),
    GatewayPromise("honours-retry-after", ABOVE, "It honours Retry-After.", judges.honours_retry_after),
    GatewayPromise(
        "takes-genuine-callbacks", ABOVE, "It accepts callbacks with a valid signature.", judges.takes_genuine
    ),
)
