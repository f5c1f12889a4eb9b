"""Names for fields that a document describes but does not name, by wording, type, values and order.

Nothing here knows a provider or a vendor: the candidates are an argument, and their own names are what the
wording is compared with, through a small table of words that mean the same.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from understudy.specs.model import Field, FieldPath

# Below this a field stays unnamed. Wording that fits a name in full, with nothing against it, gives 0.9 and
# more.
THRESHOLD = 0.6

_WEIGHTS = {"wording": 0.7, "values": 0.2, "order": 0.1}

# One line a meaning: the words, English and Chinese, that stand for its first one.
_SAME = (
    "image picture photo img images 图片 图像 图 照片",
    "count number n num amount quantity many 数量 张数 个数",
    "ratio proportion 比例 宽高比 画幅",
    "callback webhook notify notification 回调 通知",
    "url address link 地址 链接 网址",
    "external custom own client personalized 自定义 外部",
    "id identifier 编号",
    "task job 任务",
    "model engine 模型",
    "name 名称 名字",
    "prompt 提示词 描述词",
    "negative exclude excluded avoid unwanted 负向 反向 负面",
    "scene scenario background 场景 背景",
    "style 风格",
    "subject character 主体",
    "list 列表 数组",
    "watermark watermarked 水印",
    "duration length seconds long 时长",
    "mode 模式",
    "enabled enable whether 是否 开启",
    "quality resolution 清晰度 分辨率 画质",
    "seed 种子",
    "scale strength intensity 强度",
    "format 格式",
    "video clip 视频",
    "audio sound 声音 音频",
    "size dimensions 尺寸",
    "voice 音色",
    "camera 镜头 运镜",
)  # fmt: skip
_MEANING = {word: line.split()[0] for line in _SAME for word in line.split()}
_CHINESE = sorted((word for word in _MEANING if not word.isascii()), key=len, reverse=True)
# Words that every description may hold.
_FILLER = frozenset(
    re.findall(
        r"\w+",
        "a an the of for to in on with or and this that is be it its by as at from info optional "
        "required parameter value text reference generated generate generation result also used use you "
        "your when if configured will ",
    )
)


@dataclass(frozen=True, slots=True)
class _Match:
    score: float
    candidate: Field


def identify(
    fields: Iterable[Field], canonical_fields: Sequence[Field], *, threshold: float = THRESHOLD
) -> tuple[Field, ...]:
    """The fields, those without a name named after the canonical field that each fits best, with the
    confidence.

    A field whose best fit is below `threshold` keeps the path ("",) and has the confidence of that fit. No
    canonical
    field is given twice, nor one that the document names itself. The result depends on order only through
    its small weight, so a page that lists its fields in another order loses little.
    """
    given = list(fields)
    unnamed = [index for index, field in enumerate(given) if field.path == ("",)]
    taken = {field.path for field in given if field.path[:1] != ("",)}
    candidates = [c for c in canonical_fields if c.path and "[]" not in c.path and c.path not in taken]
    scores = _scores([given[index] for index in unnamed], candidates, canonical_fields)
    chosen = _assigned(scores)
    names: dict[int, FieldPath] = {}
    for row, index in enumerate(unnamed):
        match, confidence = chosen.get(row, (None, 0.0))
        if match is not None and confidence >= threshold:
            names[index] = match.candidate.path
        given[index] = replace(given[index], confidence=confidence)
    return tuple(_named(given, names))


def _named(fields: list[Field], names: dict[int, FieldPath]) -> Iterable[Field]:
    """The fields under their names; what is nested in an unnamed field follows it directly, and so its
    name."""
    prefix: FieldPath = ("",)
    for index, field in enumerate(fields):
        if field.path == ("",):
            prefix = names.get(index, ("",))
            yield replace(field, path=prefix)
        elif field.path[:1] == ("",):
            yield replace(field, path=(*prefix, *field.path[1:]))
        else:
            yield field


def _scores(unnamed: list[Field], candidates: list[Field], canonical: Sequence[Field]) -> list[list[_Match]]:
    weights = _word_weights(canonical)
    top = [c.path[0] for c in canonical]
    places = {name: place / max(len(top) - 1, 1) for place, name in enumerate(dict.fromkeys(top))}
    rows = []
    for row, field in enumerate(unnamed):
        here = row / max(len(unnamed) - 1, 1)
        said = words_of(_title(field))
        matches = []
        for candidate in candidates:
            if not _types_agree(field, candidate):
                continue
            parts = {
                "wording": _wording(said, candidate, weights),
                "values": _values(field, candidate),
                "order": 1 - abs(here - places[candidate.path[0]]),
            }
            score = sum(_WEIGHTS[part] * value for part, value in parts.items()) if parts["wording"] else 0.0
            matches.append(_Match(score, candidate))
        rows.append(sorted(matches, key=lambda m: (-m.score, m.candidate.path)))
    return rows


def _assigned(rows: list[list[_Match]]) -> dict[int, tuple[_Match, float]]:
    """Best fit first, each candidate once. A close second among the candidates still free takes confidence
    away."""
    out: dict[int, tuple[_Match, float]] = {}
    free = {row: list(matches) for row, matches in enumerate(rows) if matches}
    while free:
        row = min(free, key=lambda r: (-free[r][0].score, r))
        best, *others = free.pop(row)
        second = others[0].score if others else 0.0
        certainty = 0.7 + 0.3 * min(1.0, (best.score - second) / 0.25)
        out[row] = (best, round(best.score * certainty, 2))
        for other in list(free):
            free[other] = [m for m in free[other] if m.candidate.path != best.candidate.path]
            if not free[other]:
                del free[other]
    return out


def _title(field: Field) -> str:
    """The first sentence of the wording: what the field is; the rest says how to use it."""
    first = field.wording.strip().split("\n")[0]
    return re.split(r"(?<=[a-z)])\.\s|。|[;；]", first)[0][:200]


def words_of(text: str) -> set[str]:
    """The meanings of a text's words: "Custom task ID" → external, task, id."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    found = {_MEANING[word] for word in _CHINESE if word in text}
    for word in re.findall(r"[a-z]+", text.lower()):
        stem = word if word in _MEANING else re.sub(r"(?<=[a-z]{3})(?:s|ed|ing)$", "", word)
        if stem not in _FILLER:
            found.add(_MEANING.get(stem, stem))
    return found


def _words_of_path(path: FieldPath) -> set[str]:
    return set().union(*(words_of(step.replace("_", " ")) for step in path if step != "[]"))


def _word_weights(canonical: Sequence[Field]) -> dict[str, float]:
    """How much a word tells: one that stands in many names tells little."""
    counts = Counter(word for field in canonical for word in _words_of_path(field.path))
    return {word: 1 / (1 + math.log(count)) for word, count in counts.items()}


def _wording(said: set[str], candidate: Field, weights: dict[str, float]) -> float:
    """Which share of the name the wording says, less a little for words that are other names'."""
    name = _words_of_path(candidate.path)
    if not name:
        return 0.0
    whole = sum(weights.get(word, 1.0) for word in name)
    shared = sum(weights.get(word, 1.0) for word in name & said)
    foreign = sum(weights[word] for word in said - name if word in weights)
    return max(0.0, shared / whole - 0.15 * foreign) if shared else 0.0


def _types_agree(field: Field, candidate: Field) -> bool:
    one, other = _types(field.get("type")), _types(candidate.get("type"))
    return not one or not other or bool(one & other)


def _types(value: Any) -> set[str]:
    types = set(value) if isinstance(value, list) else {value} if value else set()
    return (types | {"number"} if "integer" in types else types) - {"null"}


def _values(field: Field, candidate: Field) -> float:
    """How far the keywords agree, 0 to 1; 0.8 where there is nothing to compare."""
    verdicts: list[float] = []
    for keyword in field.keywords:
        other = candidate.get(keyword.name)
        if keyword.name in ("type", "required", "default") or other is None:
            continue
        if keyword.name == "enum" and isinstance(other, list):
            shared = [value for value in keyword.value if value in other]
            verdicts.append(len(shared) / max(1, min(len(keyword.value), len(other))))
        else:
            verdicts.append(1.0 if keyword.value == other else 0.3)
    return sum(verdicts) / len(verdicts) if verdicts else 0.8
