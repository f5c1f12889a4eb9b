"""Our tasks' records as the provider's bodies.

What a body looks like is data: `x-task` places the parts of a task's record, and the document's
`x-conventions` says how records are wrapped (`mockserver.templates` is the language of TEMPLATE,
`mockserver.refusals` words errors):

    success:  {code: 0, message: SUCCEED}
    answers:                      # each optional; default {code, message, request_id, data: RECORD}
      create: TEMPLATE
      query: TEMPLATE
      list: TEMPLATE
      callback: TEMPLATE          # default: the bare record
    record: {platform_id: $id}    # members added to every record: name -> TEMPLATE
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from mockserver.errors import MockError
from mockserver.lifecycle import put
from mockserver.records import Records
from mockserver.templates import check_template, fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.profile import Family, Profile
    from mockserver.records import Record
    from mockserver.tasks import Task

ANSWERS = ("create", "query", "list", "callback")


class Envelope:
    """The bodies of one family under one profile. Methods give JSON values, which the caller encodes once."""

    __slots__ = ("_answers", "_code", "_life", "_message", "_places", "records")

    def __init__(self, profile: Profile, family: Family) -> None:
        conventions = profile.conventions
        self._life = family.life
        self._code = conventions.get("success", {}).get("code", 0)
        self._message = conventions.get("success", {}).get("message", "")
        self._answers: Mapping[str, Any] = conventions.get("answers", {})
        extra: Mapping[str, Any] = conventions.get("record", {})
        where = f"profile {profile.name}: x-conventions"
        if unknown := sorted(self._answers.keys() - set(ANSWERS)):
            raise MockError(f"no answer {unknown[0]!r}", where=where, advice=f"known: {', '.join(ANSWERS)}")
        check_template([*self._answers.values(), *extra.values()], where)
        if not family.life.record and "list" not in self._answers:
            said = f"the record of {family.name} stands in no member, so a list of them has no place"
            raise MockError(said, where=where, advice="answers.list: a template with $record")
        self.records = Records(family, extra)
        # Answers that are worded as the vendor's are written as one literal.
        self._places = None if self._answers else self.records.places

    def created(self, task: Task, request_id: str) -> Record:
        """The answer to create: the record as it was at that moment, in its first state."""
        places = self._places
        if places is not None:
            at = task.created_at
            external_id = task.external_id
            return {
                "code": self._code,
                "message": self._message,
                "request_id": request_id,
                places.outer: {
                    places.id: task.id,
                    places.status: self._life.initial,
                    places.info: {places.external_id: external_id} if external_id else {},
                    places.created_at: at,
                    places.updated_at: at,
                },
            }
        record = self.records.begun(task)
        return self._wrap("create", record, task, 0, task.created_at, request_id, task.origin)

    def queried(self, task: Task, now: int, origin: str, request_id: str) -> Record:
        """The answer to query one."""
        index = task.plan.index(now - task.created_at)
        places = self._places
        if places is not None:
            return {
                "code": self._code,
                "message": self._message,
                "request_id": request_id,
                places.outer: self.records.literal(places, task, index, origin),
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
        if self._life.record:
            values["body"] = self._plain(records, request_id)
        filled: Record = fill(template, lambda name: values.get(name, ""))
        return filled

    def callback(self, task: Task, index: int, origin: str) -> Record:
        """The body posted when change `index` has happened."""
        record = self.records.record(task, index, origin)
        if "callback" not in self._answers:
            return record
        return self._wrap("callback", record, task, index, task.changed_at(index), task.id, origin)

    def _plain(self, data: Any, request_id: str) -> Record:
        body: Record = {"code": self._code, "message": self._message, "request_id": request_id}
        if self._life.record:
            put(body, self._life.record, data)
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
        filled: Record = fill(self._answers[answer], values.__getitem__)
        return filled
