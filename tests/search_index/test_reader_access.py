"""Nothing of what one may not see: not in hits, totals, facets, suggestions, links or corrections, whatever moves where."""

import random
from collections import Counter

import pytest
from search_samples import entry, ids

from search_index import SearchRequest

TOKENS = ["public", "members", "c1", "c2", "c3", "u1", "u2"]
WORDS = ["marché", "denrées", "voirie", "clause", "sourçage", "pénalités"]


class Shelf:
    """What the index should hold, kept beside it as plain values."""

    def __init__(self, backend, seed):
        self.backend, self.rng, self.held = backend, random.Random(seed), {}
        self.write(range(60))

    def write(self, numbers):
        batch = [self.one(number) for number in numbers]
        self.held.update({one.id: one for one in batch})
        self.backend.apply(batch)

    def one(self, number):
        access = frozenset(self.rng.sample(TOKENS, self.rng.randint(0, 2)))
        facets = {"phase": (self.rng.choice(["award", "review"]),), "community": (self.rng.choice(["c1", "c2", "c3"]),)}
        title, body = " ".join(self.rng.sample(WORDS, 2)), " ".join(self.rng.sample(WORDS, 3))
        kind = ("question", "sheet")[number % 2]
        return entry(f"{kind}:{number}", title, body, access=access, facets=facets)

    def visible(self, readers, word=None):
        seen = [one for one in self.held.values() if one.access & readers]
        return [one for one in seen if word is None or word in one.title or word in one.body]

    def move(self):
        self.write(self.rng.sample(range(60), 9))
        gone = self.rng.sample(sorted(self.held), 3)
        self.backend.apply([], gone)
        for ident in gone:
            del self.held[ident]


@pytest.mark.parametrize("seed", range(4))
def test_every_answer_is_made_of_visible_entries_only(backend, seed):
    shelf = Shelf(backend, seed)
    for _ in range(4):
        readers = frozenset(shelf.rng.sample(TOKENS, shelf.rng.randint(0, 3)))
        for word in (None, *WORDS):
            check(shelf, readers, word)
        visible = {one.id for one in shelf.visible(readers)}
        assert set(ids(backend.suggest("march", readers, limit=100))) <= visible
        assert set(ids(backend.related("marché denrées", "voirie", readers=readers, limit=100, minimum=0))) <= visible
        shelf.move()


def check(shelf, readers, word):
    expected = shelf.visible(readers, word)
    found = shelf.backend.search(SearchRequest(word or "", readers, limit=100))
    assert sorted(ids(found)) == sorted(one.id for one in expected)
    assert found.total == len(expected)
    for name in ("phase", "community"):
        counts = Counter(value for one in expected for value in one.facets[name])
        assert dict(found.facets.get(name, [])) == counts
    assert dict(found.facets.get("kind", [])) == Counter(one.kind for one in expected)
