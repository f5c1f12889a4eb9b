"""Scalars for a flat schema, smallest first: the edges of its limits, and what is just inside."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from specs.algebra import Judge
from specs.witness.regex import strings

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
LONGEST = 20_000
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
        if most <= LONGEST:
            yield "a" * int(most)
        yield "a" * (least + 1)
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
    low, high = flat.get("minimum", -math.inf), flat.get("maximum", math.inf)
    above, below = flat.get("exclusiveMinimum", -math.inf), flat.get("exclusiveMaximum", math.inf)
    steps = flat.get("multiples", [])
    seen = set()
    for number in _near(low, high, above, below, steps):
        if isinstance(number, float) and number.is_integer() and abs(number) < 2**53:
            number = int(number)  # noqa: PLW2901 - 3.0 and 3 are one number in JSON Schema
        if whole and isinstance(number, float):
            continue
        fits = low <= number <= high and above < number < below
        if fits and number not in seen and all(_is_multiple(number, step) for step in steps):
            seen.add(number)
            yield number


def _near(low: float, high: float, above: float, below: float, steps: list[float]) -> Iterator[int | float]:
    if not steps:
        yield from (0, 1, -1, 2, 0.5)
    edges = [edge for edge in (low, high, above, below) if not math.isinf(edge)]
    for step in steps or [1, 0.5]:
        yield from (0, step, -step, 2 * step, 3 * step)
        for edge in edges:
            down = math.floor(edge / step) * step
            yield from (edge, down, down + step, down - step, down + 2 * step)
    for edge in edges:
        yield from (edge, edge + 1, edge - 1, edge + 0.5, edge - 0.5, edge + 0.1, edge - 0.1)
    if above > -math.inf and below < math.inf:
        yield (above + below) / 2
    if low > -math.inf and high < math.inf:
        yield (low + high) / 2
    yield from (10**6, -(10**6), 2**31, -(2**31) - 1, 2**63, 10**30)


def _is_multiple(number: float, step: float) -> bool:
    ratio = number / step
    return math.isclose(ratio, round(ratio), rel_tol=1e-12, abs_tol=0.0)
