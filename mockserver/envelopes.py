"""Our tasks and refusals as the provider's bodies.

What a body looks like is data: `x-task` places the parts of a task's record, and the document's
`x-conventions` says how records and refusals are wrapped:

    success:  {code: 0, message: SUCCEED}
    error:
      http_status: own            # or one number for every refusal: 200
      code: integer               # or `string` ("1201"), or `word` (see words)
      words: {unknown_task: task_not_exist, '*': invalid_request}
      body: TEMPLATE              # default {code: $code, message: $message, request_id: $request_id}
    answers:                      # each optional; default {code, message, request_id, data: RECORD}
      create: TEMPLATE
      query: TEMPLATE
      list: TEMPLATE
      callback: TEMPLATE          # default: the bare record
    record: {platform_id: $id}    # members added to every record: name -> TEMPLATE

A TEMPLATE is any JSON value. In it a string that begins with "$" is replaced by the value of that name:

    $code $message $request_id    of the envelope;  $http_status $situation: of a refusal
    $record                       the task record (in `list`: the list of them)
    $body                         the whole body as the vendor would send it
    $id $external_id $status $reason $model $result_url ("" when there is none)
    $progress                     0 to 100, the share of the run time that is over;  $progress_percent: "30%"
    $created_at $updated_at       milliseconds;  $created_seconds $updated_seconds: seconds
    $started_seconds $finished_seconds    0 while it has not
    $null                         null, which TOML cannot say

An object with the one member `$status` chooses by the task's state; "*" is every other state:

    {$status: {submitted: NOT_START, processing: IN_PROGRESS, '*': SUCCESS}}
"""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from mockserver.errors import MockError
from mockserver.lifecycle import put

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.errors import Refused
    from mockserver.lifecycle import Lifecycle
    from mockserver.profile import Family, Profile
    from mockserver.tasks import Task

TWINS = ("_documented", "_textbook")
Record = dict[str, Any]
ANSWERS = ("create", "query", "list", "callback")
NAMES = frozenset(
    "code created_at created_seconds body external_id finished_seconds http_status id message model null "  # noqa: SIM905
    "progress progress_percent reason record request_id result_url situation started_seconds status "
    "updated_at updated_seconds".split()
)


def check_template(template: Any, where: str) -> None:
    """Raise MockError when a template names something that it does not know."""
    if isinstance(template, str) and template.startswith("$") and template[1:] not in NAMES:
        known = ", ".join(f"${name}" for name in sorted(NAMES))
        raise MockError(f"no value {template!r}", where=where, advice=f"known: {known}")
    if isinstance(template, dict):
        for value in template.values():
            check_template(value, where)
    elif isinstance(template, list):
        for value in template:
            check_template(value, where)


def fill(template: Any, values: Callable[[str], Any]) -> Any:
    """The template with its names replaced."""
    if isinstance(template, str):
        return values(template[1:]) if template.startswith("$") else template
    if isinstance(template, list):
        return [fill(part, values) for part in template]
    if isinstance(template, dict):
        if template.keys() == {"$status"}:
            choices = template["$status"]
            return fill(choices.get(values("status"), choices.get("*")), values)
        return {name: fill(part, values) for name, part in template.items()}
    return template


class Places:
    """The names of a record whose parts stand where the vendor's do: one level deep, or two below an object.

    Such records are written as one literal; others part by part (`Envelope.placed`), to the same effect.
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


class Envelope:
    """The bodies of one family under one profile. Methods give JSON values, which the caller encodes once."""

    __slots__ = (
        "_answers",
        "_code",
        "_extension",
        "_extra",
        "_item",
        "_life",
        "_message",
        "_places",
        "_profile",
        "_watermark",
    )

    def __init__(self, profile: Profile, family: Family) -> None:
        conventions = profile.conventions
        life = family.life
        self._profile = profile.name
        self._life = life
        self._watermark = life.request.get("watermark", ()) if family.echoes_watermark else ()
        self._code = conventions.get("success", {}).get("code", 0)
        self._message = conventions.get("success", {}).get("message", "")
        self._answers: Mapping[str, Any] = conventions.get("answers", {})
        self._extra: Mapping[str, Any] = conventions.get("record", {})
        self._extension = mimetypes.guess_extension(life.result.media_type) or ".bin"
        # Items of images are the hot ones, and have few parts.
        self._item = tuple(life.result.item.items())
        where = f"profile {profile.name}: x-conventions"
        if unknown := sorted(self._answers.keys() - set(ANSWERS)):
            raise MockError(f"no answer {unknown[0]!r}", where=where, advice=f"known: {', '.join(ANSWERS)}")
        check_template([*self._answers.values(), *self._extra.values()], where)
        self._places = None if self._answers or self._extra else Places.of(life)

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
        life = self._life
        record: Record = {}
        put(record, life.id, task.id)
        put(record, life.status, life.initial)
        self._external_id(record, task)
        put(record, life.created_at, task.created_at)
        put(record, life.updated_at, task.created_at)
        if self._extra:
            self._add_extra(record, task, 0)
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
                places.outer: self.literal(places, task, index, origin),
            }
        return self._wrap("query", self.placed(task, index, origin), task, index, now, request_id, origin)

    def listed(self, tasks: list[Task], now: int, origin: str, request_id: str) -> Record:
        """The answer to list."""
        records = [self.record(task, task.index(now), origin) for task in tasks]
        plain = self._plain(records, request_id)
        if "list" not in self._answers:
            return plain
        values = {"code": self._code, "message": self._message, "request_id": request_id}
        values |= {"record": records, "body": plain, "status": "", "null": None}
        filled: Record = fill(self._answers["list"], lambda name: values.get(name, ""))
        return filled

    def callback(self, task: Task, index: int, origin: str) -> Record:
        """The body posted when change `index` has happened."""
        record = self.record(task, index, origin)
        if "callback" not in self._answers:
            return record
        return self._wrap("callback", record, task, index, task.changed_at(index), task.id, origin)

    def record(self, task: Task, index: int, origin: str) -> Record:
        """The bare task record in its state `index`."""
        places = self._places
        return (
            self.placed(task, index, origin) if places is None else self.literal(places, task, index, origin)
        )

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
            places.result: {places.results: self._results(task, index, origin)} if succeeded else {},
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
        self._external_id(record, task)
        put(record, life.created_at, task.created_at)
        put(record, life.updated_at, task.changed_at(index))
        result = life.result
        if status == life.success:
            put(record, result.at, self._results(task, index, origin))
            if life.deduction_at:
                put(record, life.deduction_at, f"{life.units_each * task.wish.results:g}")
        else:
            put(record, result.at[:-1], {}) if len(result.at) > 1 else put(record, result.at, [])
            if life.deduction_at and status == life.failure:
                put(record, life.deduction_at, "0")
        if task.wish.watermark is not None and self._watermark:
            put(record, self._watermark, task.wish.watermark)
        if self._extra:
            self._add_extra(record, task, index)
        return record

    def _external_id(self, record: Record, task: Task) -> None:
        path = self._life.external_id
        if task.external_id:
            put(record, path, task.external_id)
        elif len(path) > 1:
            put(record, path[:-1], {})

    def _results(self, task: Task, index: int, origin: str) -> list[Record]:
        rule = self._life.result
        expires = (task.created_at + task.plan.offsets[index] + rule.valid_ms) // 1000
        start = f"{origin}/results/{task.id}/"
        end = f"{self._extension}?expires={expires}"
        watermark = task.wish.watermark
        results = []
        for i in range(task.wish.results):
            item: Record = {}
            for name, wire in self._item:
                if name == "url":
                    item[wire] = f"{start}{i}{end}"
                elif name == "index":
                    item[wire] = i
                elif name == "id":
                    item[wire] = f"{task.id}{i:02d}"
                elif name == "duration":
                    item[wire] = duration_text(task, rule.duration_spread, i)
                elif name == "watermark_url" and watermark:
                    item[wire] = f"{start}{i}-watermark{end}"
            results.append(item)
        return results

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
        values |= {"record": record, "body": plain, **self._values(task, index, now, origin)}
        filled: Record = fill(self._answers[answer], values.__getitem__)
        return filled

    def _add_extra(self, record: Record, task: Task, index: int) -> None:
        values = self._values(task, index, task.changed_at(index), task.origin)
        for name, template in self._extra.items():
            record[name] = fill(template, lambda key: values.get(key, ""))

    def _values(self, task: Task, index: int, now: int, origin: str) -> dict[str, Any]:
        life = self._life
        status = task.plan.statuses[index]
        last = index == len(task.plan.statuses) - 1 and life.is_terminal(status)
        whole = max(1, task.plan.offsets[-1])
        progress = 100 if last else min(99, max(0, (now - task.created_at) * 100 // whole))
        results = self._results(task, index, origin) if status == life.success else []
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


class Refusals:
    """A profile's refusals as bodies: x-errors and x-conventions.error.

    A situation S may have a twin: `S_documented`, as documents word it where recorded calls showed otherwise,
    or `S_textbook`, with the status that HTTP itself has for it. With `textbook` the twins are played, and no
    refusal stands under HTTP 200.
    """

    __slots__ = ("_body", "_code", "_errors", "_http_status", "_words")

    def __init__(self, profile: Profile, *, textbook: bool = False) -> None:
        rules = profile.conventions.get("error", {})
        self._errors = dict(profile.errors)
        if textbook:
            for name, row in profile.errors.items():
                for twin in TWINS:
                    if name.endswith(twin):
                        self._errors[name.removesuffix(twin)] = row
        # A provider that puts refusals under 200 breaks with HTTP's own statuses as well.
        self._http_status: Any = "own" if textbook else rules.get("http_status", "own")
        self._code = rules.get("code", "integer")
        self._words = rules.get("words", {})
        self._body = rules.get("body")
        where = f"profile {profile.name}: x-conventions.error"
        if self._code not in ("integer", "string", "word"):
            raise MockError(f"no kind of code {self._code!r}", where=where, advice="integer, string or word")
        if self._http_status != "own" and not isinstance(self._http_status, int):
            raise MockError(f"no http_status {self._http_status!r}", where=where, advice="own, or a number")
        check_template(self._body, where)

    def situations(self) -> list[str]:
        return sorted(self._errors)

    def answer(self, refused: Refused, request_id: str) -> tuple[int, Record]:
        """(HTTP status, body) of a refusal; raises MockError for a situation it does not know."""
        row = self._errors.get(refused.situation)
        if row is None:
            known = ", ".join(self.situations())
            raise MockError(f"the profile has no situation {refused.situation!r}", advice=f"known: {known}")
        message = str(row["message"])
        for name, value in refused.values.items():
            message = message.replace("{" + name + "}", value)
        status = row["status"] if self._http_status == "own" else self._http_status
        code = self._coded(row, refused.situation)
        if self._body is None:
            return status, {"code": code, "message": message, "request_id": request_id}
        values = {
            "null": None,
            "code": code,
            "message": message,
            "request_id": request_id,
            "http_status": status,
            "situation": refused.situation,
        }
        body: Record = fill(self._body, lambda name: values.get(name, ""))
        return status, body

    def _coded(self, row: Mapping[str, Any], situation: str) -> Any:
        if self._code == "integer":
            return row["code"]
        if self._code == "string":
            return str(row["code"])
        return self._words.get(situation, self._words.get("*", situation))
