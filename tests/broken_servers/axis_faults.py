"""A fault along each axis of a description: what a vendor does otherwise than it says.

The mock plays the changed description, the verifier holds it to the first one. An axis has one fault or more;
each names the promise that must break by it, and the scenario under which it shows, where it needs one.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Description = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """`axis`: its number in the list of axes; `there`: whether a family can have it; `change`: plants it."""

    axis: int
    promise: str
    there: Callable[[Any, Any], bool]
    change: Callable[[Any, Any], None]
    scenario: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def fits(self, description: Description) -> bool:
        return bool(self.there(description, description["families"]["jobs"]))

    def planted(self, description: Description) -> Description:
        """The same description with the fault."""
        changed = copy.deepcopy(description)
        self.change(changed, changed["families"]["jobs"])
        return changed


def record(family: Any) -> Any:
    shown: Any = family["record"]
    return shown.get("data", shown)


def of_class(family: Any, kind: str) -> str:
    return next(name for name, one in family["states"].items() if one["class"] == kind)


def shows_word(whole: Any, family: Any) -> bool:
    return bool(record(family).get("state") == "$status") and not hands_over(family)


def hands_over(family: Any) -> bool:
    """Whether a query for a task that succeeded is answered with its result, and shows no record."""
    return "bytes" in family["query"].get("states", {}).get(of_class(family, "success"), {})


def calls(whole: Any, family: Any) -> bool:
    return "callback" in family


def always(*_: Any) -> bool:
    return True


def told_by_status(whole: Any, family: Any) -> bool:
    return bool(family["query"].get("answer", {}).get("body") == "$absent")


def another_word(whole: Any, family: Any) -> None:
    record(family)["state"] = {"$status": {of_class(family, "success"): "fin", "*": "$status"}}


def other_state(whole: Any, family: Any) -> None:
    """One more state on the way, of which nothing is said."""
    [first, *_] = family["states"]
    following = family["states"][first]["next"]
    family["states"] = {
        first: {"class": family["states"][first]["class"], "next": ["odd"]},
        "odd": {"class": "running", "next": following},
        **{name: one for name, one in family["states"].items() if name != first},
    }


def signed_otherwise(whole: Any, family: Any) -> None:
    rule = family["callback"]["signature"]
    if rule["scheme"] == "standard-webhooks-ed25519":
        family["callback"]["signature"] = {"scheme": "standard-webhooks"}
    elif rule["scheme"] == "standard-webhooks":
        family["callback"]["signature"] = {"scheme": "none"}
    else:
        rule["over"] = "${body}${body}"


def cancelled_otherwise(family: Any) -> None:
    """What is cancelled fails; that it may be stopped is still said, for a description must be sound."""
    [first, *_] = family["states"].values()
    first["next"] = [*first["next"], family["cancel"]["becomes"]]
    family["cancel"]["becomes"] = of_class(family, "failed")


def no_key(whole: Any, family: Any) -> None:
    """Keys behind another scheme are taken, too."""
    whole["account"] = {**whole["account"], "also": [{**whole["account"], "scheme": "Basic"}]}


FAULTS: dict[str, Fault] = {
    "another status for a create": Fault(
        1, "create-answer-shape", always, lambda whole, family: family["create"]["answer"].update(status=203)
    ),
    "a header of a create's answer left out": Fault(
        1, "answers-have-headers", lambda whole, family: "headers" in family["create"]["answer"],
        lambda whole, family: family["create"]["answer"].pop("headers"),
    ),
    "a required header that nobody needs": Fault(
        1, "headers-are-required", lambda whole, family: "headers" in family["create"],
        lambda whole, family: family["create"].pop("headers"),
    ),
    "a key of another scheme taken": Fault(
        2, "auth-malformed-refused", lambda whole, family: "scheme" in whole["account"], no_key
    ),
    "another id in the answer to a create": Fault(
        3, "query-by-task-id", lambda whole, family: "body" in family["create"]["answer"],
        lambda whole, family: family["create"]["answer"]["body"].update(job="x${id}"),
    ),
    "another status for a query": Fault(
        4, "query-status-fits-state",
        lambda whole, family: "states" in family["query"] and not told_by_status(whole, family),
        lambda whole, family: family["query"].pop("states"),
    ),
    "several asked for, none told": Fault(
        4, "several-at-once", lambda whole, family: "batch" in family["query"],
        lambda whole, family: family["query"]["batch"].update(body={"jobs": []}),
    ),
    "another word for a state": Fault(
        5, "status-known", shows_word,
        another_word,
    ),
    "another HTTP status, where it alone tells the state": Fault(
        5, "query-by-task-id", told_by_status,
        lambda whole, family: family["query"]["answer"].update(status=204),
    ),
    "JSON, where the HTTP status alone tells the state": Fault(
        5, "query-answer-shape", told_by_status,
        lambda whole, family: family["query"]["answer"].update(body={"job": "$id"}),
    ),
    "a state that nobody named": Fault(
        6, "status-known",
        lambda whole, family: shows_word(whole, family) and not told_by_status(whole, family), other_state,
    ),
    "progress in another form": Fault(
        7, "query-answer-shape",
        lambda whole, family: record(family)["percent"] != "$progress_percent" and not hands_over(family),
        lambda whole, family: record(family).update(percent="$progress_percent"),
    ),
    "success without a result": Fault(
        8, "result-exactly-at-success",
        lambda whole, family: (
            "results" not in family and "url" in record(family) and not hands_over(family)
        ),
        lambda whole, family: record(family).update(url="$absent"),
    ),
    "a result that is nowhere": Fault(
        8, "result-downloads", always, lambda whole, family: None, scenario="results-expired"
    ),
    "results before the end": Fault(
        8, "results-wait-for-the-end", lambda whole, family: "results" in family,
        lambda whole, family: family["results"].update(answer={"status": 200, "body": {"files": []}}),
    ),
    "a variant of another type": Fault(
        8, "result-variants", lambda whole, family: "variants" in family.get("results", {}),
        lambda whole, family: family["results"]["variants"].update(small="image/png"),
    ),
    "a failure without a reason": Fault(
        9, "reason-exactly-at-failure", lambda whole, family: "$reason" in str(record(family).get("problem")),
        lambda whole, family: record(family).pop("problem"), scenario="fail",
    ),
    "a cancel that does something else": Fault(
        10, "cancel-ends-the-task", lambda whole, family: "becomes" in family.get("cancel", {}),
        lambda whole, family: cancelled_otherwise(family),
    ),
    "another answer to a cancel": Fault(
        10, "cancel-ends-the-task", lambda whole, family: "cancel" in family,
        lambda whole, family: family["cancel"].update(answer={"status": 203}),
    ),
    "a cancel after the end that is taken": Fault(
        10, "cancel-of-ended-task", lambda whole, family: "cancel" in family,
        lambda whole, family: family["cancel"].update(otherwise={"status": 200}),
    ),
    "a delete that is answered and not done": Fault(
        10, "delete-removes-the-task",
        lambda whole, family: "delete" in family and "cancelled" in str(family["states"]),
        lambda whole, family: family["delete"].update(
            removes=False, states=[next(iter(family["states"]))], otherwise={"status": 200},
            becomes=of_class(family, "cancelled"),
        ),
    ),
    "pages that are all the same": Fault(
        11, "list-page-size-kept", lambda whole, family: family.get("list", {}).get("by", "none") != "none",
        lambda whole, family: family["list"].update(size="/other" if "in" in family["list"] else "other"),
    ),
    "an unknown task in another form": Fault(
        12, "unknown-task-told", lambda whole, family: "unknown_answer" in family,
        lambda whole, family: family.update(unknown_answer={"status": 200, "body": family["record"]}),
    ),
    "tasks forgotten early": Fault(
        12, "ended-tasks-stay", always, lambda whole, family: family.update(retention_seconds=5)
    ),
    "no callback at the end": Fault(
        13, "callback-on-each-change",
        lambda whole, family: calls(whole, family) and "filter" not in family["callback"],
        lambda whole, family: family["callback"].update(on=[next(iter(family["states"]))]),
    ),
    "callbacks that nobody chose": Fault(
        13, "callback-only-when-chosen", lambda whole, family: "on" in family.get("callback", {}),
        lambda whole, family: family["callback"].pop("on"),
    ),
    "another body of callbacks": Fault(
        14, "callback-shape", calls,
        lambda whole, family: family["callback"].update(body={"said": "$status", "of": "$id"}),
    ),
    "an address that nobody asks to prove itself": Fault(
        15, "callback-challenge", lambda whole, family: "challenge" in family.get("callback", {}),
        lambda whole, family: family["callback"].pop("challenge"),
    ),
    "a refused callback that never comes again": Fault(
        16, "callback-is-retried", lambda whole, family: "retry" in family.get("callback", {}),
        lambda whole, family: family["callback"].update(retry={"after_seconds": [86400]}),
        options={"callback_retry": True},
    ),
    "another signature": Fault(
        17, "callback-signature",
        lambda whole, family: calls(whole, family) and family["callback"]["signature"]["scheme"] != "none",
        signed_otherwise,
    ),
    "limits that no header tells": Fault(
        18, "answers-have-headers", lambda whole, family: "headers" in whole.get("limits", {}),
        lambda whole, family: whole["limits"].pop("headers"),
    ),
    "a key that is ordered twice": Fault(
        19, "repeated-key",
        lambda whole, family: whole.get("idempotency", {}).get("same", "ignore") != "ignore",
        lambda whole, family: whole["idempotency"].update(same="ignore"),
    ),
    "a create that does not wait": Fault(
        20, "create-waits-for-the-end",
        lambda whole, family: "wait" in family["create"] and family["create"]["answer"]["status"] != 200,
        lambda whole, family: family["create"].pop("wait"),
    ),
    "a stream that is not there": Fault(
        21, "stream-tells-states", lambda whole, family: "stream" in family,
        lambda whole, family: family["stream"].update(path="/elsewhere/{id}/events"),
    ),
    "a stream without states": Fault(
        21, "stream-tells-states", lambda whole, family: "stream" in family,
        lambda whole, family: family["stream"].update(body={"job": "$id"}),
    ),
    "a task that costs more": Fault(
        22, "deduction-fits-request", lambda whole, family: "cost" in family,
        lambda whole, family: family["cost"].update(units_each=3),
    ),
    "an estimate that is too low": Fault(
        22, "create-tells-cost", lambda whole, family: "price" in family["create"]["answer"].get("body", {}),
        lambda whole, family: family["create"]["answer"]["body"].update(price=0.125),
    ),
}  # fmt: skip
