"""The block scorer gives exactly the scores of Whoosh's own matchers, whatever it skips."""

import random
from datetime import UTC, datetime, timedelta
from pickle import dumps
from struct import unpack

import pytest
from search_samples import entry
from whoosh.index import FileIndex
from whoosh.query import Or, Term
from whoosh.scoring import BaseScorer, WeightingModel
from whoosh.searching import Searcher

from search_index import open_backend
from search_index.bits import bits_of, flags_of
from search_index.mapped import MappedStorage
from search_index.postings import _step_through, read_postings
from search_index.schema import make_schema
from search_index.segment_source import SegmentSource
from search_index.source import Scope
from search_index.termtable import _unpickled

WORDS = [f"mot{i}" for i in range(60)]


class Price(WeightingModel):
    """Whoosh's side: the weight of the posting times the boost of the query's term."""

    class Scorer(BaseScorer):
        def score(self, matcher):
            return matcher.weight()

        def max_quality(self):
            return 1e9

        block_quality = None

        def supports_block_quality(self):
            return False

    def scorer(self, searcher, fieldname, text, qf=1):
        return self.Scorer()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Several segments, deletions, replacements: what an index looks like after a month."""
    rng = random.Random(5)
    backend = open_backend(str(tmp_path_factory.mktemp("index")))

    def one(number):
        body = " ".join(rng.choices(WORDS, [1 / (i + 1) for i in range(60)], k=rng.randint(3, 60)))
        access = frozenset({"public"} if rng.random() < 0.5 else {f"c{rng.randrange(4)}"})
        moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(5000))
        return entry(f"sheet:{number}", " ".join(rng.sample(WORDS, 3)), body, access=access, created_at=moment)

    backend.rebuild(one(number) for number in range(900))
    for _batch in range(5):
        backend.apply([one(rng.randrange(700)) for _ in range(30)], [f"sheet:{rng.randrange(900)}" for _ in range(9)])
    yield backend
    backend.close()


def whoosh_scores(backend, priced, allowed, offsets):
    reader = FileIndex(MappedStorage(backend.store.path(backend.store.pointer())), schema=make_schema()).reader()
    with Searcher(reader, weighting=Price()) as searcher:
        query = Or([Term("term", key, boost=price) for key, price in priced.items()])
        matcher = query.matcher(searcher, searcher.context(weighting=Price()))
        found = {}
        while matcher.is_active():
            number = max(n for n, offset in enumerate(offsets) if offset <= matcher.id())
            docnum = matcher.id() - offsets[number]
            if allowed[number] >> docnum & 1:
                found[number, docnum] = matcher.score()
            matcher.next()
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 10, 25, 40])
@pytest.mark.parametrize("readers", [{"public"}, {"public", "c0", "c1", "c2", "c3"}, {"c1"}, {"nobody"}])
@pytest.mark.parametrize("short", [True, False])
def test_same_documents_and_scores_as_whoosh(corpus, size, readers, short, monkeypatch):
    if not short:  # a small corpus, made to be treated as a large one
        monkeypatch.setattr("search_index.scorer.SHORT", 0)
        monkeypatch.setattr("search_index.postings.STRONGEST", 30)
        for segment in corpus._current().segments:
            for found in segment._postings.values():
                found._strongest = None
    snapshot = corpus._current()
    assert len(snapshot.segments) > 1
    offsets = [sum(segment.size for segment in snapshot.segments[:n]) for n in range(len(snapshot.segments))]
    allowed = snapshot.allowed(Scope(readers=frozenset(readers)))
    weights = {term: (1.0, 3.0, 12.0)[n % 3] for n, term in enumerate(random.Random(size).sample(WORDS, size))}
    expected = whoosh_scores(corpus, SegmentSource(snapshot).priced(weights), allowed, offsets)
    found = SegmentSource(snapshot).best(weights, allowed, 10)
    top = sorted(expected.values(), reverse=True)[:10]
    assert [score for score, _ in found] == pytest.approx(top, rel=1e-5)
    for score, doc in found:
        assert score == pytest.approx(expected[doc], rel=1e-5)


def test_a_common_word_is_not_read_whole(corpus, monkeypatch):
    monkeypatch.setattr("search_index.scorer.SHORT", 0)
    monkeypatch.setattr("search_index.postings.STRONGEST", 40)
    segment = corpus._current().segments[0]
    found = read_postings(segment.reader, "term", "bmot0")
    assert len(found.ids) > 40 > len([w for w in found.weights if w > found.floor()]) and found.floor() < found.peak


def test_nothing_skipped_changes_the_order(corpus):
    snapshot = corpus._current()
    allowed = snapshot.allowed(Scope(readers=frozenset({"public"})))
    weights = dict.fromkeys(WORDS[:12], 1.0)
    source = SegmentSource(snapshot)
    everything = source.best(weights, allowed, 10_000)
    assert source.best(weights, allowed, 7) == everything[:7]


def test_blocks_and_the_public_matcher_agree(corpus):
    for segment in corpus._current().segments:
        for key in segment.expand("term", "b", 50):
            matcher = segment.reader._terms.matcher("term", key.encode(), segment.reader.schema["term"].format)
            read, stepped = read_postings(segment.reader, "term", key), _step_through(matcher)
            assert read.ids == stepped.ids and read.weights == stepped.weights and read.peak == stepped.peak


def test_a_list_longer_than_a_block_is_read_whole(whoosh):
    whoosh.rebuild(entry(f"sheet:{i}", "commun") for i in range(3000))
    segment = whoosh._current().segments[0]
    assert list(segment.postings("tcommun").ids) == list(range(3000))


@pytest.mark.parametrize("ids", [[], [0], [5, 9], range(0, 1000, 3), range(1000)])
def test_bit_sets_hold_what_they_were_given(ids):
    bits = bits_of(list(ids), 1000)
    assert [i for i in range(1000) if bits >> i & 1] == list(ids)
    assert [i for i, flag in enumerate(flags_of(bits, 1000)) if flag] == list(ids)
    assert flags_of(0, 0) == b""


def test_the_table_of_terms_says_what_whoosh_says(corpus):
    for segment in corpus._current().segments:
        keys = [*segment.expand("term", "", 5_000), "bmot", "bmot1000", "zéro", ""]
        assert segment._table is not None and len(keys) > 100
        for key in keys:
            assert segment._table.count(segment._table.find(key)) == segment.reader.doc_frequency("term", key)
        for key in keys[:50]:
            counted, found = segment.frequency(key), segment.postings(key)
            whole = read_postings(segment.reader, "term", key)
            assert (counted, found.ids, found.weights) == (len(whole.ids), whole.ids, whole.weights)
            assert found.peak == pytest.approx(whole.peak, rel=1e-6) and found.peak >= whole.peak


def test_a_block_is_read_wherever_its_two_values_part():
    told, data = (3, 9, 0.5, 0, 1, 1), ((2, 3, 4), (0.25, 0.5, 0.125), None)
    block = dumps(told, 2) + dumps(data, 2)
    assert _unpickled(block) == (told, data)
    odd = (3, 9, unpack(">d", b"..\x80\x02.\x80\x02@")[0], 0, 1, 1)
    assert _unpickled(dumps(odd, 2) + dumps(data, 2)) == (odd, data)
