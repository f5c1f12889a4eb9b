"""Bodies of APIs that a description describes: templates filled with what a task is at one moment.

Families of such APIs are played by these bodies in place of an `Envelope`; what a task goes through, and
when, is the same for all.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.play.checks import RequestCheck
from understudy.mockserver.play.family import PlayedFamily
from understudy.mockserver.play.items import duration_text, extension_of, time_text
from understudy.specs.behaviour.lifecycle import StateClass
from understudy.specs.behaviour.operations import VARIABLE
from understudy.specs.behaviour.templates import EACH, MISSING, fill
from understudy.specs.behaviour.told_apart import sent_to
from understudy.specs.pointers import at

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from understudy.mockserver.play.profile import CompiledFamily, PlayedProfile
    from understudy.mockserver.play.refusals import RefusalAnswers
    from understudy.mockserver.store.tasks import Task
    from understudy.specs.behaviour import TaskFamily
    from understudy.specs.behaviour.axes import Axes

MOST_ECHO = 1_048_576
ITEM_IDS = 10**17
Values = Callable[[str], Any]


def remembered(request: Any, path: Mapping[str, str], query: Mapping[str, str], prefix: str) -> str:
    """What later answers need of a create, as text for the store; a body that is too large is left out."""
    echo = {"request": request, "path": dict(path), "query": dict(query), "prefix": prefix}
    text = orjson.dumps(echo)
    return (text if len(text) <= MOST_ECHO else orjson.dumps({**echo, "request": None})).decode()


class DescribedBodies:
    """The bodies of one family of a described API."""

    __slots__ = ("_extension", "axes", "family")

    def __init__(self, family: TaskFamily, axes: Axes) -> None:
        self.family = family
        self.axes = axes
        self._extension = extension_of(family.result.media_type)

    def made(self, template: Any, task: Task, index: int, now: int, request_id: str = "") -> Any:
        """A template filled for a task in its state `index`; MISSING for an empty body."""
        if template is MISSING:
            return MISSING
        values = TaskValues(self, task, index, now, request_id)
        return fill(self.axes.record if template in (None, "$record") else template, values)

    def callback(self, task: Task, index: int) -> Any:
        """The body posted when change `index` has happened."""
        rule = self.axes.callback
        template = rule.body if rule is not None else None
        return self.made(template, task, index, task.changed_at(index), task.id)

    def results(self, task: Task, index: int) -> list[dict[str, Any]]:
        """The parts of every result: url, index, id, duration and, where one was asked for, watermark_url."""
        rule = self.family.result
        expires = (task.changed_at(index) + rule.valid_ms) // 1000
        start, end = f"{task.origin}/results/{task.id}/", f"{self._extension}?expires={expires}"
        return [
            {
                "url": f"{start}{i}{end}",
                "index": i,
                "id": str(int(task.id) + (i + 1) * ITEM_IDS),
                "duration": duration_text(task, rule.duration_spread, i) if rule.duration else "0",
                "watermark_url": f"{start}{i}-watermark{end}",
            }
            for i in range(task.request.results)
        ]


class DescribedFamily(PlayedFamily):
    """One family of a described API, with everything that its requests need.

    `checks` maps a create's path -> the check of its body; `creates_by_key` (account, idempotency key) -> the
    digest of the first body and the id of its task.
    """

    __slots__ = ("axes", "bodies", "checks", "creates_by_key")

    def __init__(
        self, profile: PlayedProfile, family: CompiledFamily, refusals: RefusalAnswers, axes: Axes
    ) -> None:
        super().__init__(profile, family, refusals)
        self.axes = axes
        self.bodies = DescribedBodies(family.behaviour, axes)
        self.checks = {
            path: RequestCheck(schema, verbatim=True) for path, schema in axes.create.schemas.items()
        }
        self.creates_by_key: MutableMapping[tuple[str, str], tuple[str, str]] = {}

    def callback(self, task: Task, index: int, *, newer: bool) -> Any:
        """The body posted when change `index` has happened; no newer API of these vendors is known."""
        return self.bodies.callback(task, index)


class TaskValues:
    """What the names in a template stand for, worked out when they are asked for."""

    __slots__ = ("_bodies", "_echo", "_index", "_now", "_request_id", "_task")

    def __init__(self, bodies: DescribedBodies, task: Task, index: int, now: int, request_id: str) -> None:
        self._bodies = bodies
        self._task = task
        self._index = index
        self._now = now
        self._request_id = request_id
        self._echo: dict[str, Any] | None = None

    def __call__(self, name: str) -> Any:
        base, dot, rest = name.partition(".")
        if dot:
            return self._of_request(base, rest)
        read = READERS.get(name)
        return read(self) if read is not None else ""

    @property
    def echo(self) -> dict[str, Any]:
        if self._echo is None:
            self._echo = orjson.loads(self._task.request.echo or "{}")
        return self._echo

    def _of_request(self, base: str, rest: str) -> Any:
        """A member of the request, null where it is absent; a variable of the path, "" where it has none."""
        held = self.echo.get(base)
        return at(held, tuple(rest.split("."))) if base == "request" else (held or {}).get(rest, "")

    # --- what a task is

    def of_status(self) -> str:
        return self._task.plan.statuses[self._index]

    def _kind(self) -> StateClass | None:
        return self._bodies.family.lifecycle.kind(self.of_status())

    def _terminal(self) -> bool:
        kind = self._kind()
        return kind is not None and kind.terminal

    def _succeeded(self) -> bool:
        return self._kind() is StateClass.SUCCESS

    def of_id(self) -> str:
        return self._task.id

    def of_external_id(self) -> str:
        return self._task.external_id

    def of_model(self) -> str:
        return self._task.request.model

    def of_request(self) -> Any:
        return self.echo.get("request")

    def of_request_id(self) -> str:
        return self._request_id

    def of_code(self) -> Any:
        return 0

    def of_message(self) -> str:
        return ""

    def of_null(self) -> None:
        return None

    def of_absent(self) -> Any:
        return MISSING

    def of_reason(self) -> str:
        return self._task.plan.reason if self._terminal() and not self._succeeded() else ""

    def of_reason_code(self) -> Any:
        reason = self.of_reason()
        failures = self._bodies.axes.failures.values()
        return next((one.code for one in failures if one.reason == reason), "") if reason else ""

    def of_record(self) -> Any:
        return fill(self._bodies.axes.record, self)

    # --- results

    def _items(self) -> list[dict[str, Any]]:
        return self._bodies.results(self._task, self._index) if self._succeeded() else []

    def of_results(self) -> list[dict[str, Any]]:
        return [{name: item[name] for name in ("url", "index", "id")} for item in self._items()]

    def of_result_count(self) -> int:
        return len(self._items())

    def of_each(self) -> list[Values]:
        return [functools.partial(self._of_item, item) for item in self._items()]

    def _of_item(self, item: dict[str, Any], name: str) -> Any:
        base, _, rest = name.partition(".")
        return item.get(rest) if base == "item" else self(name)

    def of_result_url(self) -> str:
        items = self._items()
        return items[0]["url"] if items else ""

    # --- progress and times

    def of_progress_share(self) -> float:
        if self._terminal():
            return 1.0
        whole = max(1, self._task.plan.offsets[-1])
        return round(min(0.99, max(0.0, (self._now - self._task.created_at) / whole)), 4)

    def of_progress(self) -> int:
        return int(self.of_progress_share() * 100)

    def of_progress_percent(self) -> str:
        return f"{self.of_progress()}%"

    def of_queue_position(self) -> int:
        return 0

    def _started(self) -> int:
        return self._task.changed_at(1) if self._index else 0

    def _finished(self) -> int:
        return self._task.changed_at(self._index) if self._terminal() else 0

    def _expires(self) -> int:
        valid = self._bodies.family.result.valid_ms
        return self._finished() + valid if self._succeeded() and valid else 0

    def of_created_at(self) -> int:
        return self._task.created_at

    def of_updated_at(self) -> int:
        return self._task.changed_at(self._index)

    def of_created_seconds(self) -> int:
        return self._task.created_at // 1000

    def of_updated_seconds(self) -> int:
        return self.of_updated_at() // 1000

    def of_started_seconds(self) -> int:
        return self._started() // 1000

    def of_finished_seconds(self) -> int:
        return self._finished() // 1000

    def of_expires_seconds(self) -> int:
        return self._expires() // 1000

    def of_created_time(self) -> str:
        return time_text(self._task.created_at)

    def of_started_time(self) -> str | None:
        return time_text(self._started()) if self._started() else None

    def of_finished_time(self) -> str | None:
        return time_text(self._finished()) if self._finished() else None

    def of_expires_time(self) -> str | None:
        return time_text(self._expires()) if self._expires() else None

    def of_run_seconds(self) -> float:
        started = self._started()
        return max(0, (self._finished() or self._now) - started) / 1000 if started else 0.0

    # --- cost

    def of_units(self) -> float:
        return float(self._bodies.family.cost.units(self._task.request.results))

    def of_units_text(self) -> str:
        return self._bodies.family.cost.text(self._task.request.results)

    # --- where its other operations are

    def of_query_url(self) -> str:
        return self._address(self._bodies.axes.query.path)

    def of_results_url(self) -> str:
        rule = self._bodies.axes.results
        return self._address(rule.call.path) if rule is not None else ""

    def of_cancel_url(self) -> str:
        rule = self._bodies.axes.cancel
        return self._address(rule.call.path) if rule is not None else ""

    def of_stream_url(self) -> str:
        rule = self._bodies.axes.stream
        return self._address(rule.call.path) if rule is not None else ""

    def _address(self, path: str) -> str:
        known = {**self.echo.get("path", {}), "id": self._task.id}
        filled = VARIABLE.sub(lambda place: str(known.get(place[1], place[0])), path)
        query = self._bodies.axes.query
        is_asked = path == query.path and query.id_place == "query"
        target = sent_to(filled, f"{query.id_name}={self._task.id}" if is_asked else "")
        return f"{self._task.origin}{self.echo.get('prefix', '')}{target}"


READERS: dict[str, Callable[[TaskValues], Any]] = {
    name.removeprefix("of_"): method for name, method in vars(TaskValues).items() if name.startswith("of_")
} | {EACH: TaskValues.of_each}
