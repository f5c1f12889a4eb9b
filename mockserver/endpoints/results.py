"""The files that results' URLs lead to: rendered when first asked for, for anyone who has the URL."""

from __future__ import annotations

import asyncio
import re
import zlib
from typing import TYPE_CHECKING, Any

from mockserver.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.tasks import Task
    from mockserver.world import World

PATH = re.compile(r"/results/([^/]{1,64})/(\d{1,3})(-watermark)?\.[a-z0-9]{1,5}")


RANGE = re.compile(rb"bytes=(\d{0,18})-(\d{0,18})")


def part_of(data: bytes, wanted: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """(status, headers, body) for a Range header: one range of bytes (RFC 9110, 14.2); others are ignored.

    >>> part_of(b"abcdef", b"bytes=2-3")
    (206, [(b'accept-ranges', b'bytes'), (b'content-range', b'bytes 2-3/6')], b'cd')
    """
    headers = [(b"accept-ranges", b"bytes")]
    found = RANGE.fullmatch(wanted.strip())
    if found is None or not (found[1] or found[2]):
        return 200, headers, data
    size = len(data)
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
        if found[2] and int(found[2]) < first:
            return 200, headers, data
    else:
        first, last = max(0, size - int(found[2])), size - 1
    if first > last:
        return 416, [*headers, (b"content-range", b"bytes */%d" % size)], b""
    told = b"bytes %d-%d/%d" % (first, last, size)
    return 206, [*headers, (b"content-range", told)], data[first : last + 1]


def answer(
    data: bytes, media_type: str, method: str, asked: Mapping[bytes, bytes]
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """(status, headers, body) for a file, with what the client asks of it (RFC 9110, 13 and 14).

    A part is for GET only, and for the very file that If-Range names.
    """
    tag = b'"%08x-%x"' % (zlib.crc32(data), len(data))
    if is_known(tag, asked.get(b"if-none-match", b"")):
        return 304, [(b"etag", tag)], b""
    whole = method != "GET" or asked.get(b"if-range", tag) != tag
    status, headers, body = part_of(data, b"" if whole else asked.get(b"range", b""))
    headers += [
        (b"etag", tag),
        (b"content-type", media_type.encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    return status, headers, b"" if method == "HEAD" else body


def is_known(tag: bytes, known: bytes) -> bool:
    """Whether If-None-Match names the tag: `*`, or a list in which weak ones count as well."""
    return known.strip() == b"*" or tag in (one.strip().removeprefix(b"W/") for one in known.split(b","))


class Results:
    """Finds the result behind a path and renders it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cache: Any = None

    def task(self, path: str) -> Task | None:
        """The task whose result the path names, whatever has become of it."""
        found = PATH.fullmatch(path)
        return self._world.store.task(found[1]) if found else None

    def find(self, path: str) -> tuple[Task, int, bool]:
        """(task, index, with watermark); raises Refused when there is no such result, or no longer."""
        world = self._world
        found = PATH.fullmatch(path)
        task = self.task(path)
        if found is None or task is None or int(found[2]) >= task.wish.results:
            raise Refused("unknown_resource", path=path)
        life = world.play_of(task).life
        now = world.accounts.get(task.account).clock.now()
        index = task.index(now)
        if task.plan.statuses[index] != life.success:
            raise Refused("unknown_resource", path=path)
        status = world.effects_of(task).results_status
        expired = now >= task.changed_at(index) + life.result.valid_ms > life.result.valid_ms
        if status == 404:
            raise Refused("unknown_resource", path=path)
        if status or expired:
            raise Refused("no_permission")
        return task, int(found[2]), found[3] is not None

    async def bytes(self, task: Task, index: int, *, watermark: bool) -> tuple[str, bytes]:
        """(media type, file) of a result."""
        from mockserver.media import MediaCache, Render  # here: Pillow is not loaded before it is needed

        world = self._world
        if self._cache is None:
            self._cache = MediaCache(world.settings.media_cache)
        rule = world.play_of(task).life.result
        wanted = Render(
            kind=rule.kind,
            media_type=rule.media_type,
            index=index,
            aspect_ratio=task.wish.aspect_ratio,
            duration_seconds=float(task.wish.duration),
            text=task.wish.text,
            provider=task.profile,
            watermark=watermark,
            seed=task.id,
        )
        data: bytes = await asyncio.get_running_loop().run_in_executor(None, self._cache.get, wanted)
        return rule.media_type, data
