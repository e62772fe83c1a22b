"""The first candidates put in their final order: what a whole entry says beyond the sum of the words that it shares.

Seven signals for each candidate, added up with weights that `python -m bench.fit_ranking` learns from judged questions
(see docs/search.md). Nothing is read but the records of the candidates, so both engines rank alike.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from search_index.analysis import terms
from search_index.schema import facet_key
from search_index.source import Ranked, Source

CANDIDATES = 60
LIKELY = 5
"""The tags of so many first candidates say what the text is about."""
SAMPLE = 20
"""The words of so many first candidates say which words keep company with those asked."""
SATURATION = 2.0
LEAD = 60
"""An entry says what it is about in its first words."""
READ = 30_000
"""Characters of an entry that are weighed, some fifteen pages: a search must not count the words of sixty whole books."""

SIGNALS = ("score", "tags", "whole", "held", "lead", "length", "company")
TITLE_ONLY = (1.81, 1.31, 1.57, 1.2, 0.88, -0.55, 1.05)
WITH_BODY = (3.73, 1.22, 1.41, 0.15, 0.45, -0.44, 0.74)
"""What each signal weighs for a title or a search, and for a title with its text: see `bench/fit_ranking.py`."""


@dataclass(frozen=True)
class Profile:
    """What is read of a candidate: how much each of its words counts, and the words of its beginning."""

    counts: Mapping[str, float]
    norm: float
    lead: frozenset[str]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Profile:
        texts = record["sequence"][:READ].split("|")
        counted = Counter(chain.from_iterable(map(str.split, texts)))
        counts = {term: count / (count + SATURATION) for term, count in counted.items()}
        headings = sum(bool(terms(text)) for text in (record["title"], *record["tags"]))
        lead = texts[headings].split()[:LEAD] if headings < len(texts) else ()
        return cls(counts, math.hypot(*counts.values()) or 1.0, frozenset(lead))


def reranked(
    source: Source, ranked: Ranked, asked: Collection[str], held: Collection[str], weights: Sequence[float]
) -> Ranked:
    """A ranking with its first candidates in their final order, between the scores that they had.

    `asked` are the words of the title or of the search, `held` all the words of the text.
    """
    first, rest = ranked[:CANDIDATES], ranked[CANDIDATES:]
    if len(first) < 2:
        return ranked
    found = signals(source, first, asked, held)
    worth = [sum(weight * signal for weight, signal in zip(weights, row, strict=True)) for row in found]
    low, high, least, most = first[-1][0], first[0][0], min(worth), max(worth)
    scale = (high - low) / (most - least) if most > least else 0.0
    order = sorted(range(len(first)), key=lambda n: -worth[n])
    return [(low + scale * (worth[n] - least), first[n][1]) for n in order] + rest


def signals(source: Source, ranked: Ranked, asked: Collection[str], held: Collection[str]) -> list[tuple[float, ...]]:
    """For each candidate the signals named in `SIGNALS`, most of them between 0 and 1."""
    titles = [source.title_terms(doc) for _, doc in ranked]
    profiles = [Profile.of(source.record(doc)) for _, doc in ranked]
    source.prepare({term for title in titles for term in title})
    rarity = {term: source.rarity(term) for term in {*asked, *(term for title in titles for term in title)}}
    wanted = {term: rarity[term] for term in asked if rarity[term]}
    top = ranked[0][0] or 1.0
    return [
        (
            score / top,
            lift,
            share({term: rarity[term] for term in title}, held),
            share(wanted, profile.counts),
            share(wanted, profile.lead),
            math.log(1 + len(title)),
            near,
        )
        for (score, _), lift, title, profile, near in zip(
            ranked, tag_lifts(source, ranked), titles, profiles, company(source, profiles, wanted), strict=True
        )
    ]


def share(weights: Mapping[str, float], held: Collection[str]) -> float:
    """How much of some weighted words is held, from 0 to 1."""
    whole = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / whole if whole else 0.0


def tag_lifts(source: Source, ranked: Ranked) -> list[float]:
    """How much each candidate carries the tags of the first ones: what is alike is relevant together."""
    tags = [(score, source.tags(doc)) for score, doc in ranked]
    likely: Counter[str] = Counter()
    for score, carried in tags[:LIKELY]:
        for tag in carried:
            likely[tag] += score * score
    worth = {tag: mass * source.key_rarity(facet_key("tag", tag)) for tag, mass in likely.items()}
    lifts = [sum(worth.get(tag, 0.0) for tag in carried) for _, carried in tags]
    top = max(lifts)
    return [lift / top if top else 0.0 for lift in lifts]


def company(source: Source, profiles: Sequence[Profile], wanted: Mapping[str, float]) -> list[float]:
    """How much each candidate holds the words that keep company with those asked, without those asked.

    A word that several of the first candidates hold stands near each word asked that they hold too. Each word asked has
    the same voice, whatever the number of candidates that hold it: the one that few hold is not drowned by the others.
    """
    sample = profiles[:SAMPLE]
    spread = Counter(term for profile in sample for term in profile.counts)
    kept = {term for term, count in spread.items() if count > 1 and term not in wanted}
    source.prepare(kept)
    rarity = {term: idf for term in kept if (idf := source.idf(f"b{term}"))}
    vectors = [{term: n * rarity[term] for term, n in one.counts.items() if term in rarity} for one in profiles]
    around: Counter[str] = Counter()
    for asked, weight in wanted.items():
        near: Counter[str] = Counter()
        for profile, vector in zip(sample, vectors, strict=False):
            if count := profile.counts.get(asked):
                for term, value in vector.items():
                    near[term] += count * value
        if length := math.hypot(*near.values()):
            for term, value in near.items():
                around[term] += weight * value / length
    length = math.hypot(*around.values()) or 1.0
    return [
        sum(value * around[term] for term, value in vector.items()) / (profile.norm * length)
        for profile, vector in zip(profiles, vectors, strict=True)
    ]
