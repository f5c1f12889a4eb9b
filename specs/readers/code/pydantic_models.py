"""Classes of Python in a page's code blocks, or in a file of Python, rewritten as lists of fields.

    class CreateRequest(BaseModel):                        ### Request body
        mode: Literal["std", "pro"] = "std"             →  - `mode` (string, optional): One of …. Default: `std`
        prompt: str = Field(..., max_length=500)           - `prompt` (string, required): at most 500 characters
        images: list[Picture] = []                         - `images` (array of objects, optional):
                                                             - `url` (string, required):

Pydantic models, dataclasses and TypedDicts are read; a class that a field names is put inside of that field.
Of a page the rewritten text keeps its lines, and each list stands where its class did. Of a file there are the
operations that its comments name, and the lists.
"""
# ruff: noqa: E501 - patterns read better on one line

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from understudy.specs.readers.code.client_options import are_options, told
from understudy.specs.readers.derived import Derived
from understudy.specs.readers.pages.page_lines import OPERATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from understudy.specs.documents import Document
    from understudy.specs.readers.facts import FactLog

FORMAT = "Python classes"
MAX_LINES = 4_000
MAX_BLOCK = 40_000
MAX_NESTED = 8
MAX_FIELDS = 1_000
# How deep an annotation goes; a chain of `|` is a level each.
MAX_DEPTH = 40

_FENCE = re.compile(r"[ \t]{0,12}`{3,}[ \t]{0,4}(?:py|python|python3|pydantic)\b", re.IGNORECASE)
_END = re.compile(r"[ \t]{0,12}`{3,}[ \t]{0,4}\Z")
_CLASS = re.compile(r"class\s{1,4}\w{1,80}[(:]")
_MEMBER = re.compile(r"\s{1,12}[A-Za-z_]\w{0,79}\s{0,4}:\s{0,4}[A-Za-z\"']")
_ANSWER = re.compile(r"resp|result|answer|output|reply|return", re.IGNORECASE)
_TYPES = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "dict": "object", "Dict": "object",
    "Any": "", "HttpUrl": "string", "AnyUrl": "string", "AnyHttpUrl": "string", "datetime": "string", "UUID": "string",
    "bytes": "string", "Decimal": "number", "PositiveInt": "integer",
}  # fmt: skip
# Types that a call makes.
_CALLED = {"constr": "string", "conint": "integer", "confloat": "number", "conlist": "array"}
_LISTS = ("list", "List", "Sequence", "tuple", "Tuple", "set", "Set", "conlist")
# Keyword of `Field` -> how a sentence says it, by what is bounded.
_LIMITS = {
    "ge": "minimum: {}", "le": "maximum: {}", "gt": "greater than {}", "lt": "less than {}",
    "max_length": "at most {} {unit}", "min_length": "at least {} {unit}",
    "max_items": "at most {} items", "min_items": "at least {} items",
}  # fmt: skip


@dataclass(slots=True)
class _Type:
    """A type as a list says it; `values` of a Literal, `model` the class that it names."""

    name: str = ""
    of: str = ""
    values: list[str] = field(default_factory=list)
    model: str = ""
    optional: bool = False
    limits: list[ast.keyword] = field(default_factory=list)


def recognises(document: Document) -> bool:
    """Whether a fenced block of Python, or the whole document, declares the fields of a class."""
    lines = document.lines[:MAX_LINES]
    fenced = any(_FENCE.match(line[:60]) for line in lines) or _is_file(lines)
    return (
        fenced
        and any(_CLASS.match(line[:200]) for line in lines)
        and any(_MEMBER.match(line[:200]) for line in lines)
    )


def _is_file(lines: Sequence[str]) -> bool:
    """Whether a document is Python from the first line on."""
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return re.match(r"(?:from|import)\s{1,4}[\w.]{1,80}|class\s{1,4}\w{1,80}[(:]|\"\"\"", first) is not None


def _of_file(lines: Sequence[tuple[int, str]], log: FactLog) -> list[tuple[int, str]]:
    """A file of Python as a page: the operations that its comments name, and its classes."""
    said = [
        (number, f"{found['method'].upper()} {found['path']}")
        for number, line in lines
        if line.lstrip().startswith("#") and (found := OPERATION.search(line[:300]))
    ]
    block = _fitting([text for _, text in lines], 0, log)
    classes = _classes("\n".join(block))
    return sorted([*said, *_lists(classes, block, 0, log)], key=lambda one: one[0])


def _fitting(block: list[str], first: int, log: FactLog) -> list[str]:
    """The lines of a block as far as they are read: up to the class that goes beyond the limit."""
    total = 0
    for index, line in enumerate(block):
        total += len(line)
        if total >= MAX_BLOCK:
            if not any(_CLASS.match(one[:200]) for one in block):
                return []
            end = next((i for i in range(index, -1, -1) if _CLASS.match(block[i][:200])), 0)
            while end and block[end - 1].startswith("@"):
                end -= 1
            log.cut(f"{MAX_BLOCK:,} characters of a block of Python are read", first + end + 1)
            return block[:end]
    return block


def rewritten(document: Document, log: FactLog) -> Derived:
    """The page with a heading and a list where each class stands; a block that is no Python stays.

    Of a file of Python, a page of nothing but those, and of the operations that its comments name.
    """
    out: list[tuple[int, str]] = []
    if len(document.lines) > MAX_LINES:
        log.cut(f"{MAX_LINES:,} lines of a page with Python are read", MAX_LINES + 1)
    lines = list(enumerate(document.lines[:MAX_LINES], 1))
    at = 0
    if not any(_FENCE.match(line[:60]) for _, line in lines):
        out = _of_file(lines, log)
        at = len(lines)
    while at < len(lines):
        number, line = lines[at]
        at += 1
        if not _FENCE.match(line[:60]):
            out.append((number, line))
            continue
        end = next((i for i in range(at, len(lines)) if _END.match(lines[i][1][:40])), len(lines))
        block = _fitting([text for _, text in lines[at:end]], number, log)
        classes = _classes("\n".join(block))
        out += _lists(classes, block, number, log) if classes else lines[at - 1 : end + 1]
        at = end + 1
    return Derived(replace(document, text="\n".join(text for _, text in out)), [number for number, _ in out])


def _parsed(code: str) -> list[ast.ClassDef]:
    """The classes of a block; [] where it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that is none, in somebody's example
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def _classes(code: str) -> dict[str, ast.ClassDef]:
    """The classes with annotated fields, by name."""
    return {
        node.name: node for node in _parsed(code) if any(isinstance(one, ast.AnnAssign) for one in node.body)
    }


def _enums(code: str) -> dict[str, dict[str, str]]:
    """The enumerations of texts among the classes: name -> member -> value."""
    return {
        node.name: {
            target.id: one.value.value
            for one in node.body
            if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant)
            for target in one.targets
            if isinstance(target, ast.Name) and isinstance(one.value.value, str)
        }
        for node in _parsed(code)
        if any("Enum" in _name(base) for base in node.bases)
    }


def _lists(
    classes: Mapping[str, ast.ClassDef], block: list[str], first: int, log: FactLog
) -> Iterator[tuple[int, str]]:
    named = {
        name.id
        for model in classes.values()
        for one in model.body
        if isinstance(one, ast.AnnAssign)
        for name in ast.walk(one.annotation)
        if isinstance(name, ast.Name)
    }
    writer = _Writer(classes, block, first, log)
    for name, model in classes.items():
        if name not in named:  # the others stand inside of the fields that name them
            line = first + model.lineno
            own = [
                one.target.id
                for one in model.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            ]
            if are_options(own):
                log.note("untold", told(own), line)
                continue
            heading = "### Response" if _ANSWER.search(name) else "### Request body"
            yield from ((line, ""), (line, heading), (line, ""))
            yield from writer.entries(model, 0)
            yield line, ""


class _Writer:
    """Writes the fields of classes as entries of a list, each with its line."""

    def __init__(
        self, classes: Mapping[str, ast.ClassDef], block: list[str], first: int, log: FactLog
    ) -> None:
        self.classes, self.block, self.first, self.log = classes, block, first, log
        self.count = 0
        self.enums = _enums("\n".join(block))

    def entries(self, model: ast.ClassDef, depth: int, above: int = 0) -> Iterator[tuple[int, str]]:
        """The fields of a class, those that it inherits first; `above` counts the classes that inherit them."""
        for base in model.bases:
            inherited = self.classes.get(base.id) if isinstance(base, ast.Name) else None
            if inherited is not None and above < MAX_NESTED:
                yield from self.entries(inherited, depth, above + 1)
        for one, following in zip(model.body, [*model.body[1:], None], strict=True):
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                yield from self._entry(one, one.target.id, depth, model, following)

    def _entry(
        self, one: ast.AnnAssign, name: str, depth: int, model: ast.ClassDef, following: ast.stmt | None
    ) -> Iterator[tuple[int, str]]:
        line = self.first + one.lineno
        self.count += 1
        enum = self.enums.get(_type(one.annotation).model, {})
        if self.count > MAX_FIELDS:
            self.log.cut(f"{MAX_FIELDS:,} fields of classes are read", line)
            return
        type_ = _type(one.annotation)
        if enum and type_.name != "array":
            type_ = _Type("string", values=list(enum.values()), optional=type_.optional)
        default, keywords = _assigned(one.value)
        keywords = [*keywords, *type_.limits]
        said = {word.arg: word.value for word in keywords if word.arg}
        if default is None:
            default = said.get("default")
        alias = said.get("alias")
        name = alias.value if isinstance(alias, ast.Constant) and isinstance(alias.value, str) else name
        required = (
            default is None and "default_factory" not in said and not (one.value is None and type_.optional)
        )
        if _is_partial(model):
            required = isinstance(one.annotation, ast.Subscript) and _name(one.annotation.value) == "Required"
        words = [_text(said["description"])] if "description" in said else []
        words.append(_docstring(following))
        words += [
            _limits(type_, keywords),
            _values(type_),
            _default(default, enum),
            _comment(self.block, one),
        ]
        shown = f"array of {type_.of or 'object'}s" if type_.name == "array" else type_.name or "any"
        told = ". ".join(word.rstrip(". ") for word in words if word)
        yield line, f"{'  ' * depth}- `{name}` ({shown}, {'required' if required else 'optional'}): {told}"
        inner = self.classes.get(type_.model)
        if inner is not None and depth < MAX_NESTED:
            yield from self.entries(inner, depth + 1)


def _is_partial(model: ast.ClassDef) -> bool:
    """Whether of a class's fields only those need be given that say so: `TypedDict, total=False`."""
    total = next((word.value for word in model.keywords if word.arg == "total"), None)
    return isinstance(total, ast.Constant) and total.value is False


def _docstring(following: ast.stmt | None) -> str:
    """The text that stands below a field, where nothing but a text does."""
    value = following.value if isinstance(following, ast.Expr) else None
    text = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
    return " ".join(text.split())


def _type(node: ast.expr, depth: int = 0) -> _Type:
    """What an annotation says: `Optional[list[str]]`, `Literal["a", "b"] | None`, `Annotated[int, Field(ge=1)]`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _Type("object", model=node.value)
    if depth > MAX_DEPTH:
        return _Type()
    if isinstance(node, ast.BinOp):
        left, right = _type(node.left, depth + 1), _type(node.right, depth + 1)
        chosen = right if left.optional and not left.name else left
        chosen.optional = left.optional or right.optional
        return chosen
    if isinstance(node, ast.Constant) and node.value is None:
        return _Type(optional=True)
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    if name:
        if name in _LISTS:
            return _Type("array")
        return _Type(_TYPES[name]) if name in _TYPES else _Type("object", model=name)
    if isinstance(node, ast.Call):
        return _Type(_CALLED.get(_name(node.func), ""), limits=node.keywords)
    return _subscripted(node, depth + 1) if isinstance(node, ast.Subscript) else _Type()


def _subscripted(node: ast.Subscript, depth: int) -> _Type:
    name = _name(node.value)
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if not inner:
        return _Type()
    if name == "Literal":
        values = [one.value for one in inner if isinstance(one, ast.Constant)]
        kind = "integer" if values and all(type(one) is int for one in values) else "string"
        return _Type(kind, values=[str(one) for one in values if one is not None])
    if name in _LISTS:
        item = _type(inner[0], depth)
        return _Type("array", of=item.name, model=item.model)
    if name in ("Optional", "NotRequired"):
        found = _type(inner[0], depth)
        found.optional = True
        return found
    if name == "Union":
        kinds = [_type(one, depth) for one in inner]
        chosen = next((one for one in kinds if one.name), _Type())
        chosen.optional = any(one.optional and not one.name for one in kinds)
        return chosen
    if name in ("Annotated", "Required"):
        found = _type(inner[0], depth)
        found.limits = [word for one in inner[1:] if isinstance(one, ast.Call) for word in one.keywords]
        return found
    return _Type("object") if name in ("dict", "Dict", "Mapping") else _Type()


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _assigned(value: ast.expr | None) -> tuple[ast.expr | None, list[ast.keyword]]:
    """The default of a field, None where there is none, and what `Field(…)` says of it."""
    if isinstance(value, ast.Call) and _name(value.func).lower() in ("field", "query", "body"):
        first = value.args[0] if value.args else None
        is_none = isinstance(first, ast.Constant) and first.value is ...
        return (None if is_none else first), value.keywords
    return value, []


def _limits(type_: _Type, keywords: list[ast.keyword]) -> str:
    unit = "items" if type_.name == "array" else "characters"
    said = [
        _LIMITS[word.arg].format(_text(word.value), unit=unit)
        for word in keywords
        if word.arg in _LIMITS and _text(word.value)
    ]
    return ". ".join(said)


def _values(type_: _Type) -> str:
    listed = [f"`{one}`" for one in type_.values]
    return f"One of {', '.join(listed)}" if len(listed) > 1 else f"fixed: {listed[0]}" if listed else ""


def _default(node: ast.expr | None, enum: Mapping[str, str]) -> str:
    """The default, a member of `enum` by its value."""
    member = enum.get(node.attr, "") if isinstance(node, ast.Attribute) else ""
    text = member or (_text(node) if node is not None else "")
    return f"Default: `{text}`" if text else ""


def _text(node: ast.expr) -> str:
    """A literal as a list says it, "" for none: "std", 0.5, -1, true."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else ""


def _comment(block: list[str], one: ast.AnnAssign) -> str:
    """The comment behind a field, on its last line."""
    line = block[(one.end_lineno or one.lineno) - 1]
    after = line.encode()[one.end_col_offset or 0 :].decode("utf-8", "ignore").strip()
    return after.lstrip("# ").strip() if after.startswith("#") else ""
