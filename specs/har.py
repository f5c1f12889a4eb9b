"""HTTP Archive 1.2, read and written in one place: what browsers, recorders and we ourselves keep of HTTP.

A body is bytes, as after `Content-Encoding`: HAR has text, or Base64 where a body is no text. A body that was
not kept, or only its beginning, is marked: `size` is what it had, and there is a comment.
What HAR has no word for stands under `_understudy`, as the format allows for names that begin with `_`.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from understudy.specs.errors import UnderstudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MEGABYTE = 1024 * 1024
MOST_FILE = 1024 * MEGABYTE
LABEL = "_understudy"
# What a body is still packed as that could not be unpacked; its bytes are kept as they were.
PACKED = "_packed"
HarHeaders = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HarBody:
    """A body: its bytes (None: there was none, or none was kept) and its media type.

    size     bytes that it had, which are more than `data` holds when it was not kept whole
    packed   the content codings that `data` is still packed as, "" for none
    """

    data: bytes | None = None
    media_type: str = ""
    size: int = 0
    packed: str = ""

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return len(self.data or b"") >= self.size


@dataclass(frozen=True, slots=True)
class HarEntry:
    """One exchange. `started` is in milliseconds since 1970, `took` in milliseconds; `status` 0: no answer.

    `label` is ours: what else is known of it.
    """

    method: str
    url: str
    request_headers: HarHeaders = ()
    request: HarBody = field(default_factory=HarBody)
    status: int = 0
    response_headers: HarHeaders = ()
    response: HarBody = field(default_factory=HarBody)
    started: float = 0.0
    took: float = 0.0
    label: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HarLog:
    """The entries in their order, and what else is known of all of them."""

    entries: Sequence[HarEntry]
    label: Mapping[str, Any] = field(default_factory=dict)


def read_har_log(path: Path) -> HarLog:
    """The HAR file at `path`; raises UnderstudyError, with the file's name, when it is none."""
    try:
        if path.stat().st_size > MOST_FILE:
            raise UnderstudyError(f"larger than {MOST_FILE // MEGABYTE} MB", where=str(path))
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnderstudyError(f"cannot read: {error.strerror}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise UnderstudyError(f"not JSON: {error}", where=str(path)) from error
    try:
        return parse_har(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnderstudyError(
            f"is not a HAR file: {type(error).__name__} {error}",
            where=str(path),
            advice="HAR 1.2, as browsers export it, or understudy record --har FILE",
        ) from error


def parse_har(data: Any) -> HarLog:
    """The log of a HAR object; raises KeyError, TypeError, ValueError or AttributeError when it is none."""
    log = data["log"]
    return HarLog([_read_entry(entry) for entry in log["entries"]], log.get(LABEL) or {})


def har_object(log: HarLog, version: str = "") -> dict[str, Any]:
    """The HAR object of a log; `version` is ours."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "understudy", "version": version},
            "entries": [_entry_object(entry) for entry in log.entries],
            **({LABEL: dict(log.label)} if log.label else {}),
        }
    }


def har_text(log: HarLog, version: str = "") -> str:
    """The text of a HAR file. Half a character (a lone surrogate) is written as the escape that JSON has."""
    text = json.dumps(har_object(log, version), indent=1, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()


def body_object(data: bytes) -> dict[str, str]:
    """Bytes as HAR writes them: `text`, and `encoding` where they are no text."""
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(data).decode(), "encoding": "base64"}


def body_bytes(content: Mapping[str, Any]) -> bytes | None:
    """The bytes that `body_object` wrote; None when nothing was kept. Raises ValueError for bad Base64."""
    text = content.get("text")
    if text is None:
        return None
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(str(text), validate=False)
        except binascii.Error as error:
            raise ValueError(f"not Base64: {error}") from error
    return str(text).encode("utf-8", "surrogatepass")


def header_objects(headers: HarHeaders) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def header_pairs(headers: Sequence[Mapping[str, Any]]) -> HarHeaders:
    return tuple((str(h["name"]), str(h["value"])) for h in headers)


def _read_entry(entry: Mapping[str, Any]) -> HarEntry:
    request, answer = entry["request"], entry["response"]
    post, content = request.get("postData") or {}, answer.get("content") or {}
    data = body_bytes(post) if post else None
    back = body_bytes(content)
    label = entry.get(LABEL) or {}
    return HarEntry(
        method=str(request["method"]).upper(),
        url=_address(request["url"]),
        request_headers=header_pairs(request.get("headers") or ()),
        request=HarBody(
            data, str(post.get("mimeType") or ""), _size(post, data), str(post.get(PACKED) or "")
        ),
        status=int(answer["status"] or 0),
        response_headers=header_pairs(answer.get("headers") or ()),
        response=HarBody(
            back, str(content.get("mimeType") or ""), _size(content, back), str(content.get(PACKED) or "")
        ),
        started=float(label.get("started") or _milliseconds(entry.get("startedDateTime"))),
        took=float(entry.get("time") or 0.0),
        label=label,
    )


def _address(url: Any) -> str:
    if not isinstance(url, str) or not url:
        raise ValueError(f"a request's url is {url!r}")
    return url


def _size(content: Mapping[str, Any], data: bytes | None) -> int:
    """How many bytes a body had: what the file says, and no less than is there."""
    told = content.get("size")
    return max(int(told) if isinstance(told, int | float) else 0, len(data or b""))


def _entry_object(entry: HarEntry) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": entry.method,
        "url": entry.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": header_objects(entry.request_headers),
        "queryString": [],
        "headersSize": -1,
        "bodySize": entry.request.size,
    }
    if entry.request.data is not None:
        request["postData"] = {"mimeType": entry.request.media_type, **_content(entry.request)}
    answer: dict[str, Any] = {
        "status": entry.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": header_objects(entry.response_headers),
        "content": {
            "size": entry.response.size,
            "mimeType": entry.response.media_type,
            **_content(entry.response),
        },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": entry.response.size,
    }
    return {
        "startedDateTime": _time(entry.started),
        "time": entry.took,
        "request": request,
        "response": answer,
        "cache": {},
        "timings": {"send": 0, "wait": entry.took, "receive": 0},
        **({LABEL: dict(entry.label)} if entry.label else {}),
    }


def _content(body: HarBody) -> dict[str, Any]:
    """The body's text, with a comment where it is not all of it, or not unpacked."""
    comments = []
    told: dict[str, Any] = {} if body.data is None else dict(body_object(body.data))
    if not body.whole:
        kept = len(body.data or b"")
        comments.append(f"not kept whole: the first {kept} of {body.size} bytes")
        told["size"] = body.size
    if body.packed:
        comments.append(f"still packed ({body.packed})")
        told[PACKED] = body.packed
    return told | ({"comment": "; ".join(comments)} if comments else {})


def _time(milliseconds: float) -> str:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).isoformat(
        timespec="milliseconds"
    )


def _milliseconds(text: Any) -> float:
    try:
        return datetime.datetime.fromisoformat(str(text)).timestamp() * 1000
    except ValueError:
        return 0.0
