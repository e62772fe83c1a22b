"""A made-up corpus with the statistics of real posts: words by Zipf's law, topics, communities, dates. Always the same."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from search_index import IndexEntry

VOCABULARY = 40_000
TOPICS = 200
TOPIC_WORDS = 120
KINDS = (("question", 0.5), ("answer", 0.2), ("sheet", 0.1), ("clause", 0.1), ("document", 0.1))
PHASES = ("programming", "sourcing", "needs", "drafting", "consultation", "analysis", "award", "execution", "review")
STARTS = ("b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "ch", "pr", "tr", "cl")
VOWELS = ("a", "e", "i", "o", "u", "é", "an", "on", "eur")
SYLLABLES = [start + end for start in STARTS for end in VOWELS]
ENDINGS = ("", "s", "e", "es", "ment", "tion", "tions", "er", "eur", "ité", "age", "ique")
START = datetime(2023, 1, 1, tzinfo=UTC)


class Corpus:
    """Entries and queries drawn from one seed."""

    def __init__(self, seed: int = 7) -> None:
        rng = random.Random(seed)
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            words["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) + rng.choice(ENDINGS)] = None
        self.words = list(words)
        self.cumulated = list(accumulate(1 / (rank + 8) for rank in range(VOCABULARY)))
        self.topics = [[rng.randrange(50, VOCABULARY) for _ in range(TOPIC_WORDS)] for _ in range(TOPICS)]

    def entries(self, count: int, seed: int = 11) -> Iterator[IndexEntry]:
        """`count` entries of about 110 words."""
        rng = random.Random(seed)
        for number in range(1, count + 1):
            topic = rng.randrange(TOPICS)
            kind = rng.choices([name for name, _ in KINDS], [share for _, share in KINDS])[0]
            community = f"c{rng.randrange(40)}"
            yield IndexEntry(
                id=f"{kind}:{number}",
                kind=kind,
                ref=number,
                title=self.text(rng, topic, rng.randint(4, 12)),
                body=self.text(rng, topic, min(600, int(rng.lognormvariate(4.4, 0.7)) + 10)),
                tags=tuple(self.words[word] for word in rng.sample(self.topics[topic][:12], 2)),
                facets={"community": (community,), "phase": (rng.choice(PHASES),)},
                access=frozenset({"public"} if rng.random() < 0.7 else {community}),
                author=f"Membre {rng.randrange(3000)}",
                created_at=START + timedelta(minutes=rng.randrange(1_500_000)),
                version="1",
            )

    def text(self, rng: random.Random, topic: int, length: int) -> str:
        own = self.topics[topic]
        total = self.cumulated[-1]
        return " ".join(
            self.words[own[int(TOPIC_WORDS * rng.random() ** 2)]]
            if rng.random() < 0.35
            else self.words[bisect(self.cumulated, rng.random() * total)]
            for _ in range(length)
        )

    def queries(self, count: int, terms: int, seed: int = 13) -> list[str]:
        """Queries of so many words, as people would choose them: on one topic, with a few common words."""
        rng = random.Random(seed * 1000 + terms)
        return [self.text(rng, rng.randrange(TOPICS), terms) for _ in range(count)]
