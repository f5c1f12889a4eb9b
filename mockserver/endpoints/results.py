"""The files that results' URLs lead to: rendered when first asked for, for anyone who has the URL."""

from __future__ import annotations

import asyncio
import functools
import re
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from understudy.mockserver.errors import Refused
from understudy.mockserver.play.items import media_type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from understudy.mockserver.media import Render
    from understudy.mockserver.state import ServerState
    from understudy.mockserver.store.tasks import Task

PATH = re.compile(r"/results/([^/]{1,64})/(\d{1,3})(-watermark)?\.[a-z0-9]{1,5}")
# Files that answers show though no task made them: a face that was found, the voice of a preset.
SAMPLE = re.compile(r"/results/sample-([^/]{1,64})/(\d{1,3})\.(png|mp4|mp3)")
SAMPLE_TYPES = {"png": "image/png", "mp4": "video/mp4", "mp3": "audio/mpeg"}
SAMPLE_SECONDS = 5.0

MOST_RENDERED_AT_ONCE = 2
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


class ResultFiles:
    """Finds the result behind a path and renders it."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._cache: Any = None
        # Threads of their own: big requests are read in the loop's, and do not wait behind videos.
        self._threads = ThreadPoolExecutor(MOST_RENDERED_AT_ONCE, "results")

    def media_type(self, task: Task, path: str) -> str:
        """The media type of a result by its path, for results that are files of several kinds."""
        rule = self._state.played_by(task).behaviour.result
        return media_type_of(rule, path[path.rfind(".") :])

    def task(self, path: str) -> Task | None:
        """The task whose result the path names, whatever has become of it."""
        found = PATH.fullmatch(path)
        return self._state.store.task(found[1]) if found else None

    def find(self, path: str) -> tuple[Task, int, bool]:
        """(task, index, with watermark); raises Refused when there is no such result, or no longer."""
        state = self._state
        found = PATH.fullmatch(path)
        task = self.task(path)
        if found is None or task is None:
            raise Refused("unknown_resource", path=path)
        played = state.played_by(task)
        if int(found[2]) >= task.request.results * played.behaviour.result.files:
            raise Refused("unknown_resource", path=path)
        now = state.accounts.get(task.account).clock.now()
        index = task.index(now)
        if task.plan.statuses[index] != played.lifecycle.success:
            raise Refused("unknown_resource", path=path)
        effects = state.effects_of(task)
        status = effects.results_status
        valid = played.behaviour.result.valid_ms
        expired = valid > 0 and now >= task.changed_at(index) + valid
        if effects.results_fail and state.accounts.get(task.account).counted(
            f"{task.id} results", effects.results_fail
        ):
            raise Refused("unavailable")
        if status == 404:
            raise Refused("unknown_resource", path=path)
        if effects.results_renewed and not self._renewed(task):
            raise Refused("no_permission")
        if status or expired:
            raise Refused("no_permission")
        return task, int(found[2]), found[3] is not None

    def _renewed(self, task: Task) -> bool:
        """Whether the task was asked about after a download had been refused."""
        journal = self._state.accounts.get(task.account).journal
        # A refused download is no task's: its path names it.
        ident = task.id.encode()
        asked = [entry.operation for entry in journal if entry.task == task.id or ident in entry.path]
        return "result" in asked and "query" in asked[asked.index("result") :]

    async def sample(self, path: str, provider: str) -> tuple[str, bytes] | None:
        """(media type, file) of a sample, None for a path that is none's. It needs no task: the path says
        all, so it is the same on every server and after a restart."""
        found = SAMPLE.fullmatch(path)
        if found is None:
            return None
        from understudy.mockserver.media import Render  # here: as above

        media_type = SAMPLE_TYPES[found[3]]
        wanted = Render(
            kind=media_type.partition("/")[0],
            media_type=media_type,
            index=int(found[2]),
            aspect_ratio="2:1",
            duration_seconds=SAMPLE_SECONDS,
            text="sample",
            provider=provider,
            watermark=False,
            seed=found[1],
        )
        return media_type, await self._rendered(wanted)

    async def _rendered(self, wanted: Render) -> bytes:
        from understudy.mockserver.media import MediaCache  # here: as above

        if self._cache is None:
            self._cache = MediaCache(self._state.settings.media_cache)
        return await self.drawn(functools.partial(self._cache.get, wanted))

    async def drawn(self, draw: Callable[[], bytes]) -> bytes:
        """What `draw` makes, in a thread for drawing."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, draw)

    async def bytes(
        self, task: Task, index: int, *, watermark: bool, media_type: str = ""
    ) -> tuple[str, bytes]:
        """(media type, file) of a result; `media_type` is that of a variant, such as a picture of a video."""
        from understudy.mockserver.media import Render  # here: Pillow is not loaded before it is needed

        rule = self._state.played_by(task).behaviour.result
        media_type = media_type or rule.media_type
        wanted = Render(
            kind=media_type.partition("/")[0],
            media_type=media_type,
            index=index,
            aspect_ratio=task.request.aspect_ratio,
            duration_seconds=float(task.request.duration),
            text=task.request.text,
            provider=task.profile,
            watermark=watermark,
            seed=task.id,
        )
        return media_type, await self._rendered(wanted)
