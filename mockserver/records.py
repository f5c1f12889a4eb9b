"""Our tasks as the provider's bare records: the parts stand where `x-task` says.

A record is a pure function of the task, its state and the server's origin; so records in lists are encoded
once and remembered.
"""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from mockserver.encoding import encode
from mockserver.lifecycle import put
from mockserver.templates import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.lifecycle import Lifecycle
    from mockserver.profile import Family
    from mockserver.tasks import Plan, Task

Record = dict[str, Any]
# What is remembered of encoded records, in bytes a family; then it begins anew.
MOST_REMEMBERED = 4_194_304
# Of one that is remembered, beside its text.
OVERHEAD = 300
# Results have ids of their own, of 18 digits too: those of a task's are this far from its own and each other.
ITEM_IDS = 10**17


class Places:
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

    def __init__(self, life: Lifecycle) -> None:
        (self.id,), (self.status,), (self.reason,) = life.id, life.status, life.reason
        (self.created_at,), (self.updated_at,) = life.created_at, life.updated_at
        self.info, self.external_id = life.external_id
        self.result, self.results = life.result.at
        (self.outer,) = life.record
        (self.deduction,) = life.deduction_at or ("",)

    @classmethod
    def of(cls, life: Lifecycle) -> Places | None:
        """The names, None when the parts stand otherwise."""
        try:
            places = cls(life)
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
        "_item",
        "_item_watermarked",
        "_life",
        "_remembered",
        "_watermark",
        "extra",
        "places",
    )

    def __init__(self, family: Family, extra: Mapping[str, Any]) -> None:
        life = family.life
        self._life = life
        self._watermark = life.request.get("watermark", ()) if family.echoes_watermark else ()
        self.extra = extra
        self._extension = mimetypes.guess_extension(life.result.media_type) or ".bin"
        # Items of images are the hot ones, and have few parts.
        self._item_watermarked = tuple(life.result.item.items())
        self._item = tuple((name, wire) for name, wire in self._item_watermarked if name != "watermark_url")
        self.places = None if extra else Places.of(life)
        # Task id -> what its record was made of, and the record.
        self._encoded: dict[str, tuple[Plan, int, str, bytes]] = {}
        self._remembered = 0

    def begun(self, task: Task) -> Record:
        """The record as create tells it: in its first state, without what is not known yet."""
        life = self._life
        record: Record = {}
        put(record, life.id, task.id)
        put(record, life.status, life.initial)
        self.put_external_id(record, task)
        put(record, life.created_at, task.created_at)
        put(record, life.updated_at, task.created_at)
        if self.extra:
            self.add_extra(record, task, 0)
        return record

    def record(self, task: Task, index: int, origin: str) -> Record:
        """The bare task record in its state `index`."""
        places = self.places
        return (
            self.placed(task, index, origin) if places is None else self.literal(places, task, index, origin)
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

    def literal(self, places: Places, task: Task, index: int, origin: str) -> Record:
        """The record as one literal."""
        life = self._life
        plan = task.plan
        status = plan.statuses[index]
        external_id = task.external_id
        succeeded = status == life.success
        record: Record = {
            places.id: task.id,
            places.status: status,
            places.reason: plan.reason if status == life.failure else "",
            places.info: {places.external_id: external_id} if external_id else {},
            places.created_at: task.created_at,
            places.updated_at: task.created_at + plan.offsets[index],
            places.result: {places.results: self.results(task, index, origin)} if succeeded else {},
        }
        if places.deduction:
            if succeeded:
                record[places.deduction] = f"{life.units_each * task.wish.results:g}"
            elif status == life.failure:
                record[places.deduction] = "0"
        if task.wish.watermark is not None and self._watermark:
            put(record, self._watermark, task.wish.watermark)
        return record

    def placed(self, task: Task, index: int, origin: str) -> Record:
        """The record part by part, wherever the parts stand."""
        life = self._life
        status = task.plan.statuses[index]
        record: Record = {}
        put(record, life.id, task.id)
        put(record, life.status, status)
        put(record, life.reason, task.plan.reason if status == life.failure else "")
        self.put_external_id(record, task)
        put(record, life.created_at, task.created_at)
        put(record, life.updated_at, task.changed_at(index))
        result = life.result
        if status == life.success:
            put(record, result.at, self.results(task, index, origin))
            if life.deduction_at:
                put(record, life.deduction_at, f"{life.units_each * task.wish.results:g}")
        else:
            put(record, result.at[:-1], {}) if len(result.at) > 1 else put(record, result.at, [])
            if life.deduction_at and status == life.failure:
                put(record, life.deduction_at, "0")
        if task.wish.watermark is not None and self._watermark:
            put(record, self._watermark, task.wish.watermark)
        if self.extra:
            self.add_extra(record, task, index)
        return record

    def put_external_id(self, record: Record, task: Task) -> None:
        path = self._life.external_id
        if task.external_id:
            put(record, path, task.external_id)
        elif len(path) > 1:
            put(record, path[:-1], {})

    def results(self, task: Task, index: int, origin: str) -> list[Record]:
        rule = self._life.result
        expires = (task.created_at + task.plan.offsets[index] + rule.valid_ms) // 1000
        start = f"{origin}/results/{task.id}/"
        end = f"{self._extension}?expires={expires}"
        parts = self._item_watermarked if task.wish.watermark else self._item
        results = []
        for i in range(task.wish.results):
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

    def values(self, task: Task, index: int, now: int, origin: str) -> dict[str, Any]:
        """What the names in a template stand for."""
        life = self._life
        status = task.plan.statuses[index]
        last = index == len(task.plan.statuses) - 1 and life.is_terminal(status)
        whole = max(1, task.plan.offsets[-1])
        progress = 100 if last else min(99, max(0, (now - task.created_at) * 100 // whole))
        results = self.results(task, index, origin) if status == life.success else []
        url = life.result.item.get("url", "url")
        return {
            "null": None,
            "id": task.id,
            "external_id": task.external_id,
            "status": status,
            "reason": task.plan.reason if status == life.failure else "",
            "model": task.wish.model,
            "result_url": results[0].get(url, "") if results else "",
            "progress": progress,
            "progress_percent": f"{progress}%",
            "created_at": task.created_at,
            "updated_at": task.changed_at(index),
            "created_seconds": task.created_at // 1000,
            "updated_seconds": task.changed_at(index) // 1000,
            "started_seconds": task.changed_at(1) // 1000 if index else 0,
            "finished_seconds": task.changed_at(index) // 1000 if last else 0,
        }


def duration_text(task: Task, spread: float, index: int) -> str:
    """How long result `index` is, in seconds with one decimal; a little over what was asked, as in life."""
    share = (int(task.id) + index) % 11 / 10 if task.id.isdigit() else 0.0
    return f"{float(task.wish.duration) + spread * share:.1f}"
