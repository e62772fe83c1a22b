"""Who hears of a clause: everyone who relies on it, once, and nobody who may not see it."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import select
from told import told_once

from community.content.clauses.models import Clause
from community.content.clauses.tasks import say_what_is_to_review
from community.core.clock import now
from community.core.db import db
from community.services.notifications.models import Notification


@told_once
def scene(make, client_of, drain) -> SimpleNamespace:
    """A clause in force, and one person for each way of relying on it."""
    make.community("cantines")

    def member(name: str, role: str = "member") -> int:
        return make.member(name, communities={"cantines": role})

    people = SimpleNamespace(
        author=member("Auteur"), ines=member("Inès", "moderator"), omar=member("Omar", "moderator"), follower=member("Suiveuse"),
        citer=member("Citeur"), exporter=member("Exportatrice"), holder=member("Porteur"), nobody=member("Personne"),
    )  # fmt: skip
    clause = make.clause(people.author, people.ines, title="Délai de livraison")
    client_of(people.follower).post(f"/contributions/{clause}/suivi")
    question = make.question(people.nobody)
    make.answer(question, people.citer, f"Voyez [[clause:{clause}@1]], elle a bien fonctionné.")
    for who in (people.exporter, people.holder):
        client_of(who).post(f"/clauses/{clause}-delai-de-livraison/v1/panier")
    baskets = client_of(people.exporter)
    from community.content.baskets.models import Basket

    with make.app.app_context():
        id = db.session.scalars(select(Basket.id).where(Basket.owner_id == people.exporter)).one()
    baskets.post(f"/panier/{id}/export/md")
    baskets.post(f"/panier/{id}/suppression")
    drain()
    people.clause = clause
    return people


def told(app, event: str) -> list[int]:
    with app.app_context():
        query = select(Notification.member_id).where(Notification.event == event).order_by(Notification.member_id)
        return list(db.session.scalars(query))


def test_a_new_version_is_told_once_to_everyone_who_relies_on_it(app, scene, make, drain, client_of):
    assert told(app, "clause.validated") == [scene.author]
    change = make.change(scene.clause, scene.author, text="Livré sous {{delai_heures}} heures, étiquette lisible.")
    make.validated(change, scene.omar)
    for _time in range(2):
        drain()
    reliant = [scene.author, scene.author, scene.ines, scene.follower, scene.citer, scene.exporter, scene.holder]
    assert told(app, "clause.validated") == sorted(reliant)
    page = client_of(scene.holder).get("/notifications").text
    assert "La clause a une nouvelle version" in page and "Délai de livraison" in page


def test_the_notification_leads_to_the_difference(app, scene, make, drain, client_of):
    make.validated(
        make.change(scene.clause, scene.author, text="Livré sous {{delai_heures}} heures, étiquetté."), scene.omar
    )
    drain()
    with app.app_context():
        id = db.session.scalars(select(Notification.id).where(Notification.member_id == scene.holder)).one()
    response = client_of(scene.holder).post(f"/notifications/{id}")
    rules = [rule.rule for rule in app.url_map.iter_rules("notifications.open_one")]
    response = client_of(scene.holder).post(rules[0].replace("<int:id>", str(id)))
    assert response.headers["Location"].endswith(f"/clauses/{scene.clause}-delai-de-livraison/comparer?a=2")
    page = client_of(scene.holder).get(response.headers["Location"]).text
    assert "<ins>" in page


def test_a_withdrawal_is_told(app, scene, drain, client_of):
    client_of(scene.omar).submit(
        f"/clauses/{scene.clause}-delai-de-livraison/retrait", {"reason": "Contraire au code de la commande publique."}
    )
    drain()
    reliant = [scene.author, scene.ines, scene.follower, scene.citer, scene.exporter, scene.holder]
    assert told(app, "clause.retired") == sorted(reliant)
    place = f"/clauses/{scene.clause}-delai-de-livraison"
    back = {"reason": "L’article invoqué n’était pas le bon."}
    assert client_of(scene.holder).post(f"{place}/retrait/annulation", back).status_code == 403
    assert client_of(scene.ines).post(f"{place}/retrait/annulation", {"reason": "non"}).status_code == 303
    assert "Clause retirée" in client_of(scene.ines).get(place).text
    for _time in range(2):
        client_of(scene.ines).post(f"{place}/retrait/annulation", back)
    drain()
    page = client_of(scene.holder).get(place).text
    assert "Clause retirée" not in page and "a remis la clause en vigueur" in page and "n’était pas le bon" in page
    assert told(app, "clause.put_back") == sorted({*reliant} - {scene.ines})


def test_a_passed_review_date_is_told_once_then_again_for_another_date(app, scene, drain):
    def pass_date(days: int) -> None:
        with app.test_request_context("/", method="POST"):
            db.session.get(Clause, scene.clause).review_due = (now() - timedelta(days=days)).date()
            db.session.commit()
            say_what_is_to_review()
            db.session.remove()
        drain()

    pass_date(2)
    first = told(app, "clause.review_passed")
    assert scene.ines in first and scene.holder in first and scene.nobody not in first
    pass_date(2)
    assert told(app, "clause.review_passed") == first
    pass_date(1)
    assert len(told(app, "clause.review_passed")) == 2 * len(first)


def test_who_lost_sight_of_the_community_is_told_nothing(app, scene, make, drain):
    from community.people.communities.models import Community, Membership

    with app.test_request_context("/", method="POST"):
        db.session.scalars(select(Community)).one().visibility = "members"
        db.session.execute(db.delete(Membership).where(Membership.member_id == scene.holder))
        db.session.commit()
    make.validated(make.change(scene.clause, scene.author, text="Autre texte."), scene.omar)
    drain()
    assert scene.holder not in told(app, "clause.validated")
    assert scene.follower in told(app, "clause.validated")


def test_a_proposal_is_told_to_the_moderators_until_it_is_decided(app, scene, make, drain, client_of):
    version = make.proposal(scene.author, title="Étiquette de lot")
    drain()
    assert told(app, "clause.proposed")[-2:] == [scene.ines, scene.omar]
    omar = client_of(scene.omar)
    assert "propose une clause" in omar.get("/notifications").text
    omar.post(f"/clauses/propositions/{version}/demande", {"ask-reason": "Précisez le délai, s’il vous plaît."})
    drain()
    assert told(app, "clause.changes_requested") == [scene.author]
    with app.app_context():
        unread = select(Notification.id).where(Notification.event == "clause.proposed", Notification.read_at.is_(None))
        assert list(db.session.scalars(unread)) == []
    assert "demande des modifications" in client_of(scene.author).get("/notifications").text


def test_an_article_that_changed_flags_tells_and_is_worked_off(app, scene, make, drain, client_of, visitor):
    other = make.clause(
        scene.author, scene.ines, title="Sans rapport", legal_basis=[{"article": "L2112-2", "checked_on": ""}]
    )
    sheet = make.sheet(
        scene.citer,
        title="Un marché de légumes",
        clauses_used=[{"clause_id": scene.clause, "version": 1, "adapted": False}],
    )
    make.community("ailleurs")
    stranger = make.member("Ailleurs", communities={"ailleurs": "moderator"})
    assert client_of(scene.author).get("/clauses/articles").status_code == 403
    ines = client_of(scene.ines)
    assert ines.submit("/clauses/articles", {"article": ""}).status_code == 422
    assert ines.submit("/clauses/articles", {"article": "article R. 2111-10", "note": "Réécrit."}).status_code == 303
    drain()
    page = ines.get("/clauses/articles").text
    assert "Délai de livraison" in page and "Un marché de légumes" in page and "Sans rapport" not in page
    assert "R2111-10 a changé depuis" in visitor.get(f"/clauses/{scene.clause}", follow_redirects=True).text
    assert scene.holder in told(app, "clause.article_changed")
    assert "Délai de livraison" not in client_of(stranger).get("/clauses/articles").text
    path = f"/clauses/articles/1/{scene.clause}/verification"
    assert client_of(stranger).post(path).status_code == 403
    for _time in range(2):
        assert ines.post(path).status_code == 303
    assert "pages relues : 1 sur 2" in re.sub(r"[\u00a0\u202f]", " ", ines.get("/clauses/articles").text)
    assert "a changé depuis" not in visitor.get(f"/clauses/{scene.clause}", follow_redirects=True).text
    assert ines.post(f"/clauses/articles/1/{sheet}/verification").status_code == 303
    assert "Rien à relire" in ines.get("/clauses/articles").text
    assert ines.post(f"/clauses/articles/1/{other}/verification").status_code == 404
    with app.app_context():
        assert db.session.get(Clause, scene.clause).checked == {"R2111-10": now().date().isoformat()}


def test_a_remark_is_told_to_who_proposed_who_reviews_and_who_spoke(app, scene, make, drain, client_of):
    """Never to who wrote it, nor to somebody who may not read the proposal."""
    change = make.change(scene.clause, scene.citer, text="Livré sous un jour.")
    desk = client_of(scene.omar)
    desk.post(f"/clauses/propositions/{change}/remarques/text", {"body": "Un jour ouvré ?"})
    drain()
    assert told(app, "clause.remarked") == sorted([scene.citer, scene.ines])  # the proposer and the clause's curator
    page = client_of(scene.citer).get("/notifications").text
    assert "a fait une remarque sur une proposition de clause" in page
    client_of(scene.citer).post(f"/clauses/propositions/{change}/remarques/text", {"body": "Oui, ouvré."})
    drain()
    drain()
    assert told(app, "clause.remarked") == sorted([scene.citer, scene.ines, scene.ines, scene.omar])
