"""A schema as one flat record: references followed, `allOf` merged, each keyword with the place it stands at.

So moving a schema into a component, splitting it with `allOf` or inlining it again changes no view.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from understudy.specs.diff.inplace import Above, InPlace
from understudy.specs.diff.joins import Joins
from understudy.specs.diff.plain import PLAIN, is_trivial, named
from understudy.specs.diff.schema import ANNOTATIONS, UNKNOWN, upgrade

if TYPE_CHECKING:
    from understudy.specs.diff.document import ApiDocument, Raw

Spot = tuple[Any, Any]  # container, key: what Document.place takes
LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum", "minContains")
UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum", "maxContains")
CHILDREN: tuple[str, ...] = (
    "items",
    "additionalProperties",
    "propertyNames",
    "contains",
    "not",
    "unevaluatedProperties",
)
CHILDREN += ("unevaluatedItems", "if", "then", "else")
BRANCHES = ("oneOf", "anyOf")
MOST_KEPT = 20_000  # views; each part of a document is mostly seen once


@dataclass(slots=True)
class SchemaView:
    """`plain` has scalar keywords, `children` single schemas, `branches` oneOf and anyOf, `rest` what cannot
    merge (a second pattern, a second oneOf): whole schemas. `spots` says where a keyword stands."""

    raw: Raw
    plain: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Raw] = field(default_factory=dict)
    patterns: dict[str, Raw] = field(default_factory=dict)
    required: dict[str, Spot] = field(default_factory=dict)
    children: dict[str, Raw] = field(default_factory=dict)
    prefix: list[Raw] = field(default_factory=list)
    branches: dict[str, list[Raw]] = field(default_factory=dict)
    dependents: dict[tuple[str, str], Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)
    rest: list[Raw] = field(default_factory=list)
    spots: dict[Any, Spot] = field(default_factory=dict)
    # The names that `additionalProperties` does not speak about.
    beside: frozenset[str] = frozenset()

    def spot(self, key: Any) -> Spot:
        return self.spots.get(key, (self.raw, None))


class Views:
    """Views of one document, each made once."""

    def __init__(self, document: ApiDocument) -> None:
        self.document = document
        self._views: dict[int, tuple[Raw, SchemaView]] = {}
        self._joins = Joins(document)
        self._in_place = InPlace(document)

    def view(self, raw: Raw) -> SchemaView:
        """The view of `raw`."""
        return self._view(raw, ())

    def forget(self) -> None:
        """Keep no views: those that are asked for again are made again."""
        self._views.clear()

    def _view(self, raw: Raw, above: tuple[int, ...]) -> SchemaView:
        if isinstance(raw, bool):
            return self._make(raw, above)
        if id(raw) in self._views:
            return self._views[id(raw)][1]
        if len(self._views) >= MOST_KEPT:
            self.forget()
        made = self._make(raw, above)
        # Below a schema that it leads back to, it is seen without that part.
        if not self._in_place.ids(raw).intersection(above):
            self._views[id(raw)] = (raw, made)
        return made

    def _make(self, raw: Raw, above: tuple[int, ...]) -> SchemaView:
        schema = upgrade(raw, self.document)
        view = SchemaView(raw)
        parts = [*schema.get("allOf", ())]
        if "$ref" in schema:
            parts.insert(0, self.document.target(raw))
        self._own(view, raw, schema)
        here = (*above, id(raw))
        for part in parts:
            if id(part) in here:
                self._in_place.tell(raw)
            else:
                self._merge(view, self._free(self._view(part, here), here))
        self._simplify(view, here)
        return view

    def _free(self, view: SchemaView, above: tuple[int, ...]) -> SchemaView:
        """A part without the choices that lead back to what takes it in: a parent's list of its children."""
        bound = [
            k
            for k, members in view.branches.items()
            if self._in_place.bound(members, Above(frozenset(above)))
        ]
        if not bound:
            return view
        self._in_place.tell(view.raw)
        return replace(view, branches={k: b for k, b in view.branches.items() if k not in bound})

    def _own(self, view: SchemaView, raw: Raw, schema: dict[str, Any]) -> None:
        for key, value in schema.items():
            view.spots[key] = (raw, key)
            if key in PLAIN and key != "dependentRequired":
                view.plain[key] = value
            elif key in CHILDREN:
                view.children[key] = value
            elif key in ANNOTATIONS or key.startswith("x-"):
                view.notes[key] = value
            elif key in BRANCHES:
                view.branches[key] = list(value)
        view.unknown = dict(schema.get(UNKNOWN, {}))
        view.prefix = list(schema.get("prefixItems", ()))
        view.properties = dict(schema.get("properties", {}))
        view.patterns = dict(schema.get("patternProperties", {}))
        view.dependents = {
            **{("required", n): v for n, v in schema.get("dependentRequired", {}).items()},
            **{("schema", n): v for n, v in schema.get("dependentSchemas", {}).items()},
        }
        properties = raw.get("properties") if isinstance(raw, dict) else None
        for name in view.properties:
            view.spots["properties", name] = (properties, name)
        view.required = dict.fromkeys(schema.get("required", ()), (raw, "required"))
        view.beside = frozenset(view.properties)
        if view.plain.get("uniqueItems") is False:
            del view.plain["uniqueItems"]
        for key in ("additionalProperties", "items", "unevaluatedProperties", "unevaluatedItems"):
            if key in view.children and is_trivial(view.children[key], self.document):
                del view.children[key]
        view.plain.pop("required", None)

    # --- allOf

    def _merge(self, view: SchemaView, other: SchemaView) -> None:
        """Narrow `view` by `other`."""
        for key, value in other.plain.items():
            if key not in view.plain:
                view.plain[key] = value
            elif view.plain[key] != value and not self._narrow(view, key, value):
                view.rest.append(self._part(other, key, value))
                continue
            view.spots.setdefault(key, other.spot(key))
        for name, child in other.properties.items():
            view.properties[name] = self._joins.join(view.properties.get(name), child)
            view.spots.setdefault(("properties", name), other.spot(("properties", name)))
        for name, child in other.patterns.items():
            view.patterns[name] = self._joins.join(view.patterns.get(name), child)
        for name, spot in other.required.items():
            view.required.setdefault(name, spot)
        for both, value in other.dependents.items():
            view.dependents.setdefault(both, value)
        for key, note in other.notes.items():
            view.notes.setdefault(key, note)
            view.spots.setdefault(key, other.spot(key))
        view.unknown = {**other.unknown, **view.unknown}
        self._merge_children(view, other)
        view.rest += other.rest

    def _merge_children(self, view: SchemaView, other: SchemaView) -> None:
        for key, child in other.children.items():
            if key in ("items", "propertyNames") and not (view.prefix or other.prefix):
                view.children[key] = self._joins.join(view.children.get(key), child)
            elif key in view.children or key in ("if", "then", "else"):
                view.rest.append(self._part(other, key, child))
            else:
                view.children[key] = child
                if key == "additionalProperties":
                    view.beside = other.beside
            view.spots.setdefault(key, other.spot(key))
        if other.prefix and not view.prefix:
            view.prefix = other.prefix
            view.spots.setdefault("prefixItems", other.spot("prefixItems"))
        elif other.prefix:
            view.rest.append(self._part(other, "prefixItems", other.prefix))
        for key, branches in other.branches.items():
            if key in view.branches:
                view.rest.append(self._part(other, key, branches))
            else:
                view.branches[key] = branches
                view.spots.setdefault(key, other.spot(key))

    def _narrow(self, view: SchemaView, key: str, value: Any) -> bool:
        """Both limits as one, where there is one; False where there is not."""
        if key in LOWER:
            view.plain[key] = max(view.plain[key], value)
        elif key in UPPER:
            view.plain[key] = min(view.plain[key], value)
        elif key == "enum":
            view.plain[key] = [item for item in view.plain[key] if item in value]
        elif key == "type":
            both = [t for t in view.plain[key] if t in value or (t == "integer" and "number" in value)]
            if "integer" in value and "number" in view.plain[key]:
                both.append("integer")
            view.plain[key] = sorted(set(both))
            if not both:
                self.document.problem("no value is valid: its types exclude each other", view.raw)
        elif key == "uniqueItems":
            view.plain[key] = True
        else:
            return False
        return True

    def _part(self, view: SchemaView, key: str, value: Any) -> Raw:
        extra: dict[str, Any] = {key: value}
        if key == "additionalProperties":
            extra["properties"] = dict.fromkeys(sorted(view.beside), True)
        if key == "if":
            extra |= {k: view.children[k] for k in ("then", "else") if k in view.children}
        return self.document.made(extra, view.spot(key)[0])

    # --- branches

    def _simplify(self, view: SchemaView, above: tuple[int, ...]) -> None:
        """A single branch is no choice; `X or null` is X with null among its types."""
        for key in BRANCHES:
            branches = [b for b in view.branches.get(key, []) if not self._leads_back(b, above)]
            if key in view.branches:
                view.branches[key] = branches
            if len(branches) == 2:
                nulls = [b for b in branches if _is_null(upgrade(b, self.document))]
                others = [b for b in branches if not any(b is n for n in nulls)]
                if len(nulls) == 1 and len(others) == 1 and self._take_null(view, key, others[0], above):
                    continue
            if len(branches) <= 1:
                view.branches.pop(key, None)
            if len(branches) == 1:
                self._merge(view, self._free(self._view(branches[0], above), above))
        if "const" in view.plain and view.plain.get("enum") == [view.plain["const"]]:
            del view.plain["enum"]

    def _leads_back(self, branch: Raw, above: tuple[int, ...]) -> bool:
        """Whether an alternative is a schema that it belongs to: that adds nothing to the choice."""
        return id(named(branch, self.document)) in above

    def _take_null(self, view: SchemaView, key: str, other: Raw, above: tuple[int, ...]) -> bool:
        inner = self._view(other, above)
        if "type" not in inner.plain or "null" in inner.plain["type"] or view.plain:
            return False
        if inner.rest or inner.branches or "const" in inner.plain or "not" in inner.children:
            return False
        del view.branches[key]
        self._merge(view, inner)
        view.plain["type"] = sorted({*view.plain["type"], "null"})
        if "enum" in view.plain:
            view.plain["enum"] = [*view.plain["enum"], None]
        return True


def _is_null(schema: dict[str, Any]) -> bool:
    keys = {k for k in schema if k not in ANNOTATIONS and k != UNKNOWN and not k.startswith("x-")}
    return (keys == {"type"} and schema["type"] == ["null"]) or (
        keys in ({"enum"}, {"type", "enum"}) and schema["enum"] == [None]
    )
