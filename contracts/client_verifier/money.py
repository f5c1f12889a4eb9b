"""Judges of money: what is ordered twice, and what is paid for and given up."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from understudy.contracts.client_verifier.trace import POLLS
from understudy.contracts.client_verifier.verdict import (
    ClientVerdict,
    answer_to,
    broken,
    ending,
    kept,
    last_word,
    not_exercised,
    seconds,
    unfinished,
    unfounded_success,
    units,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.contracts.client_verifier.trace import JournalExchange, JournalTask, Trace

# More that differs between two orders would only be a list.
MOST_NAMED = 3
# Who orders again so much later has waited for something.
PAUSE_MS = 1000


def submits_once(run: Trace) -> ClientVerdict:
    """What was meant to be ordered once is not paid for again, whatever went wrong in between.

    A task that failed is not charged, so ordering anew after one is no second payment. After a create whose
    answer was lost, safe ways are: the same external id again (the provider refuses it if the task exists),
    the same Idempotency-Key where keys count, or a look first (by external id or in the list) that says the
    task is not there. Who only was refused a second order has placed it all the same.
    """
    if run.restarted is not None:
        return not_exercised("it was restarted, which is judged by itself")
    creates = [(i, e) for i, e in enumerate(run.exchanges) if e.kind == "create"]
    paid = _paid(run)
    extra = {task.task_id: task.units for task in paid[run.orders :]}
    again = [i for i, e in creates if e.task_id in extra]
    if again:
        return _paid_again(run, creates, again, sum(extra.values()))
    doubts = [(i, e) for i, e in creates if e.doubtful]
    lucky = [
        j
        for i, doubt in doubts
        for j, e in creates
        if j > i and (run.orders == 1 or e.order == doubt.order) and not _safe(run, i, doubt, j, e)
    ]
    lucky += _refused_again(run, creates, paid)
    if lucky:
        return _paid_again(run, creates, sorted(set(lucky)), 0.0)
    if doubts or any(e.fault for e in run.exchanges):
        return kept("it did not order twice")
    return not_exercised("no create was left in doubt, and no trouble came after one")


def _paid(run: Trace) -> list[JournalTask]:
    """The tasks that are charged, in the order in which they were created."""
    order = {e.task_id: i for i, e in enumerate(run.exchanges) if e.kind == "create"}
    charged = [task for task in run.tasks if not task.failed]
    return sorted(charged, key=lambda task: order.get(task.task_id, len(order)))


def _refused_again(
    run: Trace, creates: list[tuple[int, JournalExchange]], paid: list[JournalTask]
) -> list[int]:
    """The orders that a command for one task placed when it knew that task, and that were refused."""
    known = {task.task_id for task in paid}
    made = [(i, e) for i, e in creates if e.task_id in known and not e.doubtful]
    if run.orders != 1 or not made:
        return []
    first, create = made[0]
    refused = [(j, e) for j, e in creates if j > first and not e.task_id and not e.doubtful]
    return [j for j, e in refused if not _safe(run, first, create, j, e)]


def _paid_again(
    run: Trace, creates: list[tuple[int, JournalExchange]], again: list[int], lost: float
) -> ClientVerdict:
    """The verdict on orders that were one too many: what they followed, how they differ, what they cost."""
    first = next(e for i, e in creates if i < again[0]) if creates[0][0] < again[0] else creates[0][1]
    second = run.exchanges[again[0]]
    trouble, followed = _followed(run, again[0])
    differs = _differences(first.order, second.order)
    same = "" if differs else " the same"
    times = "once" if len(again) == 1 else f"{len(again)} times"
    other = f", with another {', '.join(differs[:MOST_NAMED])}" if differs else ""
    price = f"{units(lost)} paid for nothing" if lost else _luck(run, again[0])
    moments = {i for i, _ in creates if i < again[0]} | set(again) | ({trouble} if trouble >= 0 else set())
    text = f"{followed} it ordered{same} {times} again{other}: {price}"
    if lost and trouble < 0 and run.orders == 1:
        text += " (a command that is meant to order several says so: --orders N)"
    return broken(text, tuple(sorted(moments)), lost)


def _luck(run: Trace, again: int) -> str:
    """Why an order that was sent again is not paid twice: the first was not made, or the second refused."""
    before = {e.task_id for e in run.exchanges[:again] if e.kind == "create"}
    made = {task.task_id for task in run.tasks} & before
    return "only its refusal saved paying twice" if made else "by luck, the first had not been made"


def _followed(run: Trace, position: int) -> tuple[int, str]:
    """What the create at `position` followed: the index of the trouble (-1: none), and words for it."""
    since: list[JournalExchange] = []
    for i in range(position - 1, -1, -1):
        e = run.exchanges[i]
        if e.troubled or e.doubtful:
            return i, f"after {answer_to(e)}"
        if e.kind == "create":
            break
        since.append(e)
    if any(e.final for e in since):
        return -1, "after the end was reported"
    polls = sum(e.kind in POLLS for e in since)
    if polls:
        return -1, f"after {polls} poll{'s' if polls > 1 else ''} that told no end"
    return -1, _waited(run, position)


def _waited(run: Trace, position: int) -> str:
    """What a create without polls before it waited for: callbacks, or some time."""
    began = next((e.at_ms for e in reversed(run.exchanges[:position]) if e.kind == "create"), 0)
    until = run.exchanges[position].at_ms
    called = [d for d in run.deliveries if began <= d.at_ms < until]
    if any(d.final and d.genuine for d in called):
        return "after the end was called back"
    if called:
        return f"after {len(called)} callback{'s' if len(called) > 1 else ''} that told no end"
    waited = until - began
    return (
        f"after waiting for {seconds(waited)}" if waited >= PAUSE_MS else "without waiting for the first one"
    )


def _differences(first: str, second: str) -> list[str]:
    """The fields in which two orders differ: ["seed", "image_list[0].image"]."""
    if not first or not second:
        return []
    return list(_compared(json.loads(first), json.loads(second), ""))


def _compared(a: Any, b: Any, place: str) -> Iterator[str]:
    if isinstance(a, dict) and isinstance(b, dict):
        for name in sorted(a.keys() | b.keys()):
            inside = f"{place}.{name}" if place else name
            if name in a and name in b:
                yield from _compared(a[name], b[name], inside)
            else:
                yield inside
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for n, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _compared(x, y, f"{place}[{n}]")
    elif a != b:
        yield place


def _safe(run: Trace, first: int, doubt: JournalExchange, second: int, again: JournalExchange) -> bool:
    """Whether the create at `second` cannot pay twice for what the one at `first` may have made."""
    if doubt.external_id and doubt.external_id == again.external_id:
        return True
    if run.keys_count and doubt.idempotency_key and doubt.idempotency_key == again.idempotency_key:
        return True
    looked = any(e.kind in POLLS and not e.doubtful for e in run.exchanges[first + 1 : second])
    exists = any(task.task_id == doubt.task_id and not task.failed for task in run.tasks)
    return looked and not exists


def one_key_an_order(run: Trace) -> ClientVerdict:
    """An Idempotency-Key is the same when an order is sent again, and another one for another order."""
    creates = [(i, e) for i, e in enumerate(run.exchanges) if e.kind == "create"]
    keyed = [(i, e) for i, e in creates if e.idempotency_key]
    if not keyed:
        return _without_key(run, creates)
    if len(keyed) < len(creates):
        bare = tuple(i for i, e in creates if not e.idempotency_key)
        return broken(f"{len(bare)} of {len(creates)} creates have no Idempotency-Key", bare)
    again = False
    for (i, first), (j, second) in itertools.combinations(keyed, 2):
        same_order = first.order == second.order and first.external_id == second.external_id
        same_key = first.idempotency_key == second.idempotency_key
        if same_key and not same_order:
            return broken("the same Idempotency-Key for two orders", (i, j))
        if _began_anew(run, i, j) and not same_key and first.doubtful:
            return broken("a new Idempotency-Key when it was started again, as for another order", (i, j))
        if same_order and not same_key and first.doubtful:
            lost = next((task.units for task in run.tasks if task.task_id == second.task_id), 0.0)
            cost = f"; without an id of its own it would have paid {units(lost)} more" if lost else ""
            return broken(f"a new Idempotency-Key when the order is sent again{cost}", (i, j))
        again = again or (same_order and same_key)
    return kept("the same key when it was sent again" if again else "one key for each order")


def _began_anew(run: Trace, first: int, second: int) -> bool:
    """Whether a restart lies between two creates: what a command for one task orders then is the same order,
    whatever it calls it.
    """
    return run.orders == 1 and run.restarted is not None and first < run.restarted <= second


def _without_key(run: Trace, creates: list[tuple[int, JournalExchange]]) -> ClientVerdict:
    """Of a client that sends no key: what one would have saved where keys count.

    The money is counted by the promise to pay once.
    """
    lost = sum(task.units for task in _paid(run)[run.orders :])
    doubts = [i for i, e in creates if e.doubtful]
    if not run.keys_count or not doubts or not lost:
        return not_exercised("it sends no Idempotency-Key")
    text = "ordered again without an Idempotency-Key, by which the provider would have known the order"
    return broken(f"{text}: {units(lost)} more than with one", tuple(i for i, _ in creates))


def resumes_after_a_restart(run: Trace) -> ClientVerdict:
    """Killed and started again, with a folder that survives, the command goes on with its paid task."""
    if run.restarted is None:
        return not_exercised("it had ended, or was stopped, before it could be restarted")
    before, after = run.exchanges[: run.restarted], run.exchanges[run.restarted :]
    known = {e.task_id for e in before if e.kind == "create"}
    again = [i for i, e in enumerate(run.exchanges) if i >= run.restarted and e.kind == "create"]
    paid = [t for t in run.tasks if not t.failed and t.task_id not in known]
    lost = sum(task.units for task in paid)
    if paid:
        return broken(f"ordered again after the restart: {units(lost)} paid for nothing", tuple(again), lost)
    asked = any(e.task_id in known or e.kind in POLLS for e in after)
    left = sum(task.units for task in run.tasks if not task.failed)
    if run.stopped and not asked:
        return broken(f"never asked about its task again: {units(left)} abandoned", (), left)
    if run.stopped:
        return unfinished(run)
    if run.exit_code == 0 and asked and not unfounded_success(run):
        return kept("went on with its task")
    how = f"{ending(run)}: {last_word(run)}"
    never = "" if asked else "never asked about it again, "
    return broken(f"did not go on with its task: {never}{how}; {units(left)} abandoned", (), left)


def keeps_what_it_paid_for(run: Trace) -> ClientVerdict:
    """A task that is paid for is not given up because of trouble that passes."""
    met = [i for i, e in enumerate(run.exchanges) if e.fault]
    if not run.passing or not met:
        return not_exercised("no passing fault was met")
    paid = _paid(run)
    if not paid:
        return not_exercised("no task was paid for")
    # Lists name no task, and who never asks may leave the waiting to somebody else.
    unasked = not run.polls or any(e.kind == "list" and not e.troubled for e in run.polls)
    if run.ended_well and unasked:
        return kept("it went on to the end")
    if run.stopped:
        return unfinished(run)
    left = _abandoned(run, paid)
    if not left:
        return kept(
            "it went on to the end" if run.ended_well else "it knew the end of everything it paid for"
        )
    last = run.exchanges[-1]
    if (last.problems or last.unknown_id) and not run.ended_well:
        return not_exercised(f"it ended after {answer_to(last)}, which is a fault of its own")
    if not run.ended_well and _overcome(run, met[-1]):
        return not_exercised("it got over the trouble, and gave up for another reason")
    # An answer that was lost or cannot be read did not tell the client its task.
    given = {e.task_id for e in run.creates if not e.troubled and not e.doubtful}
    lost = sum(task.units for task in left)
    trouble = answer_to(run.exchanges[met[-1]])
    if run.ended_well:
        trouble = "a success without results" if run.exchanges[met[-1]].final else trouble
        text = f"ended with exit code 0 after {trouble}, without the end or the results of what it paid for"
        return broken(f"{text}: {units(lost)}", (met[-1],), lost)
    if not any(task.task_id in given for task in left):
        return kept(f"gave up after {trouble}: a task of {units(lost)} is left behind", warning=True)
    text = f"gave up after {trouble}, which would have passed: {units(lost)} paid for and abandoned"
    return broken(text, (met[-1],), lost)


def _overcome(run: Trace, trouble: int) -> bool:
    """Whether what met the trouble was asked again later, and well answered."""
    met = run.exchanges[trouble]
    same = [e for e in run.exchanges[trouble + 1 :] if e.kind == met.kind and not e.troubled]
    return any(run.orders == 1 or (met.task_id and e.task_id == met.task_id) for e in same)


def learns_what_its_cancel_did(run: Trace) -> ClientVerdict:
    """A cancel that comes too late leaves a task that is done and paid for: its client finds that out."""
    cancels = [i for i, e in enumerate(run.exchanges) if e.kind == "cancel"]
    if not cancels:
        return not_exercised("it cancelled nothing")
    asked = {run.exchanges[i].task_id for i in cancels}
    late = [task for task in _paid(run) if task.task_id in asked and task.ended_ms is not None]
    if not late:
        return kept("nothing that it cancelled had been done")
    if run.stopped:
        return unfinished(run, tuple(cancels))
    known = {
        e.task_id for e in run.exchanges[cancels[0] :] if e.final or e.kind == "result"
    } | run.called_back
    lost = sum(task.units for task in late if task.task_id not in known)
    if not lost:
        return kept("it learned that its cancel came too late")
    text = f"its cancel came too late, and it did not look again: {units(lost)} paid for and abandoned"
    return broken(text, tuple(cancels), lost)


def _abandoned(run: Trace, paid: list[JournalTask]) -> list[JournalTask]:
    """The paid tasks that were meant and whose end or results the client never got.

    Those that were one too many are the loss of another promise, and are not counted twice.
    """
    known = {e.task_id for e in run.exchanges if e.final and not e.fault}
    known |= run.called_back
    fetched = {e.task_id for e in run.exchanges if e.kind == "result" and not e.troubled}
    struck = {e.task_id for e in run.exchanges if e.kind == "result" and e.fault}
    left = [task for task in paid if task.task_id not in known | fetched or task.task_id in struck - fetched]
    delivered = len(paid) - len(left)
    return left[: max(0, min(run.orders, len(paid)) - delivered)]
