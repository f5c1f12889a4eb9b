"""From the readings of a provider's documents to its ProviderSpec: an ordered list of small passes.

A pass takes a draft (the spec so far, and what is known of the vendor's fields) and returns a new one; each
does one thing and says in a note what a person should know. `PASSES` is the order; nothing else calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.normalise.draft import SpecDraft
from understudy.specs.normalise.gather import (
    canonical_paths,
    gathered,
    in_the_vendors_order,
    stated_facts,
    usable_operations,
    with_parents,
    without_wording,
)
from understudy.specs.normalise.names import named_fields, names_in_the_text, vendors_names
from understudy.specs.normalise.own_paths import own_paths
from understudy.specs.normalise.placed import placed
from understudy.specs.normalise.shown_requests import shown_requests
from understudy.specs.normalise.values import (
    fitting_defaults,
    fitting_keywords,
    one_statement_a_keyword,
    trimmed_values,
    typed_values,
    usable_keywords,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from understudy.specs.model import Field, ProviderSpec, Reading
    from understudy.specs.profile import Profile

__all__ = ["PASSES", "placed", "provider_spec"]

PASSES: tuple[Callable[[SpecDraft], SpecDraft], ...] = (
    canonical_paths,
    own_paths,
    usable_operations,
    usable_keywords,
    named_fields,
    trimmed_values,
    typed_values,
    fitting_keywords,
    one_statement_a_keyword,
    fitting_defaults,
    vendors_names,
    stated_facts,
    shown_requests,
    with_parents,
    names_in_the_text,
    in_the_vendors_order,
    without_wording,
)


def provider_spec(
    profile: Profile,
    readings: Sequence[Reading],
    known: Mapping[str, Sequence[Field]],
    usual: Mapping[str, str],
) -> ProviderSpec:
    """What the provider promises, from the readings of its documents in the profile's order.

    `known` holds the vendor's fields of each operation's request, by operation key; the vendor itself is
    read with an empty one. `usual` holds other names that fields are often sold under.
    """
    words = {reading.document: reading.words for reading in readings}
    draft = SpecDraft(gathered(profile, readings), profile, known, usual, words)
    for one in PASSES:
        draft = one(draft)
    return draft.spec
