"""From judgements to the general report: rows with evidence, facts about the run, the exit code."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from understudy.contracts import trace
from understudy.contracts.checks import PROMISES
from understudy.contracts.checks.view import TaskTrace, TaskView
from understudy.contracts.curl import curl, pretty
from understudy.contracts.evidence import field_source, stated_in
from understudy.contracts.failures import Failure, Verdict
from understudy.contracts.skips import SkipKind
from understudy.specs.report import Detail, Report, ReportPlace, ReportRow, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.contracts.checks import Judgement
    from understudy.contracts.target import Target
    from understudy.contracts.target_family import TargetFamily
    from understudy.contracts.trace import Conversation
    from understudy.specs.report import Level

LEVELS: dict[Verdict, Level] = {
    Verdict.BROKEN: "fail",
    Verdict.ARGUABLE: "warn",
    Verdict.KEPT: "pass",
    Verdict.UNCLEAR: "unknown",
    Verdict.UNCHECKED: "skip",
}
FINE, BROKEN, UNCLEAR = 0, 1, 3
# The verdict of a row that another one explains.
FOLLOWS = "fails with it"
STOPPED = "the run was stopped before, see above"
BOUGHT = (trace.CREATE, trace.DOUBTFUL, trace.DATED)
FOLLOWING = (trace.POLL, trace.BY_EXTERNAL_ID, trace.OTHER_QUERY, trace.RESULTS, trace.DOWNLOAD)


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
        missed = [j for j in found if j.skip is not None and j.skip.missed]
        if len(missed) == len(found) and float(conversation.budget) > 0:
            return UNCLEAR
    return FINE


def not_afforded(judgements: Sequence[Judgement], budget: str) -> str:
    """What the budget did not buy and what would, as a sentence; "" when it bought all."""
    skips = [j.skip for j in judgements if j.skip is not None]
    dear = [skip for skip in skips if skip.kind is SkipKind.NOT_AFFORDED]
    if not dear:
        return ""
    enough = max((skip.needs for skip in dear if skip.needs is not None), default=None)
    of = f" of the {len(skips)}" if len(skips) > len(dear) else ""
    text = f"{len(dear)}{of} not checked: not affordable with a budget of {budget}"
    return text if enough is None else f"{text}; --budget {enough} buys them"


def build(
    judgements: Sequence[Judgement], conversation: Conversation, target: Target, *, version: str = ""
) -> Report:
    """The whole report: a row for each promise and family, in the table's order, areas together."""
    if conversation.not_located:
        return _not_located(conversation, version)
    views = {n: TaskView(target, target.family(n), conversation) for n in conversation.families}
    rows = [_row(j, views[j.family]) for j in _led(judgements)]
    rows += [_drift(e, views[e.family]) for e in _dated(conversation, views)]
    order = {a: n for n, a in enumerate(dict.fromkeys(r.area for r in rows))}
    rows.sort(key=lambda r: order[r.area])
    title = f"{conversation.url} held to the promises of {conversation.provider}"
    return Report(title, tuple(rows), tuple(_facts(conversation, views)), "understudy verify", version)


def _led(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The judgements, each that another one explains right behind it."""
    followers: dict[tuple[str, str], list[Judgement]] = {}
    for one in judgements:
        if one.because:
            followers.setdefault((one.because, one.family), []).append(one)
    out: list[Judgement] = []
    for one in judgements:
        if not one.because:
            out += [one, *_behind(one, followers)]
    return out


def _behind(lead: Judgement, followers: dict[tuple[str, str], list[Judgement]]) -> list[Judgement]:
    found = followers.pop((lead.promise.id, lead.family), [])
    return [j for one in found for j in (one, *_behind(one, followers))]


def _not_located(conversation: Conversation, version: str) -> Report:
    """One row: why nothing could be judged. A row for each promise would bury it."""
    headline, *lines = conversation.stopped.split("\n")
    first = conversation.exchanges[0] if conversation.exchanges else None
    row = ReportRow(
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
    # The finding that leads has the evidence.
    rows = tuple(replace(r, details=(), timeline=(), places=()) if r.verdict == FOLLOWS else r for r in rows)
    rows = _gathered(rows)
    return replace(report, rows=rows, tally=tuple(report.verdicts()))


def _gathered(rows: tuple[ReportRow, ...]) -> tuple[ReportRow, ...]:
    """Rows of one family that say "could not tell" or "not checked" for one reason, as one row.

    The reason comes before the names, which may fill a screen.
    """
    families = {_family_of(r) for r in rows}
    groups: dict[tuple[str, str, str], list[ReportRow]] = {}
    for row in rows:
        if row.level in ("unknown", "skip"):
            groups.setdefault((row.verdict, row.text, _family_of(row)), []).append(row)
    merged: dict[tuple[str, str, str], tuple[list[str], list[ReportRow]]] = {}
    for (verdict, text, family), found in groups.items():
        # The same promises for the same reason in every family are one row, too.
        names = ", ".join(r.id for r in found)
        of, all_rows = merged.setdefault((verdict, text, names), ([], []))
        of.append(family)
        all_rows.extend(found)
    out = [r for r in rows if r.level not in ("unknown", "skip")]
    for (verdict, text, names), (of, found) in merged.items():
        count = len({r.id for r in found})
        where = f" ({' and '.join(of)})" if len(families) > 1 else ""
        what = (f"{count} promises" if count > 1 else found[0].explanation.rstrip(".")) + where
        out.append(
            ReportRow(
                id=found[0].id if count == 1 else verdict.replace(" ", "-"),
                title=f"{what}: {text}" + (f": {names}" if count > 1 else ""),
                verdict=verdict,
                level=found[0].level,
                area=verdict,
            )
        )
    return tuple(out)


def _family_of(row: ReportRow) -> str:
    """The family that a row is about, from its fingerprint ("promise family")."""
    return row.fingerprint.removeprefix(f"{row.id} ")


def _facts(conversation: Conversation, views: dict[str, TaskView]) -> list[tuple[str, str]]:
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


def _latencies(view: TaskView) -> str:
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


def _dated(conversation: Conversation, views: dict[str, TaskView]) -> list[trace.Exchange]:
    """Older model names that were refused: not a breach, but the documents are out of date."""
    return [
        e
        for e in conversation.exchanges
        if e.role == trace.DATED and not e.superseded and not views[e.family].accepted(e)
        and not views[e.family].unreadable(e)
    ]  # fmt: skip


def _drift(exchange: trace.Exchange, view: TaskView) -> ReportRow:
    return ReportRow(
        id="model-names-dated",
        title=f"{exchange.case.get('aim', 'an older name')} is refused",
        verdict="drift",
        level="note",
        operation=_operation(view.family, "create"),
        area="create",
        text="The documents still name it. Model names move, so this is no broken promise.",
        details=tuple(_request(exchange)),
    )


def _operation(family: TargetFamily, operation: str) -> str:
    return {
        "create": f"POST {family.create_path}",
        "list": f"GET {family.list_path}",
        "query": f"GET {family.query_path}",
        "callback": f"callback of {family.name}",
        "result": f"result of {family.name}",
    }.get(operation, family.name)


def _row(judgement: Judgement, view: TaskView) -> ReportRow:
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
        return ReportRow(
            title=promise.sentence,
            verdict=judgement.verdict.value,
            level=LEVELS[judgement.verdict],
            text=judgement.reason or (f"seen {judgement.kept} times" if judgement.kept else ""),
            places=tuple(places),
            **common,
        )
    first = failures[0]
    areas = {p.id: p.area for p in PROMISES.values()}
    if judgement.because:
        common["area"] = areas[judgement.because]
    more = f" ({len(failures)} observations; the smallest request is shown)" if len(failures) > 1 else ""
    return ReportRow(
        title=first.message,
        verdict=FOLLOWS if judgement.because else judgement.verdict.value,
        level="note" if judgement.because else LEVELS[judgement.verdict],
        text=(f"It fails with {judgement.because}, which comes first. " if judgement.because else "")
        + f"Promised: {promise.sentence} Expected {first.expected}; found {first.found}.{more}",
        places=tuple(places),
        details=tuple(_evidence(first, view)),
        timeline=_timeline(first, view),
        **common,
    )


def _place(source: str, label: str) -> ReportPlace:
    file, _, line = source.rpartition(":")
    return ReportPlace(file, int(line), label=label) if line.isdigit() else ReportPlace(source, label=label)


def _keyword(failure: Failure, view: TaskView) -> str:
    """The schema keyword that the request of a failure breaks, "" for a good request."""
    exchange = view.conversation.exchanges[failure.exchanges[0]] if failure.exchanges else None
    return str(exchange.case.get("keyword", "")) if exchange else ""


def _evidence(failure: Failure, view: TaskView) -> list[Detail]:
    conversation = view.conversation
    task = next((t for t in view.known if t.label == failure.task), None)
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


def _timeline(failure: Failure, view: TaskView) -> tuple[Span, ...]:
    """What was seen when: a span for each status that polls showed, a moment for each callback."""
    task = next((t for t in view.known if t.label == failure.task), None)
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
