"""What a pair of schemas is part of, in graphs as documents make them: shared, and with ways back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.diff.facts import Pair, Surface
from understudy.specs.witness.trails import Trails

SIZE = 8
GRAPHS = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)), max_size=3 * SIZE)


def pairs_of(edges: list[tuple[int, int]], used: set[int]) -> list[Pair]:
    """Pairs with (pair, parent) edges; those `used` are the schemas of a surface each."""
    pairs = [Pair({}, {}, "request") for _ in range(SIZE)]
    for below, above in edges:
        pairs[below].parents.append((pairs[above], ("property", "p")))
    for number in used:
        pairs[number].surfaces.append(Surface(f"POST /{number}", "request", "body", "application/json"))
    return pairs


@given(GRAPHS, st.sets(st.integers(0, SIZE - 1)), st.permutations(range(SIZE)))
def test_a_pair_reaches_the_surfaces_of_all_that_are_above_it(
    edges: list[tuple[int, int]], used: set[int], order: list[int]
) -> None:
    pairs, trails = pairs_of(edges, used), Trails()
    above = {number: {number} for number in range(SIZE)}
    for _ in range(SIZE):
        for below, parent in edges:
            above[below] |= above[parent]
    expected = {n: {s for m in above[n] for s in pairs[m].surfaces} for n in range(SIZE)}
    assert {n: trails.reach(pairs[n]) for n in order} == expected
    assert [trails.names(pair) for pair in pairs] == [
        tuple(sorted(map(str, expected[n]))) for n in range(SIZE)
    ]
    assert {id(trails.reach(pair)) for pair in pairs} == {id(one) for one in set(map(trails.reach, pairs))}
