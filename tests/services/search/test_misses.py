"""Searches that find nothing: what the page offers, and what is written down of them."""

from __future__ import annotations

from community.services.search.models import SearchMiss


def test_what_finds_nothing_is_counted_without_the_person(make, people, visitor, client_of, find, work, rows):
    make.question(people["claire"])
    work()
    for client, words in ((visitor, "trottinettes hydrogène"), (client_of(people["claire"]), "Hydrogène trottinette")):
        page = find(client, words)
        assert "Rien ne correspond" in page
        assert rows(SearchMiss) == [] or rows(SearchMiss)[0].count == 1
        work()
    (miss,) = rows(SearchMiss)
    assert miss.count == 2
    assert miss.words == "Hydrogène trottinette"
    assert miss.solved_by_id is None
    assert "member" not in " ".join(column.name for column in SearchMiss.__table__.columns)


def test_filters_empty_words_and_what_finds_are_not_written(make, people, visitor, find, work, rows, drain):
    make.question(people["claire"], title="Des fenêtres pour l’école ?", tags=["isolation"])
    drain()
    for words, more in (
        ("", {}),
        ("le la les", {}),
        ("fenêtres", {}),
        ("fenetrs", {}),
        ("fenêtres", {"etiquette": "autre"}),
        ("etiquette:autre", {}),
        ("okapi avant:2020-01-01", {}),
    ):
        find(visitor, words, **more)
    work()
    assert rows(SearchMiss) == []


def test_nothing_found_offers_ways_on(make, people, visitor, client_of, find, drain):
    make.question(people["claire"], title="Des fenêtres pour l’école ?", tags=["isolation"])
    drain()
    page = find(visitor, '"fenêtres triangulaires"')
    assert "Chercher un mot seul" in page
    assert "/recherche?q=fen%C3%AAtres" in page
    assert "Poser cette question" in page and "/questions/nouvelle?title=" in page
    assert "Suivre cette recherche" in page
    narrowed = find(visitor, "fenêtres", etiquette="autre")
    assert "Chercher sans filtre" in narrowed and "1 résultat" in narrowed
    assert "Chercher un mot seul" in find(visitor, '"fenetrs carrees"')


def test_ways_on_show_nothing_hidden(make, people, visitor, find, drain):
    make.community("cercle", access="invitation", visibility="members")
    insider = make.member(communities={"cercle": "member"})
    make.question(insider, "cercle", title="Des pangolins en secret ?")
    drain()
    for words in ('"pangolins roses"', '"pangolin rose"', '"pangolain rose"'):
        assert "Chercher un mot seul" not in find(visitor, words)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_corrected_words_find_and_say_so(make, people, visitor, find, drain):
    make.question(people["claire"], title="Une procédure adaptée pour les repas ?")
    drain()
    page = find(visitor, "procedrue adpatée")
    assert "procédure adaptée »" in page.replace("\u202f", " ").replace("\xa0", " ") and "vous avez écrit" in page
    assert "Et maintenant ?" in page and "Poser cette question" in page
    assert 'name="q" value="procédure adaptée"' in page, "what is followed is what found something"


def test_the_worker_forgets_what_is_old_and_never_overflows(app, people, monkeypatch, rows):
    from datetime import timedelta

    from community.core.clock import now
    from community.core.db import db
    from community.services.search import misses

    monkeypatch.setattr(misses, "MOST", 2)
    with app.app_context():
        for words in ("okapi", "lama", "yak", "okapi"):
            misses.count_miss(words)
        db.session.flush()
        db.session.query(SearchMiss).filter_by(words="lama").update({"last_at": now() - timedelta(days=400)})
        misses.forget_old_misses()
        db.session.commit()
        db.session.remove()
    assert [(row.words, row.count) for row in rows(SearchMiss)] == [("okapi", 2)]


def test_the_one_word_that_finds_nothing_is_corrected_alone(make, people, visitor, find, drain):
    make.question(people["claire"], title="Une procédure adaptée pour les repas ?")
    make.question(people["claire"], title="Quelle procédure pour les fleurs ?")
    drain()
    page = plain(find(visitor, "procédure adpatée"))
    assert "Résultats pour « procédure adaptée » (vous avez écrit « procédure adpatée »)" in page
    assert "2 résultats" in page, "what the other word finds is still there"
    assert "vous avez écrit" not in find(visitor, "procédure adaptée")
    assert "vous avez écrit" not in find(visitor, "procédure xylophage")


def test_another_spelling_is_never_a_hidden_word(make, people, visitor, find, drain):
    make.community("cercle", access="invitation", visibility="members")
    insider = make.member(communities={"cercle": "member"})
    make.question(insider, "cercle", title="Des pangolins en secret ?")
    make.question(people["claire"], title="Une procédure pour les repas ?")
    drain()
    assert "pangolins" not in find(visitor, "procédure pangolns")
