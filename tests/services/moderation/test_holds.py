"""What waits before publication: each rule, what the author sees, the release and the refusal; edits that add."""

from __future__ import annotations

import re

import pytest
from moderation_reads import column, last
from sqlalchemy import select, update

from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core.audit import AuditEntry
from community.core.db import db
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.services.moderation.models import Hold, HoldRule

DESK = "/moderation/retenues"
FRENCH = "Nous avons retenu trois lots pour les denrées de la cuisine centrale et cela fonctionne bien."
ENGLISH = "We are selling the best kitchens for your town and you can buy them now on our website with free delivery."


@pytest.fixture
def rule(app, place):
    """``rule("words", words=["promotion"])``: turn a rule on in the community."""

    def turn_on(kind: str, everywhere: bool = False, **settings) -> None:
        with app.app_context():
            id = None if everywhere else db.session.scalar(select(Community.id).where(Community.slug == "cantines"))
            db.session.add(HoldRule(community_id=id, kind=kind, settings=settings, changed_by_id=place.administrator))
            db.session.commit()
            db.session.remove()

    return turn_on


def published(client, hold: int):
    """Press « Publier » on the page where the text that waits is read."""
    read = re.search(r'name="read" value="([0-9a-f]{32})"', client.get(f"{DESK}?retenue={hold}").text)
    return client.post(f"{DESK}/{hold}/publication", {"read": read[1] if read else ""})


def test_a_first_post_waits_and_its_author_knows_why(app, make, place, client_of, visitor, rule, drain):
    rule("first_posts", count=1)
    newcomer = make.member("Nour Nouvelle", communities={"cantines": "member"})
    answer = make.answer(place.question, newcomer, FRENCH)
    drain()
    address = visitor.get(f"/questions/{place.question}").headers["Location"]
    assert "trois lots" not in visitor.get(address).text
    assert "trois lots" not in client_of(place.moderator).get(address).text
    page = client_of(newcomer).get(address).text
    assert "trois lots" in page
    assert "l’un de vos premiers messages" in page
    assert column(app, Contribution, place.question, "replies_count") == 1
    assert "attend votre relecture" in client_of(place.moderator).get("/notifications").text
    desk = client_of(place.moderator).get(DESK).text
    assert "trois lots" in desk
    hold = last(app, select(Hold.id))
    assert published(client_of(place.moderator), hold).status_code == 303
    drain()
    assert "trois lots" in visitor.get(address).text
    assert column(app, Contribution, place.question, "replies_count") == 2
    assert "relu et publié" in client_of(newcomer).get("/notifications").text
    make.answer(place.question, newcomer, "Une deuxième réponse, sans attente.")
    assert last(app, select(Hold.id).where(Hold.state == "waiting")) is None
    assert column(app, Contribution, answer, "author_id") == newcomer


def test_experts_and_moderators_never_wait(app, make, place, rule):
    rule("first_posts", count=5)
    expert = make.member(communities={"cantines": "expert"})
    assert column(app, Contribution, make.answer(place.question, expert, FRENCH), "published_at")
    assert column(app, Contribution, make.answer(place.question, place.moderator, FRENCH), "published_at")


@pytest.mark.parametrize(
    ("kind", "settings", "text"),
    [
        ("words", {"words": ["offre spéciale"]}, "Profitez de notre OFFRE SPECIALE sur les frigos."),
        ("language", {}, ENGLISH),
        ("links", {}, "Voyez https://frigos.example/promo pour le détail."),
    ],
)
def test_each_rule_catches_what_it_says(app, make, place, rule, kind, settings, text):
    rule(kind, everywhere=True, **settings)
    newcomer = make.member(communities={"cantines": "member"})
    assert column(app, Contribution, make.answer(place.question, newcomer, FRENCH), "published_at")
    held = make.answer(place.question, newcomer, text)
    assert column(app, Contribution, held, "published_at") is None
    assert last(app, select(Hold.reasons).where(Hold.contribution_id == held))[0][0] == kind


def test_the_same_text_again_waits(app, make, place, rule):
    rule("repeated", days=7)
    again = FRENCH.replace("trois", "quatre")
    assert column(app, Contribution, make.answer(place.question, place.author, FRENCH), "published_at")
    assert column(app, Contribution, make.answer(place.question, place.author, FRENCH), "published_at") is None
    assert column(
        app, Contribution, make.answer(place.question, place.author, again + " Voilà un autre propos."), "published_at"
    )
    comment = make.comment(place.answer, place.author, "Venez voir nos frigos, nos prix, nos délais, notre équipe.")
    assert column(app, Comment, comment, "held_at") is None
    comment = make.comment(place.question, place.author, "Venez voir nos frigos, nos prix, nos délais, notre équipe.")
    assert column(app, Comment, comment, "held_at") is not None


def test_a_comment_waits_like_the_rest(app, make, place, client_of, visitor, rule, drain):
    rule("words", words=["frigo"])
    comment = make.comment(place.answer, place.author, "Achetez mon frigo !")
    address = visitor.get(f"/questions/{place.question}").headers["Location"]
    assert "mon frigo" not in visitor.get(address).text
    assert "mon frigo" in client_of(place.author).get(address).text
    assert column(app, Contribution, place.answer, "comments_count") == 1
    hold = last(app, select(Hold.id))
    published(client_of(place.moderator), hold)
    assert column(app, Comment, comment, "removed_at") is None
    assert column(app, Contribution, place.answer, "comments_count") == 2
    assert "mon frigo" in visitor.get(address).text


def test_a_refusal_says_why_keeps_the_text_and_is_contested_once(app, make, place, client_of, rule, drain):
    rule("words", words=["frigo"])
    held = make.answer(place.question, place.author, "Achetez mon frigo, il est très bien.")
    hold = last(app, select(Hold.id))
    words = "Les fournisseurs ne font pas de publicité ici."
    assert client_of(place.moderator).post(f"{DESK}/{hold}/refus", {"message": "non"}).status_code == 422
    assert client_of(place.moderator).post(f"{DESK}/{hold}/refus", {"message": words}).status_code == 303
    assert client_of(place.other).post(f"{DESK}/{hold}/publication").status_code == 409
    drain()
    client = client_of(place.author)
    page = client.get(f"/questions/{place.question}", follow_redirects=True).text
    assert "mon frigo" in page
    assert "Voir pourquoi" in page
    decision = last(app, select(AuditEntry.number).where(AuditEntry.act == "hold.refused"))
    assert decision
    assert (
        client.post("/decisions/1/contestation", {"words": "C’est un retour d’expérience, pas une offre."}).status_code
        == 303
    )
    answer = {"reversed-answer": "Vous avez raison, c’est un retour d’expérience."}
    assert client_of(place.other).post("/moderation/contestations/1/reversed", answer).status_code == 303
    assert column(app, Contribution, held, "published_at") is not None
    assert column(app, Contribution, place.question, "replies_count") == 2


def test_an_edit_that_adds_what_a_rule_looks_for_is_refused_with_its_words(app, make, place, client_of, rule):
    answer = make.answer(place.question, place.author, FRENCH)
    rule("words", words=["frigo"])
    rule("links")
    client = client_of(place.author)
    for added in ("Achetez mon frigo.", "Voir https://frigos.example/promo"):
        fields = {"body": f"{FRENCH} {added}", "revision": "1"}
        response = client.post(f"/reponses/{answer}/modifier", fields)
        assert response.status_code == 422, response.text[-300:]
        assert added.split()[-1] in response.text
        assert column(app, Contribution, answer, "body") == FRENCH
    assert client.post(f"/reponses/{answer}/modifier", {"body": f"{FRENCH} Merci.", "revision": "1"}).status_code == 303
    response = client.post(f"/commentaires/{place.comment}/modifier", {"body": "Un frigo ?"})
    assert response.status_code == 422
    assert "Un frigo ?" in response.text


def test_a_held_sheet_is_told_when_it_comes_out(app, make, place, client_of, rule):
    rule("words", words=["frigo"])
    sheet = make.sheet(place.author, context="Nous cherchions un frigo.")
    assert column(app, Contribution, sheet, "published_at") is None
    assert last(app, select(Community.sheets_count).where(Community.slug == "cantines")) == 0
    assert "à vérifier (frigo)" in client_of(place.author).get(f"/fiches/{sheet}", follow_redirects=True).text
    published(client_of(place.moderator), 1)
    assert column(app, Contribution, sheet, "state") == "published"
    assert last(app, select(Community.sheets_count).where(Community.slug == "cantines")) == 1


def test_moderators_edit_the_rules_of_their_place_only(app, place, client_of):
    fields = {"words": "y", "list": "frigo\nOffre spéciale, frigo", "count": "1", "days": "7"}
    address = "/moderation/regles"
    assert client_of(place.moderator).post(f"{address}?communaute=cantines", fields).status_code == 303
    assert last(app, select(HoldRule.settings)) == {"words": ["frigo", "Offre spéciale"]}
    assert last(app, select(AuditEntry.act).order_by(AuditEntry.number.desc())) == "moderation.rules_changed"
    assert client_of(place.moderator).get(f"{address}?communaute=numerique").status_code == 404
    assert client_of(place.moderator).get(f"{address}?communaute=inconnue").status_code == 404
    assert client_of(place.reader).get(address).status_code == 403
    lacking = client_of(place.moderator).post(f"{address}?communaute=cantines", {"words": "y", "count": "99"})
    assert lacking.status_code == 422
    assert client_of(place.administrator).post(address, {"repeated": "y", "days": "3"}).status_code == 303
    assert last(app, select(HoldRule.settings).where(HoldRule.community_id.is_(None))) == {"days": 3}
    assert client_of(place.moderator).post(f"{address}?communaute=cantines", {}).status_code == 303
    assert last(app, select(HoldRule.id).where(HoldRule.community_id.is_not(None))) is None


@pytest.mark.parametrize("who", ["reader", "elsewhere", "author"])
def test_a_hold_exists_for_its_moderators_alone(make, place, client_of, rule, who):
    rule("words", words=["frigo"])
    make.answer(place.question, place.author, "Un frigo qui attend sa relecture.")
    client = client_of(getattr(place, who))
    assert client.post(f"{DESK}/1/publication").status_code == 404
    assert client.get(f"{DESK}?retenue=1").status_code in (403, 404)


def test_an_author_who_is_gone_is_still_published(app, make, place, client_of, rule):
    rule("words", words=["frigo"])
    held = make.answer(place.question, place.author, "Un frigo qui attend sa relecture.")
    with app.app_context():
        db.session.execute(update(Member).where(Member.id == place.author).values(state="suspended"))
        db.session.commit()
        db.session.remove()
    assert published(client_of(place.moderator), 1).status_code == 303
    assert column(app, Contribution, held, "published_at") is not None
