"""What is published is found, as it is now, by those who may see it and by nobody else."""

from __future__ import annotations

import pytest

from community.core.db import db


def find(client, words: str, **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"q": words, **more}.items())
    response = client.get(f"/recherche?{query}")
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("words", ["denrees", "Denrées", "l’allotissement", "allotir denrées", "DENRÉE"])
def test_a_question_is_found_whatever_the_accents_and_elisions(make, people, drain, visitor, words: str):
    make.question(
        people["claire"], title="Faut-il une allotissement des denrées ?", body="Nous hésitons pour l’allotissement."
    )
    drain()
    assert "Faut-il une" in find(visitor, words)


def test_a_thread_is_one_result_found_by_its_answers_and_comments(make, people, drain, visitor):
    question = make.question(people["claire"], title="Quel découpage retenir pour nos repas ?")
    answer = make.answer(question, people["paul"], "Regardez du côté des légumineuses, souvent oubliées.")
    make.comment(answer, people["claire"], "Et le quinoa ?")
    drain()
    for words in ("légumineuses", "quinoa", "découpage légumineuses quinoa"):
        assert find(visitor, words).count(f"/questions/{question}-") == 1


def test_an_edit_a_removal_and_a_return_are_followed(make, people, drain, visitor, client_of):
    question = make.question(
        people["claire"], title="Comment acheter des trottinettes ?", body="Un texte assez long ici."
    )
    client = client_of(people["claire"])
    drain()
    client.submit(f"/questions/{question}/modifier", {"title": "Comment acheter des bicyclettes ?"})
    drain()
    assert "bicyclettes" in find(visitor, "bicyclettes")
    assert f"/questions/{question}-" not in find(visitor, "trottinettes")
    client.post(f"/questions/{question}/retrait")
    drain()
    assert f"/questions/{question}-" not in find(visitor, "bicyclettes")
    client.post(f"/questions/{question}/retour")
    drain()
    assert f"/questions/{question}-" in find(visitor, "bicyclettes")


def test_members_are_found_by_members_only(make, people, drain, visitor, client_of):
    with client_of(people["claire"]).app.app_context():
        from community.core.outbox import emit
        from community.people.accounts.models import Member

        emit("member.edited", db.session.get(Member, people["paul"]))
        db.session.commit()
    drain()
    assert f"/membres/{people['paul']}-paul-roche" in find(client_of(people["claire"]), "Roche", type="member")
    assert "paul-roche" not in find(visitor, "Roche")


def test_what_is_hidden_is_neither_found_nor_counted(make, people, drain, visitor, client_of):
    make.community("cercle", name="Cercle discret", access="invitation", visibility="members")
    insider = make.member("Zoé Lambert", communities={"cercle": "member"})
    make.question(insider, "cercle", title="Comment acheter des pangolins en secret ?", tags=["pangolinerie"])
    make.question(people["claire"], title="Comment acheter des pangolins en public ?")
    drain()
    seen = find(visitor, "pangolins")
    assert "1 résultat" in seen
    for words in ("en secret", "Cercle discret", "pangolinerie"):
        assert words not in seen
        assert words not in find(client_of(people["claire"]), "pangolins")
    assert "2 résultats" in find(client_of(insider), "pangolins")
    assert visitor.get("/recherche/completion?q=pango").json[0]["title"].endswith("public ?")
    assert len(visitor.get("/recherche/completion?q=pango").json) == 1


def test_the_database_has_the_last_word(app, make, people, drain, visitor):
    """An index that lags behind (worker down) shows nothing of what was removed or moved meanwhile."""
    question = make.question(people["claire"], title="Comment acheter des okapis ?")
    drain()
    with app.app_context():
        from community.contributions.models import Contribution
        from community.core.clock import now

        db.session.get(Contribution, question).removed_at = now()
        db.session.commit()
    assert "okapis ?" not in find(visitor, "okapis").replace("Poser cette question", "")


def test_facets_narrow_and_count(make, people, drain, visitor):
    make.community("travaux", name="Travaux durables")
    make.question(people["claire"], title="Des fenêtres pour l’école ?", tags=["isolation"], phase="drafting")
    make.question(people["claire"], "travaux", title="Des fenêtres pour la mairie ?", phase="execution")
    drain()
    everything = find(visitor, "fenêtres")
    assert "2 résultats" in everything
    assert "Travaux durables" in everything
    assert "1 résultat" in find(visitor, "fenêtres", communaute="travaux")
    assert "1 résultat" in find(visitor, "fenêtres", etiquette="isolation")
    assert "1 résultat" in find(visitor, "fenêtres", phase="execution")


def test_passages_are_highlighted_and_escaped(make, people, drain, visitor):
    body = "Avec un <script>alert(1)</script> dans les **parapluies** de service."
    make.question(people["claire"], title="Une question de parapluies ?", body=body)
    drain()
    text = find(visitor, "parapluies")
    assert "<mark>parapluies</mark>" in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    "words", ["*a*", "a~9", "[a TO z]", "(" * 2000, '"', "-", "auteur:", "type:xyz abc", "NOT AND OR", "%00"]
)
def test_hostile_searches_answer(make, people, drain, visitor, words: str):
    make.question(people["claire"])
    drain()
    assert visitor.get("/recherche", query_string={"q": words}).status_code == 200


def test_the_nightly_comparison_mends_what_is_missing_and_what_is_left(app, make, people, drain, visitor):
    kept = make.question(people["claire"], title="Comment acheter des lamas ?")
    drain()
    lost = make.question(people["claire"], title="Comment acheter des yaks ?")
    with app.app_context():
        from community.contributions.models import Contribution
        from community.core.clock import now
        from community.core.outbox import Event
        from community.services.search.index import repair

        db.session.query(Event).delete()
        db.session.get(Contribution, kept).removed_at = now()
        db.session.commit()
        written, removed = repair()
        db.session.rollback()
    assert (written >= 1, removed) == (True, 1)
    assert f"/questions/{lost}-" in find(visitor, "yaks")


def test_search_costs_six_statements(make, people, drain, client_of, statements):
    for number in range(12):
        make.question(people["claire"], title=f"Comment acheter des tables, lot {number} ?", tags=["mobilier"])
    drain()
    client = client_of(people["claire"])
    with statements() as counted:
        assert client.get("/recherche?q=tables").status_code == 200
    assert counted.count <= 6, counted.statements
