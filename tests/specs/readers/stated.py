"""What a reading states, as the case files say it: a block an operation, then `field type R|o keyword=value`.

`RESP` begins the answer. `src` and `img` may stand at a list or at the text inside of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.specs.model import Field, FieldPath, Reading

Facts = dict[str, dict[tuple[str, str], dict[str, str]]]

SHORT = {"maxLength": "maxLen", "minLength": "minLen", "minimum": "min", "maximum": "max"}
OF_PICTURES = ("src", "img")


def path_text(path: FieldPath) -> str:
    out = ""
    for step in path:
        out += step if step == "[]" else f".{step}" if out else step
    return out


def said(field: Field) -> dict[str, str]:
    """The field's keywords in the short words of the case files."""
    return dict(_said(word.name, word.value) for word in field.keywords)


def _said(name: str, value: Any) -> tuple[str, str]:
    if name == "required":
        return "req", "R" if value else "o"
    if name == "x-unique":
        return "unique", "1"
    if name == "x-image":
        return "img", f"{value.get('max_bytes', 0) // 2**20}MB"
    if name == "x-source":
        return "src", ",".join(short for key, short in (("url", "url"), ("base64", "b64")) if value.get(key))
    if isinstance(value, list):
        return SHORT.get(name, name), ",".join(sorted(map(str, value)))
    return SHORT.get(name, name), str(value)


def facts_of(reading: Reading) -> Facts:
    """Everything that the reading states of requests, queries and good answers."""
    out: Facts = {}
    for operation in reading.operations:
        key = f"{operation.method.upper()} {re.sub(r'{[^{}]*}', '{}', operation.path)}"
        facts = out.setdefault(key, {})
        parameters = [one.field for one in operation.parameters if one.place == "query"]
        bodies = [("", [*operation.request, *parameters])]
        bodies += [
            ("RESP", list(fields)) for status, fields in operation.responses.items() if status[0] in "2d"
        ]
        for body, fields in bodies:
            for field in fields:
                facts.setdefault((body, path_text(field.path)), {}).update(said(field))
    return out


def expected(text: str) -> Facts:
    out: Facts = {}
    facts: dict[tuple[str, str], dict[str, str]] = {}
    body = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        first, *rest = line.split()
        if line in ("GET", "POST"):  # of an operation whose path the page does not say
            facts, body = out.setdefault(f"{line} ", {}), ""
        elif first.isupper() and rest and rest[0].startswith("/"):
            facts, body = out.setdefault(line, {}), ""
        elif line == "RESP":
            body = "RESP"
        else:
            facts[body, first] = dict(_expected(word) for word in rest)
    return out


def _expected(word: str) -> tuple[str, str]:
    if word in ("R", "o"):
        return "req", word
    name, equals, value = word.partition("=")
    if not equals:
        return "type", word
    return name, ",".join(sorted(value.split(","))) if name == "enum" else value


def differences(got: Facts, wanted: Facts) -> list[str]:
    """What is not stated though it should be, and what is though it should not."""
    out = [f"{key}: no such operation was read" for key in wanted if key not in got]
    out += [f"{key}: is no operation of the page" for key in got if key not in wanted]
    for key in wanted.keys() & got.keys():
        mine, theirs = got[key], wanted[key]
        for place, words in theirs.items():
            if place not in mine:
                out.append(f"{key} {place}: is not read")
                continue
            out += [
                f"{key} {place}: {name} is {found}, not {value}"
                for name, value in words.items()
                if (found := mine[place].get(name) or _near(mine, place, name)) != value
            ]
        has_answer = any(body for body, _ in theirs)
        for place, words in mine.items():
            if place not in theirs and not place[1].endswith("[]") and (has_answer or not place[0]):
                out.append(f"{key} {place}: is no field of the page")
            for name in words.keys() - theirs.get(place, words).keys() - {"type", *OF_PICTURES}:
                out.append(f"{key} {place}: {name}={words[name]} is not said")
    return sorted(out)


def _near(facts: dict[tuple[str, str], dict[str, str]], place: tuple[str, str], name: str) -> str | None:
    """A fact about a picture, of the list that holds it or of the text inside."""
    if name not in OF_PICTURES:
        return None
    return next(
        (
            words[name]
            for (body, path), words in facts.items()
            if body == place[0] and name in words and (path.startswith(place[1]) or place[1].startswith(path))
        ),
        None,
    )
