"""From judgements to the general report: rows with evidence, facts about the run, the exit code."""

from __future__ import annotations

import re
import statistics
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from contracts import trace
from contracts.checks.view import TaskTrace, View
from contracts.curl import curl, pretty
from contracts.evidence import field_source, stated_in
from contracts.failures import Failure, Verdict
from specs.report import Detail, Place, Report, Row, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.checks import Judgement
    from contracts.target import Family, Target
    from contracts.trace import Conversation
    from specs.report import Level

LEVELS: dict[Verdict, Level] = {
    Verdict.BROKEN: "fail",
    Verdict.KEPT: "pass",
    Verdict.UNCLEAR: "unknown",
    Verdict.UNCHECKED: "skip",
}
FINE, BROKEN, UNCLEAR = 0, 1, 3
STOPPED = "the run was stopped before, see above"
# How the reasons begin for which a promise that was asked for stays unchecked.
NOT_AFFORDED = "not afforded"
MISSED = (NOT_AFFORDED, "not seen")
BOUGHT = (trace.CREATE, trace.DOUBTFUL, trace.DATED)
FOLLOWING = (trace.POLL, trace.BY_EXTERNAL_ID, trace.OTHER_QUERY, trace.DOWNLOAD)
BUDGETS = re.compile(r"--budget ([\d.]+\d|\d)")


def exit_code(judgements: Sequence[Judgement], conversation: Conversation) -> int:
    """1 when a promise is broken, 3 when we could not tell, 0 when all that could be checked is kept.

    A promise left unchecked for every family, because the budget was too small or no task came as far, counts
    as "could not tell", unless the budget was 0: then only the free promises were asked for.
    """
    verdicts = {j.verdict for j in judgements}
    if Verdict.BROKEN in verdicts:
        return BROKEN
    if Verdict.UNCLEAR in verdicts or conversation.stopped or not judgements:
        return UNCLEAR
    by_promise: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        by_promise.setdefault(judgement.promise.id, []).append(judgement)
    for found in by_promise.values():
        missed = [j for j in found if j.verdict is Verdict.UNCHECKED and j.reason.startswith(MISSED)]
        if len(missed) == len(found) and float(conversation.budget) > 0:
            return UNCLEAR
    return FINE


def not_afforded(judgements: Sequence[Judgement], budget: str) -> str:
    """What the budget did not buy and what would, as a sentence; "" when it bought all."""
    reasons = [j.reason for j in judgements if j.verdict is Verdict.UNCHECKED]
    dear = [reason for reason in reasons if reason.startswith(NOT_AFFORDED)]
    if not dear:
        return ""
    enough = max((Decimal(n) for reason in dear for n in BUDGETS.findall(reason)), default=Decimal(0))
    of = f" of the {len(reasons)}" if len(reasons) > len(dear) else ""
    text = f"{len(dear)}{of} not checked: not afforded with a budget of {budget}"
    return f"{text}; --budget {enough} buys them" if enough else text


def build(
    judgements: Sequence[Judgement], conversation: Conversation, target: Target, *, version: str = ""
) -> Report:
    """The whole report: a row for each promise and family, in the table's order, areas together."""
    if conversation.at_the_door:
        return _door(conversation, version)
    views = {n: View(target, target.family(n), conversation) for n in conversation.families}
    rows = [_row(j, views[j.family]) for j in judgements]
    rows += [_drift(e, views[e.family]) for e in _dated(conversation, views)]
    order = {a: n for n, a in enumerate(dict.fromkeys(r.area for r in rows))}
    rows.sort(key=lambda r: order[r.area])
    title = f"{conversation.url} held to the promises of {conversation.provider}"
    return Report(title, tuple(rows), tuple(_facts(conversation, views)), "understudy verify", version)


def _door(conversation: Conversation, version: str) -> Report:
    """One row: why nothing could be judged. A row for each promise would bury it."""
    headline, *lines = conversation.stopped.split("\n")
    first = conversation.exchanges[0] if conversation.exchanges else None
    row = Row(
        id="not-reached",
        title=headline,
        verdict=Verdict.UNCLEAR.value,
        level="unknown",
        text="\n".join(line.strip() for line in lines),
        details=tuple(_request(first)) if first else (),
    )
    facts = (("requests", str(len(conversation.exchanges))), ("units", f"0 of {conversation.budget}"))
    title = f"{conversation.url} could not be held to the promises of {conversation.provider}"
    return Report(title, (row,), facts, "understudy verify", version)


def brief(report: Report) -> Report:
    """The same report without the rows that are fine: what a terminal shows."""
    stopped = dict(report.facts).get("stopped")
    rows = tuple(r for r in report.rows if r.level != "pass")
    # Said once above, where a person reads first.
    rows = tuple(replace(r, text=STOPPED) if stopped and r.text == stopped else r for r in rows)
    rows = _gathered(rows)
    return replace(report, rows=rows, tally=tuple(report.verdicts()))


def _gathered(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Rows of one family that say "could not tell" or "not checked" for one reason, as one row.

    The reason comes before the names, which may fill a screen.
    """
    families = {_family_of(r) for r in rows}
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.level in ("unknown", "skip"):
            groups.setdefault((row.verdict, row.text, _family_of(row)), []).append(row)
    merged: dict[tuple[str, str, str], tuple[list[str], list[Row]]] = {}
    for (verdict, text, family), found in groups.items():
        # The same promises for the same reason in every family are one row, too.
        names = ", ".join(r.id for r in found)
        of, all_rows = merged.setdefault((verdict, text, names), ([], []))
        of.append(family)
        all_rows.extend(found)
    out = [r for r in rows if r.level not in ("unknown", "skip")]
    for (verdict, text, names), (of, found) in merged.items():
        count = names.count(",") + 1
        where = f" ({' and '.join(of)})" if len(families) > 1 else ""
        what = (f"{count} promises" if count > 1 else found[0].explanation.rstrip(".")) + where
        out.append(
            Row(
                id=found[0].id if count == 1 else verdict.replace(" ", "-"),
                title=f"{what}: {text}" + (f": {names}" if count > 1 else ""),
                verdict=verdict,
                level=found[0].level,
                area=verdict,
            )
        )
    return tuple(out)


def _family_of(row: Row) -> str:
    """The family that a row is about, from its fingerprint ("promise family")."""
    return row.fingerprint.partition(" ")[2]


def _facts(conversation: Conversation, views: dict[str, View]) -> list[tuple[str, str]]:
    facts = [
        ("requests", _requests(conversation)),
        ("units", f"{conversation.spent} of {conversation.budget}"),
        ("callbacks", str(len(conversation.deliveries)) if conversation.listening else "not listened for"),
    ]
    if conversation.stopped:
        facts.append(("stopped", conversation.stopped))
    facts += [("note", n) for n in conversation.notes]
    for name, view in views.items():
        figures = _latencies(view)
        if figures:
            facts.append((f"latency {name}", figures))
    return facts


def _requests(conversation: Conversation) -> str:
    """ "31: 20 that should cost nothing, 2 for tasks, 9 to follow them"."""
    roles = [e.role for e in conversation.exchanges]
    bought = sum(role in BOUGHT for role in roles)
    if not bought:
        return str(len(roles))
    follow = sum(role in FOLLOWING for role in roles)
    free = len(roles) - bought - follow
    return f"{len(roles)}: {free} that should cost nothing, {bought} for tasks, {follow} to follow them"


def _latencies(view: View) -> str:
    """Median and slowest, in milliseconds, for each kind of request; run times of tasks in seconds."""
    groups = {"create": [trace.CREATE], "query": [trace.POLL, trace.BY_EXTERNAL_ID], "list": [trace.LIST]}
    parts = []
    for name, roles in groups.items():
        times = [e.ended - e.started for e in view.role(*roles) if e.response]
        if times:
            parts.append(f"{name} {statistics.median(times):.0f} ms (slowest {max(times):.0f})")
    runs = [(t.terminal.at - t.create.ended) / 1000 for t in view.followed if t.terminal]
    if runs:
        parts.append(f"task {statistics.median(runs):.1f} s (slowest {max(runs):.1f})")
    return ", ".join(parts)


def _dated(conversation: Conversation, views: dict[str, View]) -> list[trace.Exchange]:
    """Older model names that were refused: not a breach, but the documents are out of date."""
    return [
        e
        for e in conversation.exchanges
        if e.role == trace.DATED and not e.superseded and not views[e.family].accepted(e)
        and not views[e.family].unreadable(e)
    ]  # fmt: skip


def _drift(exchange: trace.Exchange, view: View) -> Row:
    return Row(
        id="model-names-dated",
        title=f"{exchange.case.get('aim', 'an older name')} is refused",
        verdict="drift",
        level="note",
        operation=_operation(view.family, "create"),
        area="create",
        text="The documents still name it. Model names move, so this is no broken promise.",
        details=tuple(_request(exchange)),
    )


def _operation(family: Family, operation: str) -> str:
    return {
        "create": f"POST {family.create_path}",
        "list": f"GET {family.create_path}",
        "query": f"GET {family.query_path}",
        "callback": f"callback of {family.name}",
        "result": f"result of {family.name}",
    }.get(operation, family.name)


def _row(judgement: Judgement, view: View) -> Row:
    promise, failures = judgement.promise, judgement.failures
    places = [_place(judgement.source, "spec")]
    if failures and failures[0].pointer:
        pointer, keyword = failures[0].pointer, _keyword(failures[0], view)
        places = [_place(field_source(view.target, view.family, pointer, keyword), "spec")]
        stated = stated_in(view.target, view.family, pointer, keyword)
        places += [_place(stated, "promised by")] if stated else []
    places[-1] = replace(places[-1], label="promised by")
    common: dict[str, Any] = {
        "id": promise.id,
        "operation": _operation(view.family, promise.operation),
        "area": promise.area,
        "explanation": promise.sentence,
        "fingerprint": f"{promise.id} {view.family.name}",
    }
    if not failures:
        return Row(
            title=promise.sentence,
            verdict=judgement.verdict.value,
            level=LEVELS[judgement.verdict],
            text=judgement.reason or (f"seen {judgement.kept} times" if judgement.kept else ""),
            places=tuple(places),
            **common,
        )
    first = failures[0]
    more = f" ({len(failures)} observations; the smallest request is shown)" if len(failures) > 1 else ""
    return Row(
        title=first.message,
        verdict=judgement.verdict.value,
        level="fail",
        text=f"Promised: {promise.sentence} Expected {first.expected}; found {first.found}.{more}",
        places=tuple(places),
        details=tuple(_evidence(first, view)),
        timeline=_timeline(first, view),
        **common,
    )


def _place(source: str, label: str) -> Place:
    file, _, line = source.rpartition(":")
    return Place(file, int(line), label=label) if line.isdigit() else Place(source, label=label)


def _keyword(failure: Failure, view: View) -> str:
    """The schema keyword that the request of a failure breaks, "" for a good request."""
    exchange = view.conversation.exchanges[failure.exchanges[0]] if failure.exchanges else None
    return str(exchange.case.get("keyword", "")) if exchange else ""


def _evidence(failure: Failure, view: View) -> list[Detail]:
    conversation = view.conversation
    task = next((t for t in view.tasks if t.label == failure.task), None)
    numbers = [task.create.number] if task is not None else []
    numbers += [n for n in failure.exchanges[:2] if n not in numbers]
    details = []
    for number in numbers:
        details += _request(conversation.exchanges[number])
    for number in failure.deliveries[:2]:
        delivery = conversation.deliveries[number]
        shown = "\n".join(f"{n}: {v}" for n, v in delivery.headers) + "\n\n" + pretty(delivery.body)
        details.append(Detail(f"callback {number}", shown, language="http"))
    if task is not None:
        details.append(Detail("the task's time line", "\n".join(_lines(task))))
    return details


def _request(exchange: trace.Exchange) -> list[Detail]:
    details = [Detail("repeat with", curl(exchange.request), language="sh")]
    sent = f"{exchange.request.method} {exchange.request.url}\n{pretty(exchange.request.body)}".rstrip()
    if exchange.response is None:
        answer = exchange.problem
    else:
        answer = f"{exchange.status}\n{pretty(exchange.response.body)}".rstrip()
    details.append(Detail(f"request {exchange.number}", sent, answer, "answer", "json"))
    return details


def _lines(task: TaskTrace) -> list[str]:
    """One line for each thing seen; polls that saw the same are one line."""
    start, last, times = task.create.started, "", 1
    lines: list[str] = []
    for sighting in task.sightings:
        said = f"{sighting.via:<15} {task.status(sighting)}  updated_at {task.get(sighting, 'updated_at')}"
        if said == last:
            times += 1
            lines[-1] = f"{lines[-1].split('  ×')[0]}  ×{times}"
        else:
            last, times = said, 1
            lines.append(f"{sighting.at - start:8.0f} ms  {said}")
    return lines


def _timeline(failure: Failure, view: View) -> tuple[Span, ...]:
    """What was seen when: a span for each status that polls showed, a moment for each callback."""
    task = next((t for t in view.tasks if t.label == failure.task), None)
    if task is None:
        return ()
    start, spans = task.create.started, []
    asked = task.asked
    for number, sighting in enumerate(asked):
        status = task.status(sighting)
        if number and status == task.status(asked[number - 1]):
            continue
        end = next((s.at for s in asked[number:] if task.status(s) != status), asked[-1].at)
        spans.append(Span(str(status), round(sighting.at - start), round(end - start)))
    for callback in task.callbacks:
        when = round(callback.at - start)
        spans.append(Span(f"callback: {task.status(callback)}", when, when, "pass"))
    return tuple(spans)
