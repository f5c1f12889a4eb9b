"""Sentences to keywords, English and Chinese.

`read(text, type)` gives the constraints that a description states, as JSON Schema keywords or ours:

| keyword | said as |
|---|---|
| enum, default | "Enumerated values: a, b" · "one of `a` or `b`" · "`a`, `b`" · 枚举值：a, b · "default a" |
| minLength, maxLength | "cannot exceed 2500 characters" · "Maximum 2500 characters" · 不超过2500字符 |
| minItems, maxItems | "up to 4 images" · "minimum of 1" · 最多4张 (of arrays) |
| minimum, maximum, exclusiveMinimum, exclusiveMaximum | "[1, 9]" · "1 <= x <= 9" · "Range: 1-9" |
| required | "(required)" · "Optional …" · 必填 · 选填 |
| x-unique: account | "must be unique per account" · 单用户下唯一 |
| x-image, x-source | what a picture must be and how it may be given: see `understudy.specs.prose.images` |

A sentence that limits something but was not understood, in whole or in part, is a leftover: never dropped.
"""

from __future__ import annotations

from understudy.specs.model import CUT
from understudy.specs.prose.alternatives import read_uncued_lists
from understudy.specs.prose.bound_subjects import read_bounds
from understudy.specs.prose.defaults import read_defaults
from understudy.specs.prose.enumerations import add_default, read_enumerations
from understudy.specs.prose.images import read_pictures
from understudy.specs.prose.records import Constraint, Leftover, Page, Prose
from understudy.specs.prose.sentences import find_leftovers, read_not_empty, read_required, read_unique
from understudy.specs.prose.special_values import reach_special, read_meant_ends
from understudy.specs.prose.variants import join_variants, keep_loosest, keep_widest, leave_cases

__all__ = ["MAX_CHARACTERS", "Constraint", "Leftover", "Prose", "read"]

# A description is a paragraph or two; what lies beyond is listed as not understood.
MAX_CHARACTERS = 8_000


def read(text: str, type_: str | None = None, name: str = "") -> Prose:
    """What `text`, the description of the field `name` of JSON type `type_` (None: not known), limits.

    read("Value range: [1, 9]", "integer") → minimum 1, maximum 9, each with the span of text that says so.
    """
    page = Page(text[:MAX_CHARACTERS], type_, name)
    read_pictures(page, name)
    read_enumerations(page, name)
    read_uncued_lists(page, name)
    read_meant_ends(page)
    read_bounds(page)
    read_defaults(page)
    add_default(page)
    read_unique(page)
    read_required(page)
    read_not_empty(page)
    join_variants(page)
    keep_widest(page)
    keep_loosest(page)
    leave_cases(page)
    reach_special(page)
    leftovers = find_leftovers(page)
    if len(text) > MAX_CHARACTERS:
        leftovers.append(
            Leftover(f"{CUT}a description is read up to {MAX_CHARACTERS:,} characters", MAX_CHARACTERS)
        )
    return Prose(
        tuple(sorted(page.constraints, key=lambda c: (c.start, c.keyword))),
        tuple(leftovers),
        tuple(page.mends),
    )
