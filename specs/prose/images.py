"""What a picture must be (`x-image`) and how it may be given (`x-source`).

x-image   {formats: [jpg, jpeg, png], max_bytes, min_side (pixels), min_aspect_ratio, max_aspect_ratio (width/height)}
x-source  {url: true, base64: true, data_prefix: false, reachable: true}; a key that is absent was not said
"""

# ruff: noqa: E501 - patterns read better on one line
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from understudy.specs.prose.bound_subjects import OF_SEVERAL, clause
from understudy.specs.prose.bounds import NUMBER, find_bounds, number
from understudy.specs.prose.records import FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from understudy.specs.prose.records import Page

_ABOUT_PICTURES = re.compile(r"\b(?:image|picture|photo)s?\b|图|照片|(?<![a-z])(?:jpe?g|png|webp)\b", FLAGS)
_PICTURE_NAME = re.compile(r"image|picture|photo|(?:\A|_)img", FLAGS)
# The name of what is done with a picture is about no film: image-to-video, 图生视频.
_OTHER_MEDIA = re.compile(
    r"(?<!to )(?<!to-)\b(?:video|audio|voice|sound|music)s?\b|(?<![a-z])(?:mp4|mov|mp3|wav)\b|(?<![图文]生)(?<!参考生)视频|音频",
    FLAGS,
)

# Right before the words for formats: these are not taken.
_NOT_TAKEN = re.compile(
    r"(?:\b(?:not|no|never|un)|[a-z]n't|不|\bexcept(?: for)?)[ -]?(?:(?:supported|accepted|allowed|support|accept|allow|支持|接受)(?: yet)?[ :]{0,3})?\Z",
    FLAGS,
)

# What a size may be of that is no picture's: the whole request's.
_OF_REQUEST = re.compile(r"\b(?:request|body|payload)\b|请求", FLAGS)

_FORMAT = r"(?:`?image/|\.?)(?:jpe?g|png|webp|gif|bmp|tiff?|heic|heif|avif)(?![\w])`?"
_FORMATS = re.compile(
    r"(?:(?:supported|accepted|allowed)?\s{0,3}(?:(?:image|picture|file)\s{1,3}){0,4}(?:formats?|types?)"
    r"(?:\s{1,3}(?:supported|allowed|accepted))?\s{0,3}(?:are|is|must\s{1,3}be|include|[:=]){0,3}\s{0,3}|"
    r"(?:图片|图像|文件){0,3}(?:支持的?)?(?:图片|图像|文件){0,3}格式(?:支持|为|必须为|仅支持|包括|[:=]){0,3}\s{0,3}|支持(?:的)?\s{0,3}|only\s{1,3})?"
    rf"(?P<list>{_FORMAT}(?:(?:\s{{0,2}}\([^()\n\d]{{1,60}}\))?\s{{0,3}}(?:,|/|\||;|or|and|或|和|与)\s{{0,3}}(?:(?:or|and)\s{{1,3}})?{_FORMAT}){{0,30}})"
    r"(?:\s{0,3}(?:formats?|files?|images?|only|(?:等)?(?:图片)?格式(?:的?图片)?)){0,4}",
    FLAGS,
)
_SIZE_BYTES = {"k": 1024, "m": 1024**2, "g": 1024**3, "b": 1, "兆": 1024**2}
_SQUARE = re.compile(
    rf"(?:(?:can\s*not|must\s+not|not)\s+be\s+(?:less|smaller)\s+than|min(?:imum)?(?:\s+(?:size|resolution|dimensions?))?(?:\s+of|\s*:)?|at\s+least|no(?:t)?\s+"
    rf"(?:less|smaller)\s+than|≥|>=|不(?:能|得)?(?:小|低)于|至少|最小)\s*(?P<a>{NUMBER})\s*(?:px)?\s*[x*]\s*(?P<b>{NUMBER})\s*(?:px|pixels?|像素)?",
    FLAGS,
)
_RATIO = r"(?P<{0}a>\d{{1,6}}(?:\.\d{{1,6}})?)\s{{0,3}}:\s{{0,3}}(?P<{0}b>\d{{1,6}}(?:\.\d{{1,6}})?)"
_RATIOS = re.compile(
    r"(?:(?:the\s{1,3})?(?:image\s{1,3})?(?:aspect\s{1,3})?ratio\s{0,3}(?:of\s{1,3}the\s{1,3}(?:image|picture)\s{0,3})?(?:\(.{0,40}?\))?\s{0,3}(?:must|should|needs?\s{1,3}to)?\s{0,3}(?:be|is|of|range)?\s{0,3}|"
    r"(?:图片)?(?:宽高|长宽|纵横)?比(?:例)?(?:要|需|应)?(?:在|介于|为|范围){0,3})?\s{0,3}"
    r"(?:between|from|within|in|[:\[(]){0,3}\s{0,3}(?:介于|在)?\s{0,3}"
    + _RATIO.format("l") + r"\s{0,3}(?:-|~|to|and|,|至|到|和){1,2}\s{0,3}" + _RATIO.format("h") + r"\s{0,3}[\])]?\s{0,3}(?:之间)?",
    FLAGS,
)  # fmt: skip
_BYTES_LIMIT = re.compile(rf"({NUMBER})\s*(?:/\s*)?([KMG]i?B?\b|bytes?\b|兆)", FLAGS)

_NO_PREFIX = re.compile(
    r"(?:(?:(?:do\s+not|don't|must\s+not|should\s+not|never|no\s+need\s+to|without)\s+(?:\w+\s+){0,4}?|no\s+)"
    r"(?:`?data:`?\s*(?:uri\s+|url\s+)?)?prefix(?:es)?|without\s+(?:the\s+|a\s+|any\s+)?[`'\"]?data:[`'\"]?[^.\n]{0,40}?prefix|"
    r"raw\s+base64(?:\s+(?:string|text|data))?\s+only|"
    r"(?:请?不(?:要|能|可|需要?|得|用)?|勿|无需|去掉|去除|不含)(?:在[^.\n]{0,30})?(?:添加|加|带|包含|携带|含)?(?:任何|有)?[^.\n]{0,40}?前缀)"
    r"(?:[^.\n]{0,80}?(?:only|只|仅|直接)[^.\n]{0,20}?base\s?64[^.,;\n]{0,40})?",
    FLAGS,
)
_WITH_PREFIX = re.compile(
    r"(?:must|should|needs?\s+to)\s+(?:include|start\s+with|have|carry|begin\s+with)\s+(?:the\s+|a\s+)?[`'\"]?data:[^\s]*(?:[^.\n]{0,30}?prefix)?|"
    r"(?:必须|需要?|应)(?:包含|带(?:有)?|携带|加(?:上)?)[^.\n]{0,30}?data:[^.\n]{0,30}?前缀",
    FLAGS,
)
# No part of a name, ImageBase64 or image_base64 (nor lmageBase64, as people copy it): that is another field.
_BASE64 = re.compile(
    "".join(f"(?<!{word})(?<!{word}_)" for word in ("mage", "img", "picture", "video", "audio", "file"))
    + r"base\s?64(?!_)",
    FLAGS,
)
_URL = re.compile(r"(?<![a-z])(?<!data[ :-])(?<![a-z]_)urls?(?![a-z])|\blinks?\b|链接|网址|地址", FLAGS)
_REACHABLE = re.compile(
    r"(?:must|should|needs?\s+to|has\s+to|ensure|make\s+sure|please\s+ensure)[^.,;()\n]{0,40}?(?:accessible|reachable|downloadable)|"
    r"publicly\s+accessible|(?:确保|保证|需要?|必须|请)[^.,;()\n]{0,12}?(?:可(?:以)?(?:正常)?(?:公开)?(?:访问|下载))",
    FLAGS,
)


# A field that says itself which format is wanted: of that these are the values.
_IS_FORMAT = re.compile(r"format\Z", FLAGS)


def read_pictures(page: Page, name: str = "") -> None:
    """Say `x-source` and `x-image` in pieces; the reader of the document puts the pieces together.

    The text is about pictures where it says so, or the `name` of its field does.
    """
    _read_source(page)
    if not _ABOUT_PICTURES.search(page.text) and not _PICTURE_NAME.search(name):
        return
    if not _IS_FORMAT.search(name):
        _read_formats(page)
    _read_shape(page)
    if _PICTURE_NAME.search(name) or not _OTHER_MEDIA.search(page.text):
        _read_bytes_and_sides(page)


def _say(page: Page, key: str, value: Any, match: re.Match[str]) -> None:
    page.say("x-image", {key: value}, *match.span())


def _read_formats(page: Page) -> None:
    for match in _FORMATS.finditer(page.text):
        names = [
            name.lower()
            for name in re.findall(r"jpe?g|png|webp|gif|bmp|tiff?|heic|heif|avif", match["list"], FLAGS)
        ]
        cue = (
            page.text[match.start() : match.start("list")].strip()
            or page.text[match.end("list") : match.end()].strip()
        )
        if (
            page.is_free(*match.span())
            and (len(names) > 1 or cue)
            and not _inside_word(page.text, match.start("list"))
        ):
            if _NOT_TAKEN.search(page.text[max(0, match.start() - 40) : match.start()]):
                page.doubtful.append(match.start())
                continue
            _say(page, "formats", list(dict.fromkeys(_with_suffixes(names, match["list"]))), match)


def _inside_word(text: str, at: int) -> bool:
    """Whether the format at `at` is the end of a file name or of a media type rather than a format."""
    return at > 0 and ((text[at - 1].isalnum() and text[at - 1].isascii()) or text[at - 1] in "/_")


def _with_suffixes(names: list[str], text: str) -> Iterator[str]:
    """The kinds of files; the one of a media type has two: image/jpeg → jpg, jpeg."""
    for name in names:
        yield from ("jpg", "jpeg") if name == "jpeg" and "image/" in text.lower() else (name,)


def _read_shape(page: Page) -> None:
    for match in _RATIOS.finditer(page.text):
        values = [float(match[name]) for name in ("la", "lb", "ha", "hb")]
        if not page.is_free(*match.span()) or 0 in values:
            continue
        ratios = sorted((values[0] / values[1], values[2] / values[3]))
        # "16:9, 9:16" lists two values; a range has a word or a dash between its ends, or brackets around them.
        between = page.text[match.end("lb") : match.start("ha")]
        if ratios[0] == ratios[1] or ("," in between and "[" not in match.group()):
            continue
        if not _is_said_ratio(match.group()) and abs(ratios[0] * ratios[1] - 1.0) > 1e-9:
            continue
        start, end = match.span()
        page.say("x-image", {"min_aspect_ratio": _plain(ratios[0])}, start, end)
        page.constraints.append(
            type(page.constraints[-1])("x-image", {"max_aspect_ratio": _plain(ratios[1])}, start, end)
        )


def _is_said_ratio(phrase: str) -> bool:
    return bool(re.search(r"between|from|within|~|\bto\b|介于|之间|至|到|在|范围", phrase, FLAGS))


def _plain(value: float) -> float:
    return round(value, 6)


def _read_bytes_and_sides(page: Page) -> None:
    for match in _SQUARE.finditer(page.text):
        if page.is_free(*match.span()):
            _say(page, "min_side", int(min(number(match["a"]), number(match["b"]))), match)
    for bound in find_bounds(page):
        said = clause(page.text, bound)
        if _OTHER_MEDIA.search(said) or _OF_REQUEST.search(said) or OF_SEVERAL.search(said):
            continue
        if bound.unit == "bytes" and bound.upper:
            size = _BYTES_LIMIT.search(bound.phrase)
            if size:
                factor = _SIZE_BYTES[size[2][0].lower()]
                limit = int(number(size[1]) * factor) - (0 if bound.inclusive else 1)
                page.say("x-image", {"max_bytes": limit}, bound.start, bound.end)
        elif bound.unit == "pixels" and not bound.upper:
            page.say(
                "x-image", {"min_side": int(bound.value) + (not bound.inclusive)}, bound.start, bound.end
            )


def _read_source(page: Page) -> None:
    text = page.text
    base64 = _BASE64.search(text)
    if base64 is None:
        return
    start, end = _sentence(text, base64.start())
    source: dict[str, bool] = {}
    url = _URL.search(text, start, end)
    source["base64"] = True
    if url:
        source["url"] = True
    for pattern, key, value in ((_WITH_PREFIX, "data_prefix", True), (_NO_PREFIX, "data_prefix", False)):
        match = pattern.search(text)
        if match:
            source[key] = value
            page.cover(*match.span())
    reachable = _REACHABLE.search(text)
    if reachable:
        source["reachable"] = True
        page.cover(*reachable.span())
    first, last = (min(base64.start(), url.start()), max(base64.end(), url.end())) if url else base64.span()
    page.say("x-source", dict(sorted(source.items())), first, last)


def _sentence(text: str, at: int) -> tuple[int, int]:
    """The span of the sentence or line around `at`."""
    start = max(text.rfind("\n", 0, at), text.rfind(". ", 0, at)) + 1
    ends = [end for end in (text.find("\n", at), text.find(". ", at)) if end >= 0]
    return start, min(ends, default=len(text))
