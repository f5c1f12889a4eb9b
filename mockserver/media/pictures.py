"""Pictures sent in: judged by their header against the limits that the spec gives as `x-image`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.mockserver.media.base64text import Base64Text, NotBase64Error
from understudy.mockserver.media.headers import DamagedError, Header, header

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAME = {"jpg": "jpeg", "jpe": "jpeg", "tif": "tiff", "heif": "heic"}


class PictureProblem(NamedTuple):
    """What is wrong (prefix, base64, format, size, pixels or ratio); what was found and what is allowed."""

    kind: str
    text: str


def check_picture(value: str | bytes | memoryview, limits: Mapping[str, Any]) -> PictureProblem | None:
    """What is wrong with a picture in a request, or None.

    `value` is an http(s) URL, which is never fetched and always fine here, or Base64 (strict, see
    `base64text`). `limits` has any of `formats` (names), `max_bytes`, `min_side` (px), `min_aspect_ratio`
    and `max_aspect_ratio` (width / height); all bounds are inclusive. The first problem is told, in the
    order prefix, base64, format, size, pixels, ratio. Only the header is decoded: a picture whose format is
    allowed but known by name only (see `headers`) is not measured.
    """
    start = value[:48]
    head = start if isinstance(start, str) else bytes(start).decode("latin-1")
    scheme = head[:8].lower()
    if scheme.startswith(("http://", "https://")):
        return None
    if scheme.startswith("data:"):
        prefix = head.split(",", 1)[0] + ("," if "," in head else "…")
        return PictureProblem(
            "prefix", f"begins with {prefix!r}; send the Base64 alone, without a data: prefix"
        )
    try:
        content = Base64Text(value)
    except NotBase64Error as error:
        return PictureProblem("base64", f"is neither an http(s) URL nor Base64: {error}")
    try:
        found = header(content)
    except DamagedError as error:
        return PictureProblem("format", f"is damaged: {error}")
    return _format(found, limits) or _size(content.size, limits) or _measures(found, limits)


def _format(found: Header | None, limits: Mapping[str, Any]) -> PictureProblem | None:
    allowed = limits.get("formats")
    if allowed is None:
        return None
    names = {_SAME.get(name.lower(), name.lower()) for name in allowed}
    if found is not None and found.format in names:
        return None
    seen = f"is {found.format.upper()}" if found else "is not a picture in a known format"
    return PictureProblem("format", f"{seen}; allowed: {', '.join(allowed)}")


def _size(size: int, limits: Mapping[str, Any]) -> PictureProblem | None:
    most = limits.get("max_bytes")
    if most is None or size <= most:
        return None
    return PictureProblem("size", f"is {size} bytes; at most {most} are allowed")


def _measures(found: Header | None, limits: Mapping[str, Any]) -> PictureProblem | None:
    if found is None or found.width is None or found.height is None:
        return None
    shown = f"is {found.width} × {found.height} px"
    least = limits.get("min_side")
    if least is not None and min(found.width, found.height) < least:
        return PictureProblem("pixels", f"{shown}; width and height must each be at least {least} px")
    # Exact: 0.4 in a spec means two fifths, not the nearest binary number.
    ratio = Fraction(found.width, found.height)
    low, high = limits.get("min_aspect_ratio"), limits.get("max_aspect_ratio")
    if (low is not None and ratio < Fraction(str(low))) or (high is not None and ratio > Fraction(str(high))):
        bounds = [f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else ""]
        allowed = " and ".join(bound for bound in bounds if bound)
        return PictureProblem("ratio", f"{shown}, width / height {float(ratio):.4g}; it must be {allowed}")
    return None
