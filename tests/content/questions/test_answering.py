"""Answering, accepting, certifying, voting, commenting."""

from __future__ import annotations

import pytest
from told import told_once


@told_once
def people(make) -> dict[str, int]:
    make.community("cantines")
    return {
        "claire": make.member("Claire Martin", communities={"cantines": "member"}),
        "paul": make.member("Paul Roche", communities={"cantines": "expert"}),
        "zoe": make.member("Zoé Lambert", communities={"cantines": "expert"}),
        "sam": make.member("Sam Petit", communities={"cantines": "member"}),
    }


@told_once
def thread(make, people) -> tuple[int, int]:
    question = make.question(people["claire"], title="Comment allotir les denrées des cantines ?")
    return question, make.answer(question, people["paul"], "Des lots fins par famille de produits.")


def page(client, question: int) -> str:
    return client.get(f"/questions/{question}", follow_redirects=True).text


def test_an_answer_is_published_once(people, make, client_of):
    question = make.question(people["claire"])
    client = client_of(people["paul"])
    sent = {"body": "Des lots fins par famille.", "once": "one"}
    first = client.post(f"/questions/{question}/reponses", sent)
    again = client.post(f"/questions/{question}/reponses", sent)
    assert first.status_code == again.status_code == 303
    assert page(client, question).count("Des lots fins par famille.") == 1


def test_a_refused_answer_keeps_its_words_on_the_page(people, make, client_of):
    question = make.question(people["claire"])
    response = client_of(people["paul"]).post(f"/questions/{question}/reponses", {"body": "court"})
    assert response.status_code == 422
    assert "court" in response.text


def test_an_answer_being_typed_is_found_again(people, make, client_of):
    question = make.question(people["claire"])
    client = client_of(people["paul"])
    client.post("/brouillons", {"target": f"answer:{question}", "body": "Une réponse commencée hier soir"})
    assert "Une réponse commencée hier soir" in page(client, question)
    assert "commencée hier soir" not in page(client_of(people["sam"]), question)
    client.post(f"/questions/{question}/reponses", {"body": "Une réponse terminée ce matin."})
    assert "commencée hier soir" not in page(client, question)


def test_quoting_starts_the_answer_with_the_words_and_their_author(people, thread, make, client_of):
    question, answer = thread
    make.community("ailleurs", visibility="members", access="invitation")
    hidden = make.question(
        make.member("Zoé", communities={"ailleurs": "member"}), "ailleurs", body="Un texte bien caché."
    )
    client = client_of(people["sam"])
    text = client.get(f"/questions/{question}?citer={answer}", follow_redirects=True).text
    assert "&gt; **Paul Roche** a écrit" in text
    assert "&gt; Des lots fins par famille de produits." in text
    assert "bien caché" not in client.get(f"/questions/{question}?citer={hidden}", follow_redirects=True).text


def test_an_edit_being_typed_is_found_again(people, thread, client_of):
    _question, answer = thread
    client = client_of(people["paul"])
    kept = {"target": f"contribution:{answer}:edit", "body": "Des lots fins, et une phrase en cours", "revision": "1"}
    client.post("/brouillons", kept)
    assert "une phrase en cours" in client.get(f"/reponses/{answer}/modifier").text


def test_the_asker_alone_accepts_and_may_change_their_mind(people, thread, make, client_of, visitor):
    question, first = thread
    second = make.answer(question, people["sam"], "Un seul lot, chez nous.")
    assert client_of(people["sam"]).post(f"/reponses/{first}/acceptation").status_code == 403
    claire = client_of(people["claire"])
    assert claire.post(f"/reponses/{first}/acceptation").status_code == 303
    assert "Réponse retenue" in page(visitor, question)
    claire.post(f"/reponses/{second}/acceptation")
    assert page(visitor, question).count("Réponse retenue") == 1
    claire.post(f"/reponses/{second}/acceptation/retrait")
    assert "Réponse retenue" not in page(visitor, question)


def test_experts_certify_the_answers_of_others(people, thread, client_of, visitor):
    question, answer = thread
    assert client_of(people["paul"]).post(f"/reponses/{answer}/certification").status_code == 403
    assert client_of(people["sam"]).post(f"/reponses/{answer}/certification").status_code == 403
    assert client_of(people["zoe"]).post(f"/reponses/{answer}/certification").status_code == 303
    text = page(visitor, question)
    assert "Certifiée" in text
    assert "Zoé Lambert" in text
    client_of(people["zoe"]).post(f"/reponses/{answer}/certification/retrait")
    assert "Certifiée par" not in page(visitor, question)


def test_a_certification_until_nonsense_is_refused(people, thread, client_of):
    question, answer = thread
    zoe = client_of(people["zoe"])
    assert zoe.post(f"/reponses/{answer}/certification", {"until": "bientôt"}).status_code == 422
    assert zoe.post(f"/reponses/{answer}/certification", {"until": "2020-01-01"}).status_code == 422
    assert "Certifiée par" not in page(zoe, question)


def test_a_removed_answer_comes_back_as_it_was(people, thread, client_of, visitor):
    question, answer = thread
    client_of(people["claire"]).post(f"/reponses/{answer}/acceptation")
    paul = client_of(people["paul"])
    removed = paul.post(f"/reponses/{answer}/retrait")
    assert removed.status_code == 303
    assert f"/reponses/{answer}/retour" in paul.get(removed.headers["Location"]).text
    assert "Des lots fins" not in page(visitor, question)
    assert "Réponse retenue" not in page(visitor, question)
    assert paul.post(f"/reponses/{answer}/retour").status_code == 303
    assert "Des lots fins" in page(visitor, question)
    assert "etenue" in page(visitor, question)


def test_an_answer_sent_after_the_question_was_closed_is_given_back(people, thread, client_of):
    question, _answer = thread
    client_of(people["claire"]).post(f"/questions/{question}/fermeture", {"reason": "Marché attribué."})
    text = "Une longue réponse commencée avant la fermeture."
    response = client_of(people["sam"]).post(f"/questions/{question}/reponses", {"body": text})
    assert response.status_code == 409
    assert text in response.text
    assert "fermée pendant que vous écriviez" in response.text


def test_a_certification_may_say_until_when(people, thread, client_of, visitor):
    question, answer = thread
    zoe = client_of(people["zoe"])
    assert zoe.submit(f"/reponses/{answer}/certification", {"until": "2001-01-01"}).status_code == 422
    assert zoe.submit(f"/reponses/{answer}/certification", {"until": "2099-06-30"}).status_code == 303
    assert "30 juin 2099" in page(visitor, question)


def test_experts_tag_what_others_wrote(people, thread, client_of, visitor):
    question, _answer = thread
    assert client_of(people["sam"]).get(f"/contributions/{question}/etiquettes").status_code == 403
    paul = client_of(people["paul"])
    assert "Étiqueter" in page(paul, question)
    assert paul.submit(f"/contributions/{question}/etiquettes", {"tags": "allotissement, pain"}).status_code == 303
    assert "allotissement" in page(visitor, question)
    assert "Étiquettes" in visitor.get(f"/contributions/{question}/historique").text


def test_useful_counts_once_per_person_and_never_one_s_own(people, thread, client_of, visitor):
    _question, answer = thread
    claire = client_of(people["claire"])
    for _time in range(3):
        assert claire.post(f"/contributions/{answer}/vote").status_code == 303
    assert client_of(people["paul"]).post(f"/contributions/{answer}/vote").status_code == 403
    from community.contributions.models import Contribution
    from community.core.db import db

    with claire.app.app_context():
        assert db.session.get(Contribution, answer).score == 1
    claire.post(f"/contributions/{answer}/vote/retrait")
    claire.post(f"/contributions/{answer}/vote/retrait")
    with claire.app.app_context():
        assert db.session.get(Contribution, answer).score == 0


def test_a_comment_is_written_corrected_removed_and_brought_back(people, thread, client_of, visitor):
    question, answer = thread
    sam = client_of(people["sam"])
    sam.submit(f"/contributions/{answer}/commentaires", {"body": "Et pour la volaille ?"})
    assert "Et pour la volaille" in page(visitor, question)
    from sqlalchemy import select

    from community.abilities.comments.models import Comment
    from community.core.db import db

    with sam.app.app_context():
        comment = db.session.scalars(select(Comment.id)).one()
    sam.submit(f"/commentaires/{comment}/modifier", {"body": "Et pour le poisson ?"})
    assert "poisson" in page(visitor, question)
    assert client_of(people["paul"]).get(f"/commentaires/{comment}/modifier").status_code == 403
    sam.post(f"/commentaires/{comment}/retrait")
    assert "poisson" not in page(visitor, question)
    sam.post(f"/commentaires/{comment}/retour")
    assert "poisson" in page(visitor, question)


def test_answers_are_sorted_as_asked(people, make, client_of, visitor):
    question = make.question(people["claire"])
    texts = {
        name: make.answer(question, people["sam"], f"Réponse {name} à la question.")
        for name in ("ancienne", "utile", "sûre")
    }
    client_of(people["claire"]).post(f"/contributions/{texts['utile']}/vote")
    client_of(people["zoe"]).post(f"/reponses/{texts['sûre']}/certification")

    def order(sort: str) -> list[str]:
        text = visitor.get(f"/questions/{question}?tri={sort}", follow_redirects=True).text
        return sorted(texts, key=lambda name: text.index(f"Réponse {name}"))

    assert order("certified") == ["sûre", "utile", "ancienne"]
    assert order("useful")[0] == "utile"
    assert order("recent")[0] == "sûre"


def test_the_queue_of_an_expert(people, make, client_of):
    near = make.question(people["claire"], title="Quelle clause de révision des prix choisir ?", deadline=_day(3))
    later = make.question(people["claire"], title="Quel taux de pénalité faut-il retenir ?", deadline=_day(30))
    none = make.question(people["claire"], title="Comment contrôler les livraisons de pain ?")
    answered = make.question(people["claire"], title="Une question qui a déjà sa réponse ?")
    make.answer(answered, people["sam"])
    text = client_of(people["paul"]).get("/questions?vue=queue").text
    places = [text.index(f"/questions/{id}-") for id in (near, later, none)]
    assert places == sorted(places)
    assert f"/questions/{answered}-" not in text


def _day(days: int):
    from datetime import timedelta

    from community.core.clock import now

    return (now() + timedelta(days=days)).date()


@pytest.mark.parametrize("answers", [2, 20])
def test_a_thread_costs_eight_statements_signed_in_and_five_for_a_visitor(
    people, make, client_of, visitor, statements, answers: int
):
    question = make.question(people["claire"], tags=["allotissement"], cpv=["15800000"])
    for number in range(answers):
        answer = make.answer(question, people["sam"], f"Réponse numéro {number} à cette question.")
        make.comment(answer, people["paul"])
    address = visitor.get(f"/questions/{question}").headers["Location"]
    signed_in = client_of(people["claire"])
    with statements() as counted:
        response = signed_in.get(address)
    assert response.status_code == 200
    assert counted.count <= 8, counted.statements
    with statements() as counted:
        response = visitor.get(address)
    assert counted.count <= 5, counted.statements
    assert len(response.data) < 60_000


@pytest.mark.parametrize("vue", ["recent", "unanswered", "unresolved", "followed", "mine", "queue"])
def test_lists_cost_six_statements_whatever_their_length(people, make, client_of, statements, vue: str):
    client = client_of(people["paul"])
    counts = []
    for _round in range(2):
        for _number in range(6):
            make.question(people["claire"], tags=["pain"])
        with statements() as counted:
            assert client.get(f"/questions?vue={vue}").status_code == 200
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 6
