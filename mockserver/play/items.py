"""Results with more than the usual parts: several files each, sounds beside a clip, names of one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from understudy.specs.behaviour.templates import MISSING, fill

if TYPE_CHECKING:
    from understudy.mockserver.store.tasks import Task
    from understudy.specs.behaviour import ResultRule

# Results have ids of their own, of 18 digits too: those of a task's are this far from its own and each other.
ITEM_IDS = 10**17
# A first list of results is at most so long where there are further ones.
MOST_BEFORE = 4
# What results are made as (`mockserver.media.render`).
EXTENSIONS = {
    "image/png": ".png", "image/jpeg": ".jpg", "video/mp4": ".mp4",
    "audio/mpeg": ".mp3", "audio/wav": ".wav",
}  # fmt: skip


def extension_of(media_type: str) -> str:
    """ ".png" for "image/png", ".bin" for what nobody knows."""
    known = EXTENSIONS.get(media_type)
    if known is not None:
        return known
    # Here: it reads files of the machine, which takes 2 ms.
    import mimetypes

    return mimetypes.guess_extension(media_type) or ".bin"


def media_type_of(rule: ResultRule, extension: str) -> str:
    """The media type of a result's file by the end of its address: ".wav"; the rule's own for any other."""
    rules = (rule, *rule.also)
    known = {extension_of(one.media_type): one.media_type for one in rules}
    told = {name.removeprefix("url") for one in rules for name in one.named if name.startswith("url.")}
    known |= {end: kind for kind, end in EXTENSIONS.items() if end in told}
    return known.get(extension, rule.media_type)


def duration_text(task: Task, spread: float, index: int) -> str:
    """How long result `index` is, in seconds with one decimal; a little over what was asked, as in life."""
    share = (int(task.id) + index) % 11 / 10 if task.id.isdigit() else 0.0
    return f"{float(task.request.duration) + spread * share:.1f}"


def time_text(milliseconds: int) -> str:
    """ISO 8601 in UTC: 0 -> "1970-01-01T00:00:00.000Z"."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


class ItemWriter:
    """Writes the items of one list of results; `number` is 0 for the first list of a task."""

    def __init__(self, rule: ResultRule, number: int = 0) -> None:
        self._rule = rule
        self._before = number * MOST_BEFORE
        self._extension = extension_of(rule.media_type)

    def items(self, task: Task, index: int, origin: str, count: int) -> list[dict[str, Any]]:
        """The items of a task that has succeeded with change `index`."""
        return [self._item(task, index, origin, i, count) for i in range(count)]

    def _item(self, task: Task, index: int, origin: str, i: int, count: int) -> dict[str, Any]:
        rule = self._rule
        ident = int(task.id) + (self._before + i + 1) * ITEM_IDS
        expires = (task.changed_at(index) + rule.valid_ms) // 1000

        def address(file: int, end: str, mark: str = "") -> str:
            return f"{origin}/results/{task.id}/{file}{mark}{end}?expires={expires}"

        parts = {
            "id": str(ident),
            "number": ident,
            "index": i,
            "duration": duration_text(task, rule.duration_spread, i),
            "url": address(i, self._extension),
        }
        if task.request.watermark:
            parts["watermark_url"] = address(i, self._extension, "-watermark")
        request = orjson.loads(task.request.echo) if rule.remembered and task.request.echo else {}

        def value(name: str) -> Any:
            base, dot, rest = name.partition(".")
            if not dot:
                return parts[name]
            if base == "request":
                return request.get(rest, MISSING)
            return (
                address(i, f".{rest}") if base == "url" else address(i + int(rest) * count, self._extension)
            )

        item = {wire: parts[part] for part, wire in rule.item.items() if part in parts}
        return {**item, **fill(dict(rule.beside), value)}
