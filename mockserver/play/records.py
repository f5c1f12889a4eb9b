"""Our tasks as the provider's bare records: the parts stand where `x-task` says.

A record is a pure function of the task, its state and the server's origin; so records in lists are encoded
once and remembered.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.jsontext import encode
from understudy.mockserver.play.items import ITEM_IDS, ItemWriter, duration_text, extension_of, time_text
from understudy.specs.behaviour.templates import EACH, MISSING, fill
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from understudy.mockserver.play.profile import CompiledFamily
    from understudy.mockserver.store.tasks import Task, TaskPlan
    from understudy.specs.behaviour import TaskFamily

Record = dict[str, Any]
# What is remembered of encoded records, in bytes a family; then it begins anew.
MOST_REMEMBERED = 4_194_304
# Of one that is remembered, beside its text.
OVERHEAD = 300


class RecordLayout:
    """The names of a record whose parts stand where the vendor's do: one level deep, or two below an object.

    Such records are written as one literal; others part by part (`Records.placed`), to the same effect.
    """

    __slots__ = (
        "created_at",
        "deduction",
        "external_id",
        "id",
        "info",
        "outer",
        "reason",
        "result",
        "results",
        "status",
        "updated_at",
    )

    def __init__(self, family: TaskFamily) -> None:
        places = family.places
        (self.id,), (self.status,), (self.reason,) = places.id, places.status, places.reason
        (self.created_at,), (self.updated_at,) = places.created_at, places.updated_at
        self.info, self.external_id = places.external_id
        self.result, self.results = family.result.at
        (self.outer,) = places.record
        (self.deduction,) = family.cost.at or ("",)

    @classmethod
    def of(cls, family: TaskFamily) -> RecordLayout | None:
        """The names, None when the parts stand otherwise."""
        try:
            places = cls(family)
        except ValueError:
            return None
        names = [places.id, places.status, places.reason, places.created_at, places.updated_at]
        names += [places.info, places.result, places.deduction]
        return places if len(set(names)) == len(names) else None


class Records:
    """The records of one family. `extra` are members added to every record: name -> TEMPLATE."""

    __slots__ = (
        "_encoded",
        "_extension",
        "_family",
        "_further",
        "_item",
        "_item_watermarked",
        "_lifecycle",
        "_places",
        "_remembered",
        "_shows_source",
        "_units_each",
        "_watermark",
        "_writer",
        "extra",
        "layout",
    )

    def __init__(self, family: CompiledFamily, extra: Mapping[str, Any]) -> None:
        behaviour = self._family = family.behaviour
        self._places = behaviour.places
        self._lifecycle = behaviour.lifecycle
        self._units_each = float(behaviour.cost.units_each)
        self._watermark = behaviour.request.get("watermark", ()) if family.echoes_watermark else ()
        self.extra = extra
        self._extension = extension_of(behaviour.result.media_type)
        # Items of images are the hot ones, and have few parts.
        self._item_watermarked = tuple(behaviour.result.item.items())
        self._item = tuple((name, wire) for name, wire in self._item_watermarked if name != "watermark_url")
        # What a task's source adds stands in `echo`, seldom enough to be put in part by part.
        self._shows_source = behaviour.source is not None
        result = behaviour.result
        # Items with more than the usual parts are written part by part, too.
        self._writer = ItemWriter(result) if result.beside or "number" in result.item else None
        self._further = [(rule, ItemWriter(rule, number)) for number, rule in enumerate(result.also, 1)]
        placed = extra or self._shows_source or result.also or result.otherwise
        self.layout = None if placed else RecordLayout.of(behaviour)
        # Task id -> what its record was made of, and the record.
        self._encoded: dict[str, tuple[TaskPlan, int, str, bytes]] = {}
        self._remembered = 0

    def begun(self, task: Task) -> Record:
        """The record as create tells it: in its first state, without what is not known yet."""
        places = self._places
        record: Record = {}
        put(record, places.id, task.id)
        put(record, places.status, self._lifecycle.initial)
        self.put_external_id(record, task)
        self.put_times(record, task.created_at, task.created_at)
        if self.extra:
            self.add_extra(record, task, 0)
        return record

    def record(self, task: Task, index: int, origin: str) -> Record:
        """The bare task record in its state `index`."""
        layout = self.layout
        return (
            self.placed(task, index, origin) if layout is None else self.literal(layout, task, index, origin)
        )

    def encoded(self, tasks: Sequence[Task], now: int, origin: str) -> bytes:
        """The records of `tasks` as they are at `now`, as one JSON array."""
        parts = []
        known = self._encoded.get
        for task in tasks:
            plan = task.plan
            index = plan.index(now - task.created_at)
            found = known(task.id)
            if found is None or found[0] is not plan or found[1] != index or found[2] != origin:
                parts.append(self._encode(task, index, origin))
            else:
                parts.append(found[3])
        return b"[%s]" % b",".join(parts)

    def _encode(self, task: Task, index: int, origin: str) -> bytes:
        text = encode(self.record(task, index, origin))
        self._remembered += len(text) + OVERHEAD
        if self._remembered > MOST_REMEMBERED:
            self._encoded.clear()
            self._remembered = len(text) + OVERHEAD
        self._encoded[task.id] = (task.plan, index, origin, text)
        return text

    def literal(self, layout: RecordLayout, task: Task, index: int, origin: str) -> Record:
        """The record as one literal."""
        life = self._lifecycle
        plan = task.plan
        status = plan.statuses[index]
        external_id = task.external_id
        succeeded = status == life.success
        record: Record = {
            layout.id: task.id,
            layout.status: status,
            layout.reason: plan.reason if status == life.failure else "",
            layout.info: {layout.external_id: external_id} if external_id else {},
            layout.created_at: task.created_at,
            layout.updated_at: task.created_at + plan.offsets[index],
            layout.result: {layout.results: self.results(task, index, origin)} if succeeded else {},
        }
        if layout.deduction:
            if succeeded:
                record[layout.deduction] = f"{self._units_each * task.request.results:g}"
            elif status == life.failure:
                record[layout.deduction] = "0"
        if task.request.watermark is not None and self._watermark:
            put(record, self._watermark, task.request.watermark)
        return record

    def placed(self, task: Task, index: int, origin: str) -> Record:
        """The record part by part, wherever the parts stand."""
        life, places, result, cost = self._lifecycle, self._places, self._family.result, self._family.cost
        status = task.plan.statuses[index]
        record: Record = {}
        put(record, places.id, task.id)
        put(record, places.status, status)
        put(record, places.reason, task.plan.reason if status == life.failure else "")
        self.put_external_id(record, task)
        self.put_times(record, task.created_at, task.changed_at(index))
        if status == life.success:
            self.put_results(record, task, index, origin)
            if cost.at:
                put(record, cost.at, f"{self._units_each * task.request.results:g}")
        else:
            put(record, result.at[:-1], {}) if len(result.at) > 1 else put(record, result.at, [])
            if cost.at and status == life.failure:
                put(record, cost.at, "0")
        if task.request.watermark is not None and self._watermark:
            put(record, self._watermark, task.request.watermark)
        if self.extra:
            self.add_extra(record, task, index)
        return record

    def put_external_id(self, record: Record, task: Task) -> None:
        path = self._places.external_id
        if task.external_id and path:
            put(record, path, task.external_id)
        elif len(path) > 1:
            put(record, path[:-1], {})
        if self._shows_source and task.request.echo and len(path) > 1:
            for name, shown in orjson.loads(task.request.echo).items():
                put(record, (*path[:-1], name), shown)

    def put_results(self, record: Record, task: Task, index: int, origin: str) -> None:
        """Put the lists of results into the record of a task that has succeeded."""
        rule = self._family.result
        other, place = rule.otherwise, rule.at
        if other is not None and task.request.echo:
            place = other.at
            for name, shown in other.shows.items():
                put(record, (*place[:-1], name), shown)
        put(record, place, self.results(task, index, origin))
        for more, writer in self._further:
            put(record, more.at, writer.items(task, index, origin, more.count.whole({})))

    def put_times(self, record: Record, created_at: int, updated_at: int) -> None:
        for path, when in ((self._places.created_at, created_at), (self._places.updated_at, updated_at)):
            if path:
                put(record, path, when)

    def results(self, task: Task, index: int, origin: str) -> list[Record]:
        if self._writer is not None:
            return self._writer.items(task, index, origin, task.request.results)
        rule = self._family.result
        expires = (task.created_at + task.plan.offsets[index] + rule.valid_ms) // 1000
        start = f"{origin}/results/{task.id}/"
        end = f"{self._extension}?expires={expires}"
        parts = self._item_watermarked if task.request.watermark else self._item
        results = []
        for i in range(task.request.results):
            item: Record = {}
            for name, wire in parts:
                if name == "url":
                    item[wire] = f"{start}{i}{end}"
                elif name == "index":
                    item[wire] = i
                elif name == "id":
                    item[wire] = str(int(task.id) + (i + 1) * ITEM_IDS)
                elif name == "duration":
                    item[wire] = duration_text(task, rule.duration_spread, i)
                elif name == "watermark_url":
                    item[wire] = f"{start}{i}-watermark{end}"
            results.append(item)
        return results

    def add_extra(self, record: Record, task: Task, index: int) -> None:
        """Add the members that the conventions add to every record."""
        values = self.values(task, index, task.changed_at(index), task.origin)
        for name, template in self.extra.items():
            record[name] = fill(template, lambda key: values.get(key, ""))

    def _of_item(self, item: Record, task_id: str, name: str) -> Any:
        """What a name stands for inside of a list of all results: of the item, or the task's id."""
        base, _, part = name.partition(".")
        if base == "item":
            return item.get(self._family.result.item.get(part, part))
        return task_id if name == "id" else ""

    def values(self, task: Task, index: int, now: int, origin: str) -> dict[str, Any]:
        """What the names in a template stand for."""
        life = self._lifecycle
        status = task.plan.statuses[index]
        last = index == len(task.plan.statuses) - 1 and life.is_terminal(status)
        whole = max(1, task.plan.offsets[-1])
        progress = 100 if last else min(99, max(0, (now - task.created_at) * 100 // whole))
        results = self.results(task, index, origin) if status == life.success else []
        url = self._family.result.item.get("url", "url")
        started = task.changed_at(1) if index else 0
        ended = task.changed_at(index) if last else 0
        expires = ended + self._family.result.valid_ms if results and self._family.result.valid_ms else 0
        return {
            "null": None,
            "absent": MISSING,
            "id": task.id,
            "external_id": task.external_id,
            "status": status,
            "reason": task.plan.reason if status == life.failure else "",
            "model": task.request.model,
            "results": results,
            EACH: [functools.partial(self._of_item, one, task.id) for one in results],
            "result_url": results[0].get(url, "") if results else "",
            "progress": progress,
            "progress_percent": f"{progress}%",
            "created_at": task.created_at,
            "updated_at": task.changed_at(index),
            "created_seconds": task.created_at // 1000,
            "updated_seconds": task.changed_at(index) // 1000,
            "started_seconds": started // 1000,
            "finished_seconds": ended // 1000,
            "expires_seconds": expires // 1000,
            "created_time": time_text(task.created_at),
            "started_time": time_text(started) if started else None,
            "finished_time": time_text(ended) if ended else None,
            "expires_time": time_text(expires) if expires else None,
            "run_seconds": max(0, (ended or now) - started) / 1000 if started else 0.0,
            "progress_share": progress / 100,
            "queue_position": 0,
            "result_count": len(results),
            "units": self._units_each * task.request.results,
            "units_text": f"{self._units_each * task.request.results:g}",
        }
