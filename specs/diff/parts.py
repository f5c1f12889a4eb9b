"""What bundles are made of: the roles in which a schema is read, and what is known of each part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from understudy.specs.diff.inplace import NOTHING_ABOVE, Above

if TYPE_CHECKING:
    from understudy.specs.algebra import Schema

Direction = Literal["request", "response"]
# taker: as written; sender: what a sender of this document sends;
# strict: what JSON Schema lets a sender send, marked and undeclared properties too;
# documented: the document read strictly: undeclared properties are refused, and so are those that are
# inherited and promised by nobody (`x-undocumented`)
Role = Literal["taker", "strict", "sender", "documented"]
CLOSED: tuple[Role, ...] = ("sender", "documented")
UNDOCUMENTED = "x-undocumented"
MARK: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}
# Children that are tested rather than sent: nothing is closed inside them.
TESTS = ("not", "if", "contains", "propertyNames")
VALUES = ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")


class Group(NamedTuple):
    """What the parts of a schema that apply to the same value declare together."""

    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    marked: frozenset[str] = frozenset()

    def join(self, other: Group) -> Group:
        return Group(self.names | other.names, self.patterns | other.patterns, self.marked | other.marked)


EMPTY = Group()


class Ref(NamedTuple):
    """A definition of a bundle: a schema (by id) as a whole value; or, with `around`, as one of several that
    apply to the same value: what the others declare, which properties of the whole are not demanded, and
    which schemas lead to it. `top`: it is the one that closes the whole."""

    target: int
    closed: bool
    around: Group | None = None
    marked: frozenset[str] = frozenset()
    above: Above = NOTHING_ABOVE
    top: bool = True


class Part(NamedTuple):
    """A schema that was written once: the schema, and the names it refers to.

    relaxed: closing turned a oneOf into an anyOf in it
    unclear: of a part of it nothing is known
    """

    schema: Schema
    refs: tuple[str, ...]
    relaxed: bool
    unclear: bool


class Where(NamedTuple):
    """Where a part of a schema is written.

    closed  undeclared properties are refused
    around  what its neighbours declare for the same value
    marked  properties of the whole that are not demanded
    above   the schemas that lead to it and speak about the same value
    top     it is the part that closes the whole
    """

    closed: bool
    around: Group
    marked: frozenset[str]
    above: Above
    top: bool


def kind_of(role: Role) -> Role:
    """The roles that leave objects open write the same."""
    return role if role in CLOSED else "taker"
