"""What HTTP makes of the keys of a document: which entry describes a status, a media type, a method.

Bodies are compared along this, not along the keys: a 404 that `default` described may be described by `4XX`
or by `404` now, and JSON by `application/*`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from understudy.specs.diff.records import ApiMedia, ApiResponse

DEFAULT = "default"
# Types that stand for "*/*", and statuses for `default`, unless the documents name them.
ANY_TYPES = ("application/json", "text/xml", "text/plain", "image/png", "application/x-any", "text/x-any")
# Statuses whose answers have no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5).
BODYLESS = ("204", "205", "304")
ANY_STATUS = ("599", "499", "399", "299", "199")


class StatusPair(NamedTuple):
    """What describes one class of statuses on both sides.

    key      as one of the documents writes it: "404", "4XX", "default"
    number   a status of the class
    """

    key: str
    number: str
    old: ApiResponse | None
    new: ApiResponse | None


class MediaPair(NamedTuple):
    """What describes one class of media types on both sides.

    key   as one of the documents writes it: "application/json", "image/*"
    type  a media type of the class
    """

    key: str
    type: str
    old: ApiMedia | None
    new: ApiMedia | None


def find_status(responses: Mapping[str, ApiResponse], status: str) -> ApiResponse | None:
    """The response that describes a status: the exact one, then its range, then `default`.

    `default` describes a success only where no success is described: beside one it means errors.
    """
    found = responses.get(status) or responses.get(f"{status[0]}XX")
    if found is None and not (status[0] == "2" and any(name[0] == "2" for name in responses)):
        found = responses.get(DEFAULT)
    return found


def find_media(content: Mapping[str, ApiMedia], media: str) -> ApiMedia | None:
    """The entry for a media type: the exact one, the one without parameters, then the narrowest range."""
    if media in content:
        return content[media]
    kind = media.partition(";")[0]
    ranges = sorted((name for name in content if "*" in name), key=lambda n: (n.count("*"), -len(n), n))
    fits = [name for name in ranges if fnmatchcase(kind, name)]
    others = [name for name in content if name.partition(";")[0] == kind]
    return next((content[name] for name in (kind, *others, *fits) if name in content), None)


def status_pairs(old: Mapping[str, ApiResponse], new: Mapping[str, ApiResponse]) -> list[StatusPair]:
    """The classes of statuses that the two sides tell apart, with what each side has for them."""
    keys = list(dict.fromkeys((*old, *new)))
    found: dict[tuple[int, int], StatusPair] = {}
    for key in keys:
        number = _status(key, keys)
        if number:
            pair = StatusPair(key, number, find_status(old, number), find_status(new, number))
            found.setdefault((id(pair.old), id(pair.new)), pair)
    return list(found.values())


def media_pairs(old: Mapping[str, ApiMedia], new: Mapping[str, ApiMedia]) -> list[MediaPair]:
    """The classes of media types that the two sides tell apart, with what each side has for them."""
    keys = list(dict.fromkeys((*old, *new)))
    found: dict[tuple[int, int], MediaPair] = {}
    for key in keys:
        media = _media(key, keys)
        if media:
            pair = MediaPair(key, media, find_media(old, media), find_media(new, media))
            found.setdefault((id(pair.old), id(pair.new)), pair)
    return list(found.values())


def _status(key: str, keys: list[str]) -> str:
    """A status of which `key` is the nearest description among `keys`; "" where there is none."""
    if key == DEFAULT:
        known = [*keys, *(f"{name[0]}XX" for name in keys if name[1:] == "XX")]
        return next((s for s in ANY_STATUS if s not in known and f"{s[0]}XX" not in known), "")
    if key[1:] != "XX":
        return key
    return next((s for n in range(99, -1, -1) if (s := f"{key[0]}{n:02}") not in keys), "")


def _media(key: str, keys: list[str]) -> str:
    """A media type of which `key` is the nearest description among `keys`; "" where there is none."""
    if "*" not in key:
        return key
    tries = ANY_TYPES if key == "*/*" else (key.replace("*", "x-any"), key.replace("*", "x-other"))
    narrower = [k for k in keys if k != key and (k.count("*"), -len(k)) < (key.count("*"), -len(key))]
    return next((t for t in tries if not any(fnmatchcase(t, k.partition(";")[0]) for k in narrower)), "")


def overlap(one: str, other: str) -> bool:
    """Whether two media types, each perhaps a range or with parameters, have a type in common."""
    one, other = one.partition(";")[0], other.partition(";")[0]
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def is_range(key: str) -> bool:
    """Whether a key stands for several media types."""
    return "*" in key


def is_success(status: str) -> bool:
    return status[0] == "2"


def offers(responses: Mapping[str, ApiResponse], accept: str) -> bool:
    """Whether a success may come in a media type, or in one of a range."""
    good = [r for status, r in responses.items() if is_success(status)]
    good = good or [r for status, r in responses.items() if status == DEFAULT]
    return any(overlap(name, accept) for response in good for name in response.content)
