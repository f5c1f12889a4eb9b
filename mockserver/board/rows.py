"""What a board shows of tasks, requests and callbacks, as JSON values. Times are milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from understudy.mockserver.accounts.journal import json_or_text, show, target
from understudy.mockserver.board.sources import line_of
from understudy.mockserver.play.items import extension_of
from understudy.specs.behaviour import Behaviour, StateClass, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.mockserver.accounts.journal import Entry
    from understudy.mockserver.callbacks.deliveries import Delivery
    from understudy.mockserver.play.family import PlayedFamily
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.store.tasks import Task

# The lanes, in their order, and which classes of states each holds.
LANES: Mapping[str, tuple[StateClass, ...]] = {
    "waiting": (StateClass.QUEUED, StateClass.THROTTLED),
    "running": (StateClass.RUNNING,),
    "succeeded": (StateClass.SUCCESS,),
    "failed": (StateClass.FAILED, StateClass.MODERATED, StateClass.CANCELLED, StateClass.EXPIRED),
}
MOST_TEXT = 120


class Rows:
    """Rows of one server, by what its profiles say about states."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self.behaviours: dict[str, Behaviour] = {
            profile.name: read(profile.document, profile.name) for profile in state.profiles
        }
        self._lanes: dict[tuple[str, str, str], str] = {}

    def lane(self, played: PlayedFamily, status: str) -> str:
        """The lane of a state."""
        key = (played.profile.name, played.family.name, status)
        lane = self._lanes.get(key)
        if lane is None:
            kind = played.behaviour.lifecycle.kind(status)
            lane = next((name for name, kinds in LANES.items() if kind in kinds), "running")
            self._lanes[key] = lane
        return lane

    def task(self, task: Task, played: PlayedFamily, index: int) -> dict[str, Any]:
        """A task in its state `index`, as a card shows it."""
        plan = task.plan
        last = len(plan.offsets) - 1
        status = plan.statuses[index]
        lane = self.lane(played, status)
        return {
            "id": task.id,
            "account": task.account,
            "profile": task.profile,
            "family": task.family,
            "status": status,
            "lane": lane,
            "created": task.created_at,
            "changed": task.changed_at(index),
            "ends": None if plan.rest else task.changed_at(last),
            "text": task.request.text[:MOST_TEXT],
            "external_id": task.external_id,
            "scenario": task.scenario,
            "callback": bool(task.callback_url),
            "results": task.request.results if lane == "succeeded" else 0,
            "kind": played.behaviour.result.kind,
            "reason": plan.reason if lane == "failed" else "",
        }

    def request(self, entry: Entry) -> dict[str, Any]:
        """A request, as the list of requests shows it; a refused one with what was wrong."""
        row = {
            "number": entry.number,
            "at": entry.at,
            "method": entry.method,
            "target": target(entry),
            "operation": entry.operation,
            "family": entry.family,
            "status": entry.status,
            "verdict": entry.verdict,
            "task": entry.task,
            "scenario": entry.scenario,
        }
        if entry.verdict != "accepted":
            row |= {"field": entry.field, "why": self._why(entry), "source": self._source(entry)}
        return row

    def _why(self, entry: Entry) -> str:
        """The provider's own words for a refusal."""
        answer = json_or_text(entry.answer)
        for behaviour in self.behaviours.values():
            if isinstance(answer, dict) and (said := behaviour.refusals.message_in(answer)):
                return str(said)[: 4 * MOST_TEXT]
        return ""

    def _source(self, entry: Entry) -> str:
        """Document and line that state the field at fault, "" where none is."""
        if not entry.field or entry.operation != "create":
            return ""
        path = entry.path.decode("latin-1")
        for profile in self._state.profiles:
            for family in profile.families:
                if family.name == entry.family and path.endswith(family.path):
                    return line_of(profile.name, family.path, entry.field)
        return ""

    def whole_request(self, entry: Entry) -> dict[str, Any]:
        """A request with its headers, bodies and answer."""
        return {**self.request(entry), **show(entry, ())}

    def delivery(self, delivery: Delivery) -> dict[str, Any]:
        """A callback with its attempts."""
        return {
            "number": delivery.number,
            "task": delivery.task,
            "index": delivery.index,
            "status": delivery.status,
            "url": delivery.url,
            "due": delivery.due,
            "genuine": delivery.genuine,
            "state": delivery.state,
            "attempts": delivery.attempts,
        }

    def results(self, task: Task, played: PlayedFamily, index: int) -> list[dict[str, Any]]:
        """Where the results of a task in its state `index` are on this server, [] before there are any."""
        if task.plan.statuses[index] not in played.lifecycle.succeeded:
            return []
        media = played.behaviour.result.media_type
        end = extension_of(media)
        root = f"/__understudy__/board/results/{task.id}"
        return [{"path": f"{root}/{n}{end}", "type": media} for n in range(task.request.results)]
