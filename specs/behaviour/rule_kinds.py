"""The kinds of rules across fields (`rules`): each makes a judge, which yields a breach for what it finds.

A judge is given requests without what stands for absent members.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.picture_sizes import same_ratio, same_size, size_of
from understudy.specs.pointers import at, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from understudy.specs.pointers import Path

    Judge = Callable[["FieldRule", Any], Iterator["RuleBreach"]]

ITEMS = "[]"
REFERENCE = re.compile(r"<<<([a-z]+)_(\d{1,9})>>>")


@dataclass(frozen=True, slots=True)
class RuleBreach:
    """A request that breaks a rule: which, the field at fault as a pointer, and why in our words; `text` is
    the provider's own sentence, "" where it is not known."""

    rule: FieldRule
    place: Path
    says: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One rule. `breaks` and `passes` are example requests, None where there is none."""

    id: str
    place: Path
    says: str
    text: str
    fails: str
    unknown: bool
    breaks: Any
    passes: Any
    kind: str
    given: Any = field(repr=False)
    when: Any = field(default=None, repr=False)

    @property
    def refuses(self) -> bool:
        """Whether a request that breaks it is refused, not taken and failed later, nor of unknown effect."""
        return not self.fails and not self.unknown


def without_empty(value: Any) -> Any:
    """A request without the members that stand for absent ones: null, "", [] and {}. Items stay.

    >>> without_empty({"a": "", "b": {"c": None}, "d": ["", {"e": ""}]})
    {'d': ['', {}]}
    """
    if isinstance(value, list):
        return [without_empty(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, part in value.items():
        left = without_empty(part) if isinstance(part, (dict, list)) else part
        if left or not (left is None or isinstance(left, (str, list, dict))):  # 0 and false say something
            kept[name] = left
    return kept


def values_at(value: Any, path: Path) -> list[Any]:
    """What stands at a path, of every item of a list where it says []; nothing where nothing does."""
    if not path:
        return [value]
    if path[0] == ITEMS:
        return (
            [found for item in value for found in values_at(item, path[1:])]
            if isinstance(value, list)
            else []
        )
    return values_at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []


def _validity(schema: Any) -> Callable[[Any], bool]:
    import jsonschema_rs  # here: documents whose rules nobody asks for are read without it

    valid: Callable[[Any], bool] = jsonschema_rs.validator_for(schema).is_valid
    return valid


def _must(rule: FieldRule) -> Judge:
    valid = _validity(rule.given)

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        if not valid(request):
            yield _breach(rule)

    return judge


def _sum(rule: FieldRule) -> Judge:
    """{of, equals, default}: the numbers at one place add up to the one at another, texts or not."""
    parts, whole = path_of(rule.given["of"]), path_of(rule.given["equals"])
    default = rule.given.get("default")

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        numbers = [_number(one) for one in values_at(request, parts)]
        total = _number(at(request, whole, default))
        known = [one for one in numbers if one is not None]
        if numbers and total is not None and (len(known) < len(numbers) or sum(known) != total):
            yield _breach(rule)

    return judge


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _apart(rule: FieldRule) -> Judge:
    """{of: [pointer, pointer], least}: the second number of an item is so much above its first."""
    first, second = (path_of(one) for one in rule.given["of"])
    least = Decimal(str(rule.given["least"]))

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        pairs = zip(values_at(request, first), values_at(request, second), strict=False)
        numbers = ((_number(low), _number(high)) for low, high in pairs)
        if any(low is not None and high is not None and high - low < least for low, high in numbers):
            yield _breach(rule)

    return judge


def _pictures(rule: FieldRule) -> Judge:
    """{of: [pointers], same: size or ratio}: of pictures that are sent along; an address tells no size."""
    places = [path_of(one) for one in rule.given["of"]]
    alike = {"size": same_size, "ratio": same_ratio}[rule.given["same"]]

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        sizes = [size_of(one) for place in places for one in values_at(request, place)]
        known = [one for one in sizes if one is not None]
        if any(not alike(known[0], other) for other in known[1:]):
            yield _breach(rule)

    return judge


def _together(rule: FieldRule) -> Judge:
    """{of: [pointers], most, least}: so many values at these places, an item of a list counting as one."""
    places = [path_of(one) for one in rule.given["of"]]
    most, least = rule.given.get("most"), rule.given.get("least", 0)

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        found = [one for place in places for one in values_at(request, place)]
        count = sum(len(one) if isinstance(one, list) else 1 for one in found)
        if count < least or (most is not None and count > most):
            yield _breach(rule)

    return judge


def _product(rule: FieldRule) -> Judge:
    """{of: [[pointers], …], most}: one and the sum at each group of places, multiplied."""
    groups = [[path_of(one) for one in group] for group in rule.given["of"]]
    most = Decimal(str(rule.given["most"]))

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        area = Decimal(1)
        for group in groups:
            area *= 1 + sum(
                _number(one) or Decimal(0) for place in group for one in values_at(request, place)
            )
        if area > most:
            yield _breach(rule)

    return judge


def _nonzero(rule: FieldRule) -> Judge:
    """{of: pointer, exactly: count}: so many members of an object are not zero."""
    place, wanted = path_of(rule.given["of"]), rule.given["exactly"]

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        for one in values_at(request, place):
            if isinstance(one, dict) and sum(1 for value in one.values() if value) != wanted:
                yield _breach(rule)

    return judge


def _references(rule: FieldRule) -> Judge:
    """{in: [pointers], lists: {image: /image_list}}: `<<<image_2>>>` in a text has a second item there."""
    texts = [path_of(one) for one in rule.given["in"]]
    lists = {kind: path_of(one) for kind, one in rule.given["lists"].items()}

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        for text in (one for place in texts for one in values_at(request, place) if isinstance(one, str)):
            for kind, number in REFERENCE.findall(text):
                listed = at(request, lists[kind], []) if kind in lists else []
                count = len(listed) if isinstance(listed, list) else 1
                if not 1 <= int(number) <= count:
                    yield RuleBreach(rule, rule.place, f"names {kind}_{number}, and there is none", rule.text)
                    return

    return judge


def _distinct(rule: FieldRule) -> Judge:
    """A pointer: no value stands there twice."""
    place = path_of(rule.given)

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        found = [repr(one) for one in values_at(request, place)]
        if len(set(found)) < len(found):
            yield _breach(rule)

    return judge


def _capabilities(rule: FieldRule) -> Judge:
    table = rule.given
    model_at, default = path_of(table["model"]), table["default"]
    values: Mapping[str, Any] = table.get("values", {})
    useless = {name: _validity(schema) for name, schema in table.get("unless", {}).items()}
    features = {name: _validity(schema) for name, schema in table.get("features", {}).items()}

    def judge(rule: FieldRule, request: Any) -> Iterator[RuleBreach]:
        model = at(request, model_at, default)
        row = table["models"].get(model)
        if row is None:
            return
        said = {name: at(request, path_of(f"/{name}"), usual) for name, usual in values.items()}
        heeded = {n: one for n, one in said.items() if n not in useless or not useless[n](request)}
        yield from _beyond(rule, row, heeded, f"of {model}")
        for name, used in features.items():
            allowed = row.get(name, {})
            if allowed != {} and used(request):
                words = {"feature": name.replace("_", " "), "name": name, "model": model, **said}
                words["values"] = "/".join([str(model), *(str(one) for one in said.values())])
                if allowed is False:
                    text = _worded(table.get("texts", {}).get("never", ""), words)
                    yield RuleBreach(rule, (name,), f"is not supported by {model}", text)
                elif not all(_is_among(said[key], wanted) for key, wanted in allowed.items()):
                    text = _worded(table.get("texts", {}).get("not_so", ""), words)
                    wanted = " and ".join(
                        f"{key} {' or '.join(map(str, one))}" for key, one in allowed.items()
                    )
                    yield RuleBreach(rule, (name,), f"is supported by {model} with {wanted} only", text)

    return judge


def _beyond(
    rule: FieldRule, row: Mapping[str, Any], said: Mapping[str, Any], whose: str
) -> Iterator[RuleBreach]:
    for name, value in said.items():
        allowed: Sequence[Any] | None = row.get(name)
        if allowed is not None and not _is_among(value, allowed):
            options = ", ".join(map(str, allowed))
            yield RuleBreach(rule, (name,), f"{value} is none {whose}, supported values: {options}")


def _is_among(value: Any, allowed: Sequence[Any]) -> bool:
    """Whether a table names the value, as a number or as a text: which of them is sent the provider says."""
    return value in allowed or (not isinstance(value, bool) and str(value) in map(str, allowed))


def _worded(text: str, words: Mapping[str, Any]) -> str:
    return text.format(**words) if text else ""


def _breach(rule: FieldRule) -> RuleBreach:
    return RuleBreach(rule, rule.place, rule.says, rule.text)


# What a rule is made of -> what makes its judge.
KINDS: Mapping[str, Callable[[FieldRule], Judge]] = {
    "must": _must,
    "sum": _sum,
    "apart": _apart,
    "pictures": _pictures,
    "together": _together,
    "product": _product,
    "nonzero": _nonzero,
    "references": _references,
    "distinct": _distinct,
    "capabilities": _capabilities,
}


def compiled(rule: FieldRule) -> tuple[Callable[[Any], bool] | None, Judge]:
    """(whether the rule is about a request, None where it is about all; the judge of such a request)."""
    about = None if rule.when is None else _validity(rule.when)
    return about, KINDS[rule.kind](rule)
