"""The table of rules. A rule says what a kind of change does at most; whether it does is for a witness to show.

Who stays behind decides who breaks. A request that the revision no longer takes breaks clients that stay with
the base; one that only the revision takes breaks providers that stay. An answer that only the revision sends
breaks clients that stay; one that only the base sends breaks providers that stay. So one effect on the set of
values gives both levels:

    effect   in requests        in answers
    narrows  breaks clients     breaks providers
    widens   breaks providers   breaks clients
    either   whichever a witness shows, clients first

`note` never breaks: it has its level whatever a witness says.
"""

# ruff: noqa: E501 - a row of the table is a line
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from understudy.specs.diff.facts import Fact

Effect = Literal["narrows", "widens", "either", "note"]
Level = Literal["breaks clients", "breaks providers", "warns", "compatible"]
CLIENTS: Level = "breaks clients"
PROVIDERS: Level = "breaks providers"
WARNS: Level = "warns"
FINE: Level = "compatible"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row.

    id         "request-max-length-decreased": direction and action; without direction where there is none
    level      what it is when a witness shows it
    otherwise  what it is when it is shown that no payload tells the sides apart
    mirror     the action of the opposite change
    """

    id: str
    direction: Literal["request", "response", "none"]
    area: str
    action: str
    effect: Effect
    level: Level
    otherwise: Level
    mirror: str
    sentence: str


# action, opposite, effect, sentence. Each line gives both actions, for requests and for answers.
SCHEMA = (
    ("type-narrowed", "type-widened", "narrows", "Fewer types are allowed."),
    ("type-changed", "type-changed", "either", "Other types are allowed."),
    ("null-removed", "null-added", "narrows", "Null is allowed on one side only."),
    ("enum-added", "enum-removed", "narrows", "A list of allowed values came or went."),
    ("enum-value-removed", "enum-value-added", "narrows", "A value of a list is allowed on one side only."),
    ("const-added", "const-removed", "narrows", "A single allowed value came or went."),
    ("const-changed", "const-changed", "either", "The single allowed value is another."),
    *(
        (
            f"{name}-{up}",
            f"{name}-{down}",
            "narrows",
            f"The {name.replace('-', ' ')} is stricter on one side.",
        )
        for name in ("min", "min-length", "min-items", "min-properties")
        for up, down in (("increased", "decreased"), ("added", "removed"))
    ),
    *(
        (
            f"{name}-{down}",
            f"{name}-{up}",
            "narrows",
            f"The {name.replace('-', ' ')} is stricter on one side.",
        )
        for name in ("max", "max-length", "max-items", "max-properties")
        for down, up in (("decreased", "increased"), ("added", "removed"))
    ),
    *(
        (f"{name}-added", f"{name}-removed", "narrows", f"A {what} came or went.")
        for name, what in (
            ("multiple-of", "step that numbers must keep"),
            ("pattern", "pattern for strings"),
            ("unique-items", "demand that items differ"),
            ("not", "negated schema"),
            ("property-names", "schema for the names of properties"),
            ("contains", "schema that some item must fit"),
            ("condition", "condition (if, then, else)"),
            ("dependent-required", "property that demands others"),
            ("dependent-schema", "property that brings a schema"),
            ("all-of", "further schema that has to hold as well"),
            ("one-of", "choice of which exactly one must fit"),
            ("any-of", "choice of which one must fit"),
            ("unevaluated-properties", "limit on properties that nothing else speaks about"),
            ("unevaluated-items", "limit on items that nothing else speaks about"),
        )
    ),
    *(
        (f"{name}-changed", f"{name}-changed", "either", f"The {what} is another.")
        for name, what in (
            ("multiple-of", "step that numbers must keep"),
            ("pattern", "pattern for strings"),
            ("not", "negated schema"),
            ("property-names", "schema for the names of properties"),
            ("pattern-properties", "patterns by which properties are declared"),
            ("contains", "schema that some item must fit"),
            ("condition", "condition (if, then, else)"),
            ("dependent-required", "list of properties that one demands"),
            ("dependent-schema", "schema that a property brings"),
            ("all-of", "further schema that has to hold as well"),
            ("unevaluated-properties", "limit on properties that nothing else speaks about"),
            ("unevaluated-items", "limit on items that nothing else speaks about"),
            ("choice", "kind of choice: oneOf on one side, anyOf on the other"),
        )
    ),
    ("one-of-branch-removed", "one-of-branch-added", "either", "A branch of oneOf came or went."),
    ("any-of-branch-removed", "any-of-branch-added", "narrows", "A branch of anyOf came or went."),
    (
        "property-became-required",
        "property-became-optional",
        "narrows",
        "A property must be there on one side only.",
    ),
    (
        "required-property-added",
        "required-property-removed",
        "either",
        "A required property is declared on one side only.",
    ),
    (
        "pattern-properties-added",
        "pattern-properties-removed",
        "either",
        "Properties by pattern are declared on one side only.",
    ),
    ("property-removed", "property-added", "either", "An optional property is declared on one side only."),
    (
        "additional-properties-closed",
        "additional-properties-opened",
        "narrows",
        "Properties that are not declared are refused on one side only.",
    ),
)
SILENCE = (
    "The provider's documents do not mention it on one side; silence promises nothing and refuses nothing."
)
# No change of acceptance under JSON Schema, but a change all the same: action, opposite, level, sentence.
NOTES = (
    ("format-added", "format-removed", WARNS, "JSON Schema only notes a format; validators may assert it."),
    ("format-changed", "format-changed", WARNS, "JSON Schema only notes a format; validators may assert it."),
    ("default-added", "default-removed", WARNS, "The same payload means something else."),
    ("default-changed", "default-changed", WARNS, "The same payload means something else."),
    ("read-only-added", "read-only-removed", FINE, "The property is for answers only on one side."),
    ("write-only-added", "write-only-removed", FINE, "The property is for requests only on one side."),
    ("deprecated-added", "deprecated-removed", FINE, "Announced to go, or no longer."),
    ("discriminator-added", "discriminator-removed", WARNS, "Generated code picks a schema by it."),
    ("discriminator-changed", "discriminator-changed", WARNS, "Generated code picks a schema by it."),
    ("content-encoding-added", "content-encoding-removed", WARNS, "The text inside the string is read so."),
    ("content-encoding-changed", "content-encoding-changed", WARNS, "The text inside the string is read so."),
    ("content-media-type-added", "content-media-type-removed", WARNS, "The text in the string is read so."),
    ("content-media-type-changed", "content-media-type-changed", WARNS, "The text in the string is read so."),
    ("content-schema-added", "content-schema-removed", WARNS, "The text in the string is read so."),
    ("content-schema-changed", "content-schema-changed", WARNS, "The text in the string is read so."),
    ("xml-added", "xml-removed", WARNS, "The value is written into XML in another way."),
    ("xml-changed", "xml-changed", WARNS, "The value is written into XML in another way."),
    (
        "keyword-not-understood",
        "keyword-not-understood",
        WARNS,
        "A keyword that is not known here differs: what it does to values is not known either.",
    ),
    ("extension-changed", "extension-changed", FINE, "An extension (x-…) differs; its meaning is not known."),
    ("property-undocumented", "property-documented", WARNS, SILENCE),
)
# What is said otherwise than by the table above: (direction, action) -> (level, otherwise)
EXCEPTIONS: dict[tuple[str, str], tuple[Level, Level]] = {
    # Policy: clients are told to expect new values; a payload shows who does not.
    ("response", "enum-value-added"): (WARNS, FINE),
    # What is no longer declared may be refused or ignored, and what clients read may be missing.
    ("request", "property-removed"): (CLIENTS, WARNS),
    ("request", "required-property-removed"): (CLIENTS, WARNS),
    ("response", "property-removed"): (CLIENTS, WARNS),
    # What is marked is no longer sent that way, as if it were removed: ignored or rejected where it is sent all
    # the same (JSON Schema 2020-12 Validation, 9.4). Fine where the object's own finding says so already.
    ("response", "write-only-added"): (WARNS, FINE),
    ("request", "read-only-added"): (WARNS, FINE),
    # That a provider breaks its silence is good news.
    ("request", "property-documented"): (FINE, FINE),
    ("response", "property-documented"): (FINE, FINE),
}

# area, direction, action, opposite, effect, level, level of the opposite, sentence
MESSAGES = (
    ("operation", "request", "operation-removed", "operation-added", "narrows", CLIENTS, PROVIDERS, "An operation is on one side only."),
    ("parameter", "both", "required-parameter-added", "required-parameter-removed", "narrows", CLIENTS, PROVIDERS, "A required parameter is on one side only."),
    ("parameter", "both", "parameter-removed", "parameter-added", "note", WARNS, FINE, "An optional parameter is on one side only; unknown ones are mostly ignored."),
    ("parameter", "both", "parameter-became-required", "parameter-became-optional", "narrows", CLIENTS, PROVIDERS, "A parameter must be there on one side only."),
    ("parameter", "both", "parameter-serialisation-changed", "parameter-serialisation-changed", "either", CLIENTS, CLIENTS, "A value is written into the message in another way."),
    ("parameter", "none", "parameter-deprecated-added", "parameter-deprecated-removed", "note", FINE, FINE, "Announced to go, or no longer."),
    ("body", "both", "required-body-added", "required-body-removed", "narrows", CLIENTS, PROVIDERS, "A required body is on one side only."),
    ("body", "both", "body-removed", "body-added", "note", WARNS, FINE, "An optional body is on one side only; it is mostly ignored."),
    ("body", "both", "body-became-required", "body-became-optional", "narrows", CLIENTS, PROVIDERS, "A body must be there on one side only."),
    ("media", "request", "media-type-removed", "media-type-added", "narrows", CLIENTS, PROVIDERS, "A media type is taken on one side only."),
    ("media", "response", "media-type-removed", "media-type-added", "either", CLIENTS, WARNS, "A media type is offered on one side only."),
    ("parameter", "both", "parameter-empty-value-refused", "parameter-empty-value-allowed", "narrows", CLIENTS, PROVIDERS, "A parameter without a value (?p=) is taken on one side only."),
    ("parameter", "both", "parameter-reserved-changed", "parameter-reserved-changed", "note", WARNS, WARNS, "Reserved characters of a value are encoded on one side only."),
    ("media", "both", "media-type-details-changed", "media-type-details-changed", "note", WARNS, WARNS, "A media type has other parameters (charset apart)."),
    ("media", "both", "encoding-changed", "encoding-changed", "note", WARNS, WARNS, "Parts of a form are written in another way."),
    ("status", "both", "success-status-removed", "success-status-added", "either", WARNS, WARNS, "A status is documented on one side only."),
    ("status", "both", "failure-status-removed", "failure-status-added", "either", FINE, FINE, "A refusal is documented on one side only."),
    ("status", "both", "default-status-removed", "default-status-added", "either", FINE, WARNS, "The answer for all other statuses is documented on one side only."),
    ("header", "both", "required-header-removed", "required-header-added", "widens", CLIENTS, PROVIDERS, "A header that is always sent is on one side only."),
    ("header", "both", "header-removed", "header-added", "note", WARNS, FINE, "A header that may be sent is on one side only."),
    ("header", "both", "header-became-optional", "header-became-required", "widens", CLIENTS, PROVIDERS, "A header is always sent on one side only."),
    ("header", "both", "header-serialisation-changed", "header-serialisation-changed", "either", CLIENTS, CLIENTS, "A header is written in another way."),
    ("header", "none", "header-deprecated-added", "header-deprecated-removed", "note", FINE, FINE, "Announced to go, or no longer."),
    ("link", "none", "link-removed", "link-added", "note", WARNS, FINE, "A link to a further operation is on one side only."),
    ("link", "none", "link-changed", "link-changed", "note", WARNS, WARNS, "A link leads elsewhere."),
    ("security", "request", "security-added", "security-removed", "narrows", CLIENTS, PROVIDERS, "Credentials are asked for on one side only."),
    ("security", "request", "security-alternative-removed", "security-alternative-added", "narrows", CLIENTS, PROVIDERS, "A way to authenticate is on one side only."),
    ("security", "request", "security-changed", "security-changed", "either", CLIENTS, CLIENTS, "Other credentials are asked for."),
    ("security", "none", "scheme-added", "scheme-removed", "note", FINE, FINE, "A security scheme is defined on one side only."),
    ("security", "none", "scheme-changed", "scheme-changed", "note", WARNS, WARNS, "A security scheme is defined in another way."),
    ("server", "request", "server-removed", "server-added", "note", WARNS, FINE, "A server is listed on one side only."),
    ("server", "request", "server-default-changed", "server-default-changed", "note", WARNS, WARNS, "A client that chooses nothing reaches another address."),
    ("callback", "response", "callback-removed", "callback-added", "note", WARNS, FINE, "The provider calls back on one side only."),
    ("webhook", "response", "webhook-removed", "webhook-added", "note", WARNS, FINE, "The provider calls a webhook on one side only."),
    ("operation", "none", "deprecated-added", "deprecated-removed", "note", FINE, FINE, "Announced to go, or no longer."),
    *((area, "none" if area == "operation" else "both", f"{area}-undocumented", f"{area}-documented", "note", WARNS, FINE, SILENCE) for area in ("operation", "parameter", "body", "status", "header")),
    ("operation", "none", "sunset-added", "sunset-removed", "note", WARNS, FINE, "An end is announced, or no longer."),
    ("operation", "none", "sunset-changed", "sunset-changed", "note", WARNS, WARNS, "Another end is announced."),
    ("operation", "none", "operation-id-removed", "operation-id-added", "note", FINE, FINE, "Generated code names the call after it."),
    ("operation", "none", "operation-id-changed", "operation-id-changed", "note", WARNS, WARNS, "Generated code names the call after it."),
    ("operation", "none", "tags-removed", "tags-added", "note", FINE, FINE, "How operations are grouped."),
    ("operation", "none", "tags-changed", "tags-changed", "note", FINE, FINE, "How operations are grouped."),
    ("operation", "none", "path-parameter-renamed", "path-parameter-renamed", "note", FINE, FINE, "The URL stays the same."),
    ("operation", "none", "extension-changed", "extension-changed", "note", FINE, FINE, "An extension (x-…) differs; its meaning is not known."),
    ("operation", "none", "field-not-understood", "field-not-understood", "note", WARNS, WARNS, "A field that is not known here differs."),
    ("task", "response", "task-removed", "task-added", "note", WARNS, FINE, "The lifecycle of a task is stated on one side only."),
    ("task", "response", "task-state-added", "task-state-removed", "widens", CLIENTS, PROVIDERS, "A task may be in a state that the other side does not know."),
    ("task", "response", "task-transition-added", "task-transition-removed", "widens", CLIENTS, PROVIDERS, "A task may go where the other side does not let it."),
    ("task", "response", "task-initial-changed", "task-initial-changed", "either", CLIENTS, CLIENTS, "A task starts in another state."),
    ("task", "response", "task-place-changed", "task-place-changed", "either", CLIENTS, CLIENTS, "A part of the task stands elsewhere in the answer."),
    ("task", "response", "task-result-removed", "task-result-added", "widens", CLIENTS, PROVIDERS, "What a task carries in a state is promised on one side only."),
    ("task", "response", "task-detail-changed", "task-detail-changed", "note", WARNS, WARNS, "Another detail of the lifecycle differs."),
    ("document", "none", "not-understood", "not-understood", "note", WARNS, WARNS, "Left out of the comparison."),
    ("document", "none", "overlapping-one-of", "overlapping-one-of", "note", WARNS, WARNS, "By the letter the alternatives of a oneOf shut each other out; it is compared as anyOf, as its author means it."),
)  # fmt: skip
# Findings about the comparison itself.
OWN = (
    Rule("unexplained-difference", "none", "schema", "unexplained-difference", "either", CLIENTS, WARNS,
         "unexplained-difference", "A payload tells the sides apart, and no rule says why."),
    Rule("waiver-not-needed", "none", "waiver", "waiver-not-needed", "note", WARNS, WARNS, "waiver-not-needed",
         "A waiver fits no finding."),
    Rule("waiver-expired", "none", "waiver", "waiver-expired", "note", WARNS, WARNS, "waiver-expired",
         "A waiver is past its day."),
    *(
        Rule(f"live-{action}", "none", "live", f"live-{action}", "note", level, WARNS, f"live-{action}", sentence)
        for action, level, sentence in (
            ("answer-refused", CLIENTS, "The provider answers what its document does not allow."),
            ("request-refused", CLIENTS, "The provider refuses what its document takes."),
            ("request-taken", WARNS, "The provider takes what its document refuses."),
            ("field-undocumented", WARNS, "A field of an answer is in no document."),
            ("field-never-seen", FINE, "A documented field was in no recorded answer."),
            ("status-undocumented", WARNS, "A status is in no document."),
            ("operation-undocumented", WARNS, "An operation is in no document."),
        )
    ),
)  # fmt: skip

LEVEL_OF: dict[tuple[str, str], Level] = {
    ("request", "narrows"): CLIENTS,
    ("request", "widens"): PROVIDERS,
    ("response", "narrows"): PROVIDERS,
    ("response", "widens"): CLIENTS,
    ("request", "either"): CLIENTS,
    ("response", "either"): CLIENTS,
}
OPPOSITE: dict[Effect, Effect] = {
    "narrows": "widens",
    "widens": "narrows",
    "either": "either",
    "note": "note",
}
FLIPPED: dict[Level, Level] = {CLIENTS: PROVIDERS, PROVIDERS: CLIENTS, WARNS: WARNS, FINE: FINE}


def _schema_rules() -> list[Rule]:
    rules = []
    for direction in ("request", "response"):
        for action, opposite, effect, sentence in SCHEMA:
            for name, mirror, moves in _both(action, opposite, effect):
                usual = (LEVEL_OF[direction, moves], FINE)
                level, otherwise = EXCEPTIONS.get((direction, name), usual)
                rules.append(
                    Rule(
                        f"{direction}-{name}",
                        direction,
                        "schema",
                        name,
                        moves,
                        level,
                        otherwise,
                        mirror,
                        sentence,
                    )
                )
        for action, opposite, level, sentence in NOTES:
            for name, mirror, _ in _both(action, opposite, "note"):
                its, otherwise = EXCEPTIONS.get((direction, name), (level, level))
                rules.append(
                    Rule(
                        f"{direction}-{name}",
                        direction,
                        "schema",
                        name,
                        "note",
                        its,
                        otherwise,
                        mirror,
                        sentence,
                    )
                )
    return rules


def _message_rules() -> list[Rule]:
    rules = []
    for area, where, action, opposite, effect, level, opposite_level, sentence in MESSAGES:
        # In a callback the provider asks and the client answers, so the same change breaks the other one.
        directions: tuple[Any, ...] = ("request", "response") if where == "both" else (where,)
        for direction in directions:
            usual = "response" if area in ("header", "status", "link") else "request"
            flip = where == "both" and direction != usual
            for name, mirror, moves in _both(action, opposite, effect):
                its = level if name == action else opposite_level
                its = FLIPPED[its] if flip else its
                prefix = f"{direction}-" if where == "both" or area == "media" else ""
                otherwise = its if its in (WARNS, FINE) else WARNS if moves == "either" else FINE
                rules.append(
                    Rule(f"{prefix}{name}", direction, area, name, moves, its, otherwise, mirror, sentence)
                )
    return rules


def _both(action: str, opposite: str, effect: Any) -> list[tuple[str, str, Effect]]:
    """The change and its mirror image, once where they are the same."""
    forth = (action, opposite, effect)
    return [forth] if action == opposite else [forth, (opposite, action, OPPOSITE[effect])]


RULES: dict[str, Rule] = {rule.id: rule for rule in (*_schema_rules(), *_message_rules(), *OWN)}
_BY_FACT = {(rule.area, rule.direction, rule.action): rule for rule in RULES.values()}


def rule_for(fact: Fact) -> Rule:
    """The rule of a fact. A fact without one is our mistake, so this raises KeyError."""
    return _BY_FACT[fact.area, fact.direction, fact.action]
