"""Objects of programs as JSON: what is no literal stands for a value that nobody knows.

{ prompt, size: options.size || "1:1", image: await read(file), ...rest }
→ { prompt: <value>, size: "1:1", image: <value>, }

Lines stay lines.
"""

from __future__ import annotations

import re

MAX_TOKENS = 4_000
VALUE = "<value>"

_TOKEN = re.compile(
    r"(?P<string>\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+')|(?P<comment>(?<![:\w])//[^\n]*|(?<![\w\"'])\#[^\n]*)"
    r"|(?P<mark>[{}\[\](),:])|(?P<template>`[^`]*+`)|(?P<blank>\s+)|(?P<other>[^\s{}\[\](),:\"'`#/]+|.)"
)
_LITERAL = re.compile(r"-?\d[\d._]*\Z|(?i:true|false|null|none)\Z")
_DEFAULT = re.compile(
    r"(?:\|\||\?\?|\bor\b)\s{0,4}(?P<value>\"[^\"\n]*\"|'[^'\n]*'|-?\d[\d.]*|(?i:true|false)|\[\]|\{\})\Z"
)
_OPENS, _CLOSES = "{[(", "}])"


def as_json(text: str) -> str:
    """The object with which a text begins, as JSON that may lack quotes."""
    tokens = [one for one, _ in zip(_TOKEN.finditer(text), range(MAX_TOKENS), strict=False)]
    out: list[str] = []
    stack: list[str] = []
    at, is_value = 0, True
    while at < len(tokens):
        token = tokens[at]
        sign = token.group()
        if token["blank"] or token["comment"]:
            out.append(sign)
        elif sign in _OPENS[:2] and is_value:
            stack.append(sign)
            out.append(sign)
            is_value = sign == "["
        elif sign in _CLOSES and stack:
            stack.pop()
            out.append(sign)
            is_value = False
            if not stack:
                break
        elif sign == ",":
            out.append(sign)
            is_value = bool(stack) and stack[-1] == "["
        elif sign == ":" and not is_value:
            out.append(sign)
            is_value = True
        else:
            end = _end(tokens, at, is_key=not is_value)
            words = "".join(one.group() for one in tokens[at:end])
            follows = next((one.group() for one in tokens[end:] if not one["blank"]), "")
            made = _value(words) if is_value else _key(words, follows)
            out.append(made + "\n" * (words.count("\n") - made.count("\n")))
            is_left_out = not is_value and not made
            at, is_value = end + (is_left_out and follows == ","), False
            continue
        at += 1
    return "".join(out)


def _end(tokens: list[re.Match[str]], at: int, *, is_key: bool) -> int:
    """Behind the last token of an expression: at a comma or a bracket that is none of its own."""
    depth = 0
    for index in range(at, len(tokens)):
        sign = tokens[index].group()
        if not depth and (
            sign == "," or sign in _CLOSES or (is_key and sign == ":") or tokens[index]["comment"]
        ):
            return index
        depth += (sign in _OPENS) - (sign in _CLOSES)
    return len(tokens)


def _value(words: str) -> str:
    """A literal, or the one that an expression falls back to; anything else is a value that nobody knows."""
    bare = words.strip()
    token = _TOKEN.fullmatch(bare)
    if (token and token["string"]) or _LITERAL.match(bare):
        return bare
    fallback = _DEFAULT.search(bare)
    return fallback["value"] if fallback else VALUE


def _key(words: str, follows: str) -> str:
    """A key; a member that is a name alone has a value of the same name, and others' members are left out."""
    bare = words.strip()
    if bare.startswith(("...", "**")):
        return ""
    return words.rstrip() if follows == ":" else f"{bare}: {VALUE}"
