"""Scalars for a flat schema, smallest first: the edges of its limits, and what is just inside."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from understudy.specs.algebra import Judge
from understudy.specs.diff.language import texts
from understudy.specs.witness.regex import strings

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = {
    "date-time": "2000-01-01T00:00:00Z",
    "date": "2000-01-01",
    "time": "00:00:00Z",
    "duration": "P1D",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://a.example/",
    "uri-reference": "/a",
    "url": "https://a.example/",
    "iri": "https://a.example/",
    "email": "a@a.example",
    "idn-email": "a@a.example",
    "hostname": "a.example",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "regex": "a",
    "json-pointer": "/a",
    "byte": "YQ==",
}
WORDS = ("", "a", "0", "A", " ", "-", "é", "1.5", "true", "a b", "a@", "/")
# Characters of a text that is made at most, and beyond which one example is enough.
LONGEST = 40_000_000
LONG = 20_000
# Keywords that a string alone can be judged by.
ABOUT_STRINGS = ("minLength", "maxLength", "pattern", "format", "not", "enum", "const", "allOf")


def text_values(flat: dict[str, Any], *, formats: bool) -> Iterator[str]:
    """Strings that `flat` takes: `flat` is a merged schema whose patterns and negations are lists."""
    least, most = flat.get("minLength", 0), flat.get("maxLength", math.inf)
    if least > most or least > LONGEST:
        return
    own: dict[str, Any] = {key: flat[key] for key in ("minLength", "maxLength") if key in flat}
    own["allOf"] = [True, *({"pattern": p} for p in flat.get("patterns", ()))]
    own["allOf"] += [{"format": f} for f in flat.get("formats", ())]
    own["allOf"] += [{"not": schema} for schema in flat.get("nots", ()) if _about_strings(schema)]
    try:
        judge = Judge(own, formats=formats)
    except ValueError:
        return
    if least > LONG:
        # Without a pattern one letter will do; whether it does is for the validator to say.
        yield from (text for text in ("a" * int(least),) if judge.takes(text))
        return
    seen = set()
    for text in _guesses(flat, int(least), most):
        if text not in seen and judge.takes(text):
            seen.add(text)
            yield text


def _about_strings(schema: Any) -> bool:
    return isinstance(schema, dict) and all(key in (*ABOUT_STRINGS, "type") for key in schema)


def _guesses(flat: dict[str, Any], least: int, most: float) -> Iterator[str]:
    wanted = list(flat.get("patterns", ()))
    refused = [s["pattern"] for s in flat.get("nots", ()) if isinstance(s, dict) and "pattern" in s]
    for format_ in flat.get("formats", ()):
        if format_ in SAMPLES:
            yield SAMPLES[format_]
    if not wanted:
        yield "a" * least
        yield from (word for word in WORDS if least <= len(word) <= most)
        if least:
            yield "b" * least
        if most <= LONG:
            yield "a" * int(most)
        yield "a" * (least + 1)
    if wanted or refused:
        # The shortest that fit them all, where that can be told.
        bound = None if math.isinf(most) else int(most)
        yield from texts(tuple(wanted), tuple(refused), least, bound) or ()
    for pattern in (*wanted, *refused):
        for text in strings(pattern, least):
            yield text
            yield from (text[1:], text[:-1], text + "!", "!" + text, text.upper(), text + text[-1:])
            if len(text) < least:
                yield text + "a" * (least - len(text))
                yield text + text[-1:] * (least - len(text))
    yield from WORDS


def numbers(flat: dict[str, Any], *, whole: bool) -> Iterator[int | float]:
    """Numbers (only whole ones if `whole`) within the bounds of `flat`, by size of what one has to write."""
    low, above = _limit(flat, "minimum"), _limit(flat, "exclusiveMinimum")
    high, below = _limit(flat, "maximum"), _limit(flat, "exclusiveMaximum")
    steps = [_exact(step) for step in flat.get("multiples", [])]
    seen: set[Fraction] = set()
    for number in _near([e for e in (low, high, above, below) if e is not None], steps):
        if number in seen or (whole and number.denominator != 1):
            continue
        seen.add(number)
        inside = (low is None or low <= number) and (high is None or number <= high)
        inside = inside and (above is None or above < number) and (below is None or number < below)
        if inside and all((number / step).denominator == 1 for step in steps):
            written = _written(number)
            if written is not None:
                yield written


def _limit(flat: dict[str, Any], keyword: str) -> Fraction | None:
    return _exact(flat[keyword]) if keyword in flat else None


def _exact(number: Any) -> Fraction:
    """A number as it is written: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(str(number))


def _written(number: Fraction) -> int | float | None:
    """A number as JSON has it, or None where a double cannot hold it."""
    if number.denominator == 1:
        return int(number)
    try:
        return float(number)
    except OverflowError:
        return None


HALF, TENTH = Fraction(1, 2), Fraction(1, 10)


def _near(edges: list[Fraction], steps: list[Fraction]) -> Iterator[Fraction]:
    if not steps:
        yield from (Fraction(0), Fraction(1), Fraction(-1), Fraction(2), HALF)
    for step in steps or [Fraction(1), HALF]:
        yield from (n * step for n in (0, 1, -1, 2, 3))
        for edge in edges:
            down = math.floor(edge / step) * step
            yield from (edge, down, down + step, down - step, down + 2 * step)
    if len(steps) > 1:
        together = steps[0]
        for step in steps[1:]:
            together = _both(together, step)
        for edge in (Fraction(0), *edges):
            down = math.floor(edge / together) * together
            yield from (down + together, down, down - together)
    for edge in edges:
        yield from (edge, edge + 1, edge - 1, edge + HALF, edge - HALF, edge + TENTH, edge - TENTH)
        yield from (edge * 2, edge / 2)  # of an edge so large that one more is the same number
    yield from ((one + other) / 2 for one, other in pairwise(sorted(edges)))
    yield from (Fraction(n) for n in (10**6, -(10**6), 2**31, -(2**31) - 1, 2**63, 10**30))


def _both(one: Fraction, other: Fraction) -> Fraction:
    """The least number that is a multiple of both."""
    return Fraction(
        math.lcm(one.numerator * other.denominator, other.numerator * one.denominator),
        one.denominator * other.denominator,
    )
