"""Our tasks' records as the provider's bodies.

What a body looks like is data: `x-task` places the parts of a task's record, and `x-conventions` says how
records are wrapped (`specs.behaviour.answers`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from understudy.mockserver.play.records import Records
from understudy.specs.behaviour.templates import fill
from understudy.specs.pointers import put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.mockserver.play.profile import CompiledFamily
    from understudy.mockserver.play.records import Record
    from understudy.mockserver.store.tasks import Task


class Envelope:
    """The bodies of one family under one profile. Methods give JSON values, which the caller encodes once."""

    __slots__ = (
        "_answers",
        "_at_once",
        "_code",
        "_initial",
        "_layout",
        "_made",
        "_message",
        "_next_callback",
        "_record",
        "records",
    )

    def __init__(self, family: CompiledFamily) -> None:
        answers = family.behaviour.answers
        self._initial = family.behaviour.lifecycle.initial
        self._record = family.behaviour.places.record
        self._code = answers.success_code
        self._message = answers.success_message
        self._answers: Mapping[str, Any] = answers.templates
        self._next_callback = answers.next_callback
        self.records = Records(family, answers.extra)
        # Answers that are worded as the vendor's are written as one literal.
        self._layout = None if self._answers else self.records.layout
        # Its tasks are over when they are answered: create tells the whole record.
        lifecycle = family.behaviour.lifecycle
        self._at_once = lifecycle.is_terminal(lifecycle.initial)
        self._made = None if self._at_once else self._layout

    def created(self, task: Task, request_id: str) -> Record:
        """The answer to create: the record as it was at that moment, in its first state."""
        layout = self._made
        if layout is not None:
            at = task.created_at
            external_id = task.external_id
            return {
                "code": self._code,
                "message": self._message,
                "request_id": request_id,
                layout.outer: {
                    layout.id: task.id,
                    layout.status: self._initial,
                    layout.info: {layout.external_id: external_id} if external_id else {},
                    layout.created_at: at,
                    layout.updated_at: at,
                },
            }
        record = self.records.record(task, 0, task.origin) if self._at_once else self.records.begun(task)
        return self._wrap("create", record, task, 0, task.created_at, request_id, task.origin)

    def queried(self, task: Task, now: int, origin: str, request_id: str) -> Record:
        """The answer to query one."""
        index = task.plan.index(now - task.created_at)
        layout = self._layout
        if layout is not None:
            return {
                "code": self._code,
                "message": self._message,
                "request_id": request_id,
                layout.outer: self.records.literal(layout, task, index, origin),
            }
        record = self.records.record(task, index, origin)
        return self._wrap("query", record, task, index, now, request_id, origin)

    def listed(
        self, tasks: list[Task], now: int, origin: str, request_id: str, *, changeable: bool = True
    ) -> Record:
        """The answer to list. Unless `changeable`, its records are one piece of JSON, encoded already."""
        records: Any
        if changeable:
            records = [self.records.record(task, task.index(now), origin) for task in tasks]
        else:
            records = orjson.Fragment(self.records.encoded(tasks, now, origin))
        template = self._answers.get("list")
        if template is None:
            return self._plain(records, request_id)
        values = {"code": self._code, "message": self._message, "request_id": request_id}
        values |= {"record": records, "status": "", "null": None}
        if self._record:
            values["body"] = self._plain(records, request_id)
        filled: Record = fill(template, lambda name: values.get(name, ""))
        return filled

    def callback(self, task: Task, index: int, origin: str) -> Record:
        """The body posted when change `index` has happened."""
        record = self.records.record(task, index, origin)
        if "callback" not in self._answers:
            return record
        return self._wrap("callback", record, task, index, task.changed_at(index), task.id, origin)

    def next_callback(self, task: Task, index: int, origin: str) -> Record:
        """`callback` as a newer generation of the vendor's API words it; the same where none is known."""
        if self._next_callback is None:
            return self.callback(task, index, origin)
        values = self.records.values(task, index, task.changed_at(index), origin)
        body: Record = fill(self._next_callback, lambda name: values.get(name, ""))
        return body

    def _plain(self, data: Any, request_id: str) -> Record:
        body: Record = {"code": self._code, "message": self._message, "request_id": request_id}
        if self._record:
            put(body, self._record, data)
        else:
            body |= data
        return body

    def _wrap(
        self, answer: str, record: Record, task: Task, index: int, now: int, request_id: str, origin: str
    ) -> Record:
        plain = self._plain(record, request_id)
        if answer not in self._answers:
            return plain
        values = {"code": self._code, "message": self._message, "request_id": request_id}
        values |= {"record": record, "body": plain, **self.records.values(task, index, now, origin)}
        filled: Record = fill(self._answers[answer], lambda name: values.get(name, ""))
        return filled
