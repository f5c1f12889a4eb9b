"""Types as programs write them, as generators of client libraries print them, in the words of documents.

kotlin.collections.List<kotlin.String> → List<String>    Option<i32> → integer    java.util.UUID → string
"""

from __future__ import annotations

import re

from understudy.specs.readers.text.page_text import parse_type

MAX_TYPE = 120
# The packages in which a type is: "kotlin.", "java.util.", "std::path::".
_PACKAGES = re.compile(r"(?<![\w.:])(?:[A-Za-z]\w{0,30}(?:\.|::)){1,6}(?=[A-Za-z])")
# Around a type that may be left out.
_MAYBE = re.compile(r"(?:Option|Optional|Maybe|Nullable)\s?[<\[](?P<inner>.{1,100})[>\]]\Z")
# Names of one value, none of which is a word for a type in documents.
_WORDS = {
    "i8": "integer", "i16": "integer", "i32": "integer", "i64": "integer", "u8": "integer", "u16": "integer",
    "u32": "integer", "u64": "integer", "biginteger": "integer", "f32": "number", "f64": "number",
    "bigdecimal": "number", "uuid": "string", "guid": "string", "uri": "string", "url": "string",
    "offsetdatetime": "string", "localdate": "string", "localdatetime": "string", "datetime": "string",
    "bytearray": "string", "stream": "string", "pathbuf": "string", "splfileobject": "string",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]\w{1,20}")
_PAIRS = re.compile(r"(?:map|dict|dictionary|hashmap|record)\s?[<\[(].{1,80}[>\])]\Z", re.IGNORECASE)
# A type that is printed twice, one behind the other.
_TWICE = re.compile(r"[A-Z][\w.]{2,50}\Z")


def in_plain_words(text: str) -> str:
    """The type in words that `parse_type` knows; "" where it is no type, or has those already."""
    plain = said = text.strip("`*_ ")
    if not 0 < len(plain) <= MAX_TYPE:
        return ""
    half = len(plain) // 2
    if plain[:half] == plain[half:] and _TWICE.match(plain[:half]):
        plain = plain[:half]  # as one generator prints a type that it has no page for
    plain = _PACKAGES.sub("", plain).removesuffix("?")
    if maybe := _MAYBE.match(plain):
        plain = maybe["inner"]
    plain = re.sub(r"\AVec(?=<)|\A(?:Hash)?Set(?=[<\[])|\ACollection(?=<)", "List", plain)
    if _PAIRS.match(plain):
        return "object"
    plain = _WORD.sub(lambda word: _WORDS.get(word.group().lower(), word.group()), plain)
    return plain if plain != said and parse_type(plain) is not None else ""


# Of the name of a type: it is of a whole body.
_WHOLE = re.compile(r"(?:Request|Body|Payload|Input|Params|Parameters|Dto|Command)(?:V\d{1,2})?\Z")


def is_whole_body(name: str, type_: str) -> bool:
    """Whether a parameter of a program is the body that is sent, and no field of it: it is named as its type
    is, which is one of a request: `loop_request` of LoopRequest."""
    kind = type_.strip("`*_ ").rpartition(".")[2].rpartition("::")[2]
    return _WHOLE.search(kind) is not None and name.strip("`* ").replace("_", "").lower() == kind.lower()
