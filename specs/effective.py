"""What a provider promises in full: the canonical spec, changed where the provider says something else.

Rules, in order of use:
* what the provider states replaces what the canonical spec states, keyword by keyword;
* what it is silent about is *unknown* and inherits from the canonical spec. A field, response or operation
  that its documents do not mention is marked `x-undocumented: true`: kept, because the provider may well
  take it, and marked, because nobody promised it;
* an inherited keyword that contradicts a stated one (a default outside the enum, a `const` of another
  type) is dropped;
* a field that the provider calls by another name stands under that name, with `x-alias-of`;
* an operation that the vendor does not know is added as documented, with `x-not-the-vendors: true`;
* the vendor's rules across fields that the provider's own example request breaks are left out;
* the wire conventions of the provider's profile are carried into the schemas of its answers;
* a list whose items are plain strings where the canonical items are objects with one field takes that
  field's schema for its items, with `x-item-of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.specs.behaviour.immediate import IMMEDIATE
from understudy.specs.behaviour.operations import TASK
from understudy.specs.behaviour.own_names import OwnNames
from understudy.specs.behaviour.rules import CAPABILITIES, LISTED
from understudy.specs.behaviour.told_headers import read_limit_headers, tell_headers
from understudy.specs.conventions import carry
from understudy.specs.described import ALIAS_OF, PLACES, operation_object, parameter_objects, without_evidence
from understudy.specs.errors import UnderstudyError, known_names
from understudy.specs.model import UNTOLD_NAME
from understudy.specs.places import ITEM, REQUEST, Editor, operations
from understudy.specs.schema_values import fits, unfitting
from understudy.specs.tree import Object, copied, resolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from understudy.specs.model import Field, FieldPath, Keyword, Operation, ProviderSpec

UNDOCUMENTED = "x-undocumented"
NOT_THE_VENDORS = "x-not-the-vendors"
ITEM_OF = "x-item-of"

# Keywords that say which values of one type are meant; they say nothing about a value of another type.
OF_A_TYPE = (
    "const", "default", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems",
    "maxLength", "maximum", "minItems", "minLength", "minimum", "multipleOf", "pattern", "properties",
    "required",
)  # fmt: skip
# `required` stands in the list of the object; `x-source` says in words what `pattern` says to machines.
NOT_CARRIED = ("required", "x-source")
LIMITS = (("minLength", "maxLength"), ("minItems", "maxItems"), ("minimum", "maximum"))


def effective(canonical: Mapping[str, Any], spec: ProviderSpec) -> Object:
    """The canonical document as `spec`'s provider keeps it. Neither argument is changed."""
    editor = Editor(canonical)
    for key, operation in operations(editor.document):
        stated = spec.operations.get(key)
        if stated is not None:
            _operation(editor, key, stated, spec)
        else:
            operation[UNDOCUMENTED] = True
    document = editor.document
    _own_operations(document, spec)
    if spec.servers:
        document["servers"] = [{"url": url} for url in spec.servers]
    document["info"]["title"] = spec.title
    if spec.conventions:
        document["x-conventions"] = _over(document.get("x-conventions", {}), spec.conventions)
        carry(editor, document["x-conventions"])
        _refusals(document, spec)
        limits = spec.conventions.get("limits", {}).get("headers", {})
        read_limit_headers(limits, f"{spec.name}: x-conventions.limits.headers")
        tell_headers(document["paths"], document["x-conventions"])
    return editor.finished()


def _over(base: Any, more: Any) -> Any:
    if isinstance(base, dict) and isinstance(more, dict):
        return {**base, **{key: _over(base.get(key), value) for key, value in more.items()}}
    return copied(more)


def _refusals(document: Object, spec: ProviderSpec) -> None:
    """The table of refusals with what `error.situations` of the conventions says otherwise."""
    errors = document.get("x-errors", {})
    for name, said in spec.conventions.get("error", {}).get("situations", {}).items():
        if name not in errors:
            raise UnderstudyError(
                f"unknown situation {name!r}",
                where=f"{spec.name}: conventions.error.situations",
                advice=known_names(name, list(errors)),
            )
        errors[name] = {**errors[name], **said}
        if "message" in said:
            errors[name].pop("by_keyword", None)  # those word the vendor's message


def _own_operations(document: Object, spec: ProviderSpec) -> None:
    known = {key for key, _ in operations(document)}
    for key, stated in spec.operations.items():
        if key not in known:
            made = without_evidence(operation_object(stated, spec.aliases.get(key, {})))
            made.setdefault("responses", {"default": {"description": "", UNDOCUMENTED: True}})
            made[NOT_THE_VENDORS] = True
            document["paths"].setdefault(stated.path, {})[stated.method.lower()] = made


def _operation(editor: Editor, key: str, stated: Operation, spec: ProviderSpec) -> None:
    operation = editor.operation(key) or {}
    aliases = spec.aliases.get(key, {})
    _parameters(editor, operation, stated)
    # A field whose name stands in a document is not undocumented, though nothing was read of it.
    unread = frozenset(note.field[-1] for note in spec.notes if note.code == UNTOLD_NAME and note.field)
    schema = editor.body(key, REQUEST)
    if schema is not None and stated.request:
        _body(editor, schema, REQUEST, stated.request, aliases, unread)
        names = OwnNames(aliases)
        for part in (TASK, IMMEDIATE):
            names.retarget(operation.get(part, {}))
        if names and "examples" in schema:
            schema["examples"] = [names.own(one) for one in schema["examples"]]
        if stated.lifted and TASK in operation:
            _lift(operation[TASK], stated.lifted)
    elif schema is not None:
        operation["requestBody"][UNDOCUMENTED] = True
    responses = operation.get("responses", {})
    for status in responses:
        described = stated.responses.get(status)
        if described:
            schema = editor.body(key, status)
            if schema is not None:
                _body(editor, schema, status, described, {})
        elif status.startswith("2") and "$ref" not in responses[status]:
            responses[status][UNDOCUMENTED] = True


def _parameters(editor: Editor, operation: Object, stated: Operation) -> None:
    """The same rules for what stands in path and query; a path's parameters need no mention."""
    said = {(one.place, one.field.name): one.field for one in stated.parameters if one.place in PLACES}
    listed = operation.get("parameters", [])
    for index in range(len(listed)):
        known = resolved(editor.document, listed[index])
        field = said.pop((known["in"], known["name"]), None)
        if field is not None:
            one = editor.own(listed, index)
            _keywords(editor.own(one, "schema"), field)
            if one["in"] == "query" and field.get("required") is not None:
                one["required"] = field.get("required")
        elif known["in"] == "query":
            editor.own(listed, index)[UNDOCUMENTED] = True
    for made in parameter_objects(stated):
        if (made["in"], made["name"]) in said:
            operation.setdefault("parameters", []).append(without_evidence(made))


def _body(
    editor: Editor,
    schema: Object,
    name: str,
    stated: Iterable[Field],
    aliases: Mapping[FieldPath, str],
    unread: frozenset[str] = frozenset(),
) -> None:
    by_path = {one.path: one for one in stated}
    if () in by_path:
        _keywords(schema, by_path[()])
    body = _Body(editor, by_path, name == REQUEST or _only_shown(by_path.values()), unread)
    if (ITEM,) in by_path:
        body.items(schema, by_path[ITEM,])
    else:
        body.object(schema, ())
    for path, alias in aliases.items():
        _rename(editor, schema, path, alias)


@dataclass(frozen=True)
class _Body:
    """One body being changed: what the provider states about its fields, by place."""

    editor: Editor
    stated: Mapping[FieldPath, Field]
    # A request's field that nobody mentions stays required; an answer's was not promised by this provider,
    # unless an example is all that there is: examples are abridged.
    inherits_required: bool
    # Names of fields that stand in a document of which nothing was read.
    unread: frozenset[str] = frozenset()

    def object(self, node: Object, path: FieldPath) -> None:
        """Change the properties of one object schema, then its list of required ones."""
        properties = node.get("properties", {})
        stated = {
            p[-1]: one for p, one in self.stated.items() if p[:-1] == path and p and p[-1] not in ("", ITEM)
        }
        canonical = node.get("required", [])
        for name in list(properties):
            if name in stated:
                self.field(properties, name, stated[name])
            elif name not in self.unread:
                self.editor.own(properties, name)[UNDOCUMENTED] = True
        for name in sorted(stated.keys() - properties.keys()):
            node.setdefault("properties", {})[name] = {}
            self.field(node["properties"], name, stated[name])
        node.pop("required", None)
        listed = [n for n in node.get("properties", {}) if self.is_required(n, stated, canonical)]
        if listed:
            node["required"] = listed

    def is_required(self, name: str, stated: Mapping[str, Field], canonical: list[str]) -> bool:
        if name not in stated:
            return self.inherits_required and name in canonical
        answer = stated[name].get("required")
        return bool(answer) if answer is not None else name in canonical

    def field(self, holder: Object, key: str, one: Field) -> None:
        node = self.editor.own(holder, key)
        _keywords(node, one)
        item = self.stated.get((*one.path, ITEM))
        if item is not None and node.get("type", "array") == "array":
            self.items(node, item)
        if any(len(p) > len(one.path) and p[:-1] == one.path and p[-1] != ITEM for p in self.stated):
            self.object(node, one.path)

    def items(self, node: Object, item: Field) -> None:
        current = self.editor.own(node, "items") if "items" in node else node.setdefault("items", {})
        properties = current.get("properties", {})
        if item.get("type") == "string" and current.get("type") == "object" and len(properties) == 1:
            name = next(iter(properties))
            node["items"] = {**copied(self.editor.own(properties, name)), ITEM_OF: name}
        self.field(node, "items", item)


def _keywords(node: Object, one: Field) -> None:
    """Put what was said over what is inherited, and drop inherited keywords that contradict it."""
    said = {
        word.name: word.value
        for word in one.keywords
        if word.name not in NOT_CARRIED and not _only_an_example(node, word)
    }
    if "enum" in said and _same_names(said["enum"], node.get("enum")):
        del said["enum"]
    if "type" in said and said["type"] != node.get("type"):
        for word in OF_A_TYPE:
            if word not in said:
                node.pop(word, None)
    for word, value in said.items():
        node[word] = _over(node.get(word), value) if word.startswith("x-") else copied(value)
    if "default" in said:
        # The inherited keywords that refuse the stated default do not hold here.
        for word in unfitting(said["default"], node):
            node.pop(word, None) if word not in said else None
    elif "default" in node and not fits(node["default"], node):
        del node["default"]
    if "enum" in said and "const" not in said:
        node.pop("const", None)
    for low, high in LIMITS:
        if low in node and high in node and node[low] > node[high]:
            node.pop(low if high in said else high)


def _only_shown(stated: Iterable[Field]) -> bool:
    """Whether nothing is stated of a body but what an example of it shows."""
    return all(word.evidence.kind == "example" for one in stated for word in one.keywords)


def _only_an_example(node: Object, word: Keyword) -> bool:
    """Whether an example shows a value of a type that is allowed anyway: 1 is a number, too."""
    if word.name != "type" or word.evidence.kind != "example" or "type" not in node:
        return False
    allowed = node["type"] if isinstance(node["type"], list) else [node["type"]]
    return word.value in allowed or (word.value == "integer" and "number" in allowed)


def _same_names(one: Any, other: Any) -> bool:
    return isinstance(one, list) and isinstance(other, list) and {*map(repr, one)} == {*map(repr, other)}


def _rename(editor: Editor, schema: Object, path: FieldPath, name: str) -> None:
    """Put the property at the vendor's `path` under the provider's `name`, at the same place in the order."""
    old = path[-1]
    spot = editor.field(schema, path[:-1])
    if spot is None:
        return
    holder = editor.own(*spot)
    properties = holder.get("properties", {})
    if old not in properties or name in properties:
        return
    inner = editor.own(properties, old)
    inner[ALIAS_OF] = old
    renamed = {
        name if key == old else key: (inner if key == old else value) for key, value in properties.items()
    }
    holder["properties"] = renamed
    if "required" in holder:
        holder["required"] = [name if key == old else key for key in holder["required"]]


def _lift(task: Object, lifted: Sequence[str]) -> None:
    """Take rules across fields out of an `x-task`, by their ids, and rows of its table by ID:MODEL."""
    table = task.get(CAPABILITIES)
    rows = {name.partition(":")[2] for name in lifted if table and name.startswith(f"{table.get('id')}:")}
    if table and rows:
        models = {name: row for name, row in table["models"].items() if name not in rows}
        task[CAPABILITIES] = {**table, "models": models}
    if LISTED in task and lifted:
        task[LISTED] = [rule for rule in task[LISTED] if rule["id"] not in lifted]
