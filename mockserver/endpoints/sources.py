"""What a request names that was made before, a result or a session: found within the account, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.errors import Refused
from understudy.mockserver.play.items import ITEM_IDS, MOST_BEFORE
from understudy.specs.behaviour.rule_kinds import values_at
from understudy.specs.pointers import at, text_of

if TYPE_CHECKING:
    from understudy.mockserver.accounts.accounts import Account
    from understudy.mockserver.endpoints.exchange import ApiExchange
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.store.tasks import Task
    from understudy.specs.behaviour.source import NameRule, PlayedPart, SourceRule
    from understudy.specs.pointers import Path

# Of one task.
MOST_RESULTS = 9
MOST_DIGITS = 24
SHOWN = ("id", "url", "duration")


def named_source(
    exchange: ApiExchange, account: Account, rule: SourceRule, value: Any
) -> tuple[str, float] | None:
    """(what the record shows of it, as JSON; the seconds that the new result lasts); None for no name.

    Raises Refused for an id that is not the account's, or of a task that has not succeeded, or expired.
    """
    name = at(value, rule.field)
    if not isinstance(name, str) or not name:
        return None
    state = exchange.state
    found = result_of(state, name)
    task, place = found if found is not None else (None, 0)
    if task is None or task.account != account.key or task.family not in rule.families:
        raise not_usable(rule.field, f"{name[:40]} is not a result of this account that can be used here")
    played = state.played_by(task)
    now = account.clock.now()
    index = task.index(now)
    if task.plan.statuses[index] != played.lifecycle.success:
        raise not_usable(rule.field, f"{name} belongs to a task that has not succeeded")
    valid = played.behaviour.result.valid_ms
    if valid and now >= task.changed_at(index) + valid:
        raise not_usable(rule.field, f"{name} has expired")
    results = played.envelope.records.results(task, index, exchange.origin())
    if place >= len(results):
        raise not_usable(rule.field, f"{name[:40]} is not a result of this account that can be used here")
    item = results[place]
    check_model(rule, task, value)
    lasts = float(task.request.duration) + rule.longer_seconds
    if rule.most_seconds and lasts > rule.most_seconds:
        raise not_usable(rule.field, f"would be longer than {rule.most_seconds:g} seconds")
    parts = played.behaviour.result.item
    shown = {part: item[parts[part]] for part in SHOWN if parts.get(part) in item}
    return orjson.dumps({rule.info: shown} if rule.info else {}).decode(), lasts


def check_model(rule: SourceRule, task: Task, value: Any) -> None:
    """Raise Refused for a result of a model that cannot be used, or not with all that the request says.

    A task that names no model begins with a result itself: that one has been looked at.
    """
    model = task.request.model
    if not rule.models or not model:
        return
    if model not in rule.models:
        raise not_usable(rule.field, f"is of {model}, must be of {' or '.join(rule.models)}")
    for name in rule.models[model]:
        if value.get(name) not in (None, ""):
            raise not_usable((name,), f"is not supported where the video is of {model}")


def check_names(exchange: ApiExchange, account: Account, rules: tuple[NameRule, ...], value: Any) -> None:
    """Raise Refused for a name that stands for something which the account cannot use.

    A name that stands for nothing known is taken: it may be one of the provider's own, or of an earlier run.
    """
    for rule in rules:
        for name in map(str, values_at(value, rule.field)):
            reason = _unusable(exchange, account, rule, name)
            if reason:
                raise not_usable(rule.field, f"{name[:40]} {reason}")
            if rule.until:
                check_ends(exchange.state, rule, name, value)
            if rule.plays is not None:
                check_heard(exchange.state, rule.plays, name, value)


def check_ends(state: ServerState, rule: NameRule, name: str, value: Any) -> None:
    """Raise Refused where a request uses more of a result than there is."""
    found = result_of(state, name)
    lasts = None if found is None else float(found[0].request.duration) * 1000
    for end in values_at(value, rule.until):
        if lasts is not None and isinstance(end, int) and end > lasts:
            raise not_usable(rule.until, f"is after the end of {name}, which lasts {lasts:.0f} ms")


def check_heard(state: ServerState, part: PlayedPart, name: str, value: Any) -> None:
    """Raise Refused where a sound is not heard for long enough while the clip of the session `name` lasts."""
    session = state.known_ids.session(name)
    if session is None or not session.clip_ms:
        return
    places = (values_at(value, one) for one in (part.start, part.end, part.inserted))
    for start, end, inserted in zip(*places, strict=False):
        if min(inserted + end - start, session.clip_ms) - inserted < part.least:
            said = f"leaves less than {part.least} ms be heard in a clip of {session.clip_ms} ms"
            raise not_usable(part.inserted, said)


def _unusable(exchange: ApiExchange, account: Account, rule: NameRule, name: str) -> str:
    """Why the account cannot use what a name stands for, "" when it can or nobody knows it."""
    state, now = exchange.state, account.clock.now()
    if rule.sessions:
        session = state.known_ids.session(name)
        if session is None:
            return ""
        if session.account != account.key:
            return "is not a session of this account"
        return "has expired" if session.ends_at and now >= session.ends_at else ""
    found = result_of(state, name)
    if found is None:
        return ""
    task = found[0]
    if task.account != account.key or task.family not in rule.families:
        return "is not a result of this account that can be used here"
    if task.status(now) != state.played_by(task).lifecycle.success:
        return "belongs to a task that has not succeeded"
    return "has been deleted" if state.known_ids.is_removed(name) else ""


def result_of(state: ServerState, name: str) -> tuple[Task, int] | None:
    """The task that a result's id is of, whoever owns it, and the result's place in it."""
    if not name.isdecimal() or len(name) > MOST_DIGITS:
        return None
    for place in range(MOST_RESULTS):
        task = state.store.task(str(int(name) - (place + 1) * ITEM_IDS))
        if task is None:
            continue
        also = state.played_by(task).behaviour.result.also
        if place < task.request.results or MOST_BEFORE <= place < MOST_BEFORE * (1 + len(also)):
            return task, place
    return None


def not_usable(field: Path, reason: str) -> Refused:
    """The refusal of an id that a request names."""
    name = text_of(field)[1:].replace("/", ".")
    return Refused("invalid_parameter", field=name, reason=reason, value="", options="")
