"""From the readings of a provider's documents to its ProviderSpec: an ordered list of small passes.

A pass takes a draft (the spec so far, and what is known of the vendor's fields) and returns a new one; each
does one thing and says in a note what a person should know. `PASSES` is the order; nothing else calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from specs.normalise.draft import Draft
from specs.normalise.gather import (
    canonical_paths,
    gathered,
    in_the_vendors_order,
    stated_facts,
    usable_operations,
    with_parents,
    without_wording,
)
from specs.normalise.names import named_fields, vendors_names
from specs.normalise.placed import placed
from specs.normalise.values import (
    fitting_defaults,
    fitting_keywords,
    one_statement_a_keyword,
    trimmed_values,
    typed_values,
    usable_keywords,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from specs.model import Field, ProviderSpec, Reading
    from specs.profile import Profile

__all__ = ["PASSES", "placed", "provider_spec"]

PASSES: tuple[Callable[[Draft], Draft], ...] = (
    canonical_paths,
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
    with_parents,
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
    draft = Draft(gathered(profile, readings), profile, known, usual)
    for one in PASSES:
        draft = one(draft)
    return draft.spec
