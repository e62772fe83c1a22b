"""Segments stay few, and no post waits for a large merge."""

import pytest
from search_samples import PUBLIC, entry, ids

from search_index import SearchRequest
from search_index.policy import CHEAP, GROWTH, MOST_SEGMENTS, SETTLED, Size, arriving, following, nightly, settling


def grown(sizes, batch, commits):
    """What commits of so many documents make of an index; and how many documents each of them rewrote."""
    held, costs = [Size(size) for size in sizes], []
    for _ in range(commits):
        chosen = arriving(held, batch)
        merged = sum(held[number].alive for number in chosen)
        costs.append(merged)
        held = [size for number, size in enumerate(held) if number not in chosen] + [Size(merged + batch)]
        assert len(held) <= MOST_SEGMENTS < 8
    return held, costs


@pytest.mark.parametrize("base", [[], [100_000], [49_000, 51_000], [25_000] * 4])
@pytest.mark.parametrize("batch", [1, 7, 10, 20])
def test_a_minute_of_posts_rewrites_little_and_never_what_is_large(base, batch):
    held, costs = grown(base, batch, 1_200 // batch)
    assert max(costs) <= 2 * CHEAP and sum(costs) < 15 * 1_200 * (10 / batch if batch < 10 else 1)
    assert [size.alive for size in held][: len(base)] == base


def test_an_hour_of_posts_still_costs_little_on_average():
    _, costs = grown([100_000], 10, 7_200)
    assert sum(costs) / len(costs) < 30 * 10


def test_what_a_commit_leaves_is_merged_in_a_quiet_moment_step_by_step():
    held = [Size(100_000), Size(540), Size(500), Size(110), Size(10)]
    steps = 0
    while chosen := settling(held):
        merged = sum(held[number].alive for number in chosen)
        assert merged <= SETTLED
        held = [size for number, size in enumerate(held) if number not in chosen] + [Size(merged)]
        steps += 1
    assert 1 <= steps <= 3 and len(held) <= 4 and held[0] == Size(100_000)


@pytest.mark.parametrize("sizes", [[], [Size(10)], [Size(100_000)], [Size(1_000), Size(100)], [Size(SETTLED), Size(1)]])
def test_an_index_in_order_is_left_alone(sizes):
    assert settling(sizes) == []


def test_what_is_mostly_dead_goes():
    assert settling([Size(100_000), Size(10, 20)]) == [1]
    assert arriving([Size(100_000), Size(0, 20)], 1) == [1]
    assert nightly([Size(100, 1)]) == [0] and nightly([Size(100)]) == nightly([]) == []


def test_at_night_all_become_one_unless_little_was_added_to_much():
    assert sorted(nightly([Size(900), Size(50), Size(40)])) == [0, 1, 2]
    assert nightly([Size(100_000), Size(50), Size(40)]) == [2, 1]
    assert nightly([Size(100_000), Size(50)]) == []
    assert sorted(nightly([Size(100_000), Size(20_000)])) == sorted(nightly([Size(100_000, 1), Size(9)])) == [0, 1]
    assert nightly([Size(300_000), Size(50), Size(40)], 250_000) == [2, 1]
    assert nightly([Size(200_000), Size(90_000), Size(40_000)], 250_000) == [2, 1]


def test_a_merge_after_the_commit_takes_what_one_in_it_would():
    assert following([]) == following([Size(3)]) == following([Size(100 * GROWTH), Size(10)]) == []
    assert following([Size(100_000), Size(14), Size(10)]) == [2, 1]


def test_merges_change_nothing_that_is_found(backend):
    everything = SearchRequest("marché", PUBLIC, limit=100)
    for number in range(0, 60, 3):
        backend.apply([entry(f"sheet:{n}", f"Marché {n}", tags=("voirie",)) for n in range(number, number + 3)])
    backend.apply([entry("sheet:7", "Marché changé")], ["sheet:8", "sheet:30"])
    before = backend.search(everything)
    while backend.settle():
        pass
    settled = backend.search(everything)
    backend.optimize()
    merged = backend.search(everything)
    assert before.total == settled.total == merged.total == 58
    assert set(ids(before)) == set(ids(settled)) == set(ids(merged))
    assert before.facets == settled.facets == merged.facets
    assert backend.versions().keys() == set(ids(merged))
