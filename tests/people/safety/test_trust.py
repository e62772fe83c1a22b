"""Rights that come with use: what is rationed at first, how that ends, and what the member reads about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from told import told_once

from community.abilities.votes.actions import unvote, vote
from community.content.questions.models import Answer
from community.contributions.models import Contribution
from community.contributions.usefulness import count_everybody
from community.core import options
from community.core.clock import now
from community.core.db import db
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.accounts.trust import over_ration

LINKS = "Voir https://a.example/1, https://b.example/2 et www.c.example pour comparer les trois clausiers."


@told_once
def question(make) -> int:
    make.community("cantines")
    return make.question(make.member("Claire Demande", communities={"cantines": "member"}))


def grow(member: int, useful: int = 3, days: int = 8) -> None:
    db.session.execute(
        update(Member).where(Member.id == member).values(useful_count=useful, created_at=now() - timedelta(days=days))
    )
    db.session.flush()


@pytest.mark.parametrize(
    ("useful", "days", "new"), [(3, 8, False), (2, 8, True), (3, 6, True), (0, 400, True), (40, 400, False)]
)
def test_one_is_new_until_old_enough_and_useful(make, context, useful, days, new):
    member = make.member()
    grow(member, useful, days)
    assert identity_of(member).is_new == new


@pytest.mark.parametrize("place", [{"cantines": "expert"}, {"cantines": "moderator"}])
def test_those_whom_somebody_vouched_for_are_never_new(make, context, place):
    assert not identity_of(make.member(communities=place)).is_new
    assert not identity_of(make.member(platform_role="administrator")).is_new


def test_too_many_links_or_mentions_come_back_with_the_words(make, question, client_of, app):
    member = make.member(communities={"cantines": "member"})
    client = client_of(member)
    refused = client.post(f"/questions/{question}/reponses", {"body": LINKS})
    assert refused.status_code == 422 and "2 liens au plus" in refused.text and "https://b.example/2" in refused.text
    mentions = " ".join(f"@[Membre {n}](member:{n})" for n in range(1, 6))
    refused = client.post(f"/contributions/{question}/commentaires", {"body": mentions})
    assert refused.status_code == 422 and "mentionnent 3 personnes" in refused.text
    assert client.post(f"/questions/{question}/reponses", {"body": LINKS.replace("www.", "")}).status_code == 303
    with app.test_request_context("/", method="POST"):
        grow(member)
        db.session.commit()
        db.session.remove()
    assert client.post(f"/questions/{question}/reponses", {"body": LINKS}).status_code == 303


def test_the_eleventh_message_of_the_hour_waits(make, question, client_of, app):
    member = make.member(communities={"cantines": "member"})
    client = client_of(member)
    for number in range(10):
        make.comment(question, member, f"Remarque numéro {number}.")
    late = client.post(f"/questions/{question}/reponses", {"body": "Une onzième contribution de la même heure."})
    assert late.status_code == 422 and "10 messages en une heure" in late.text and "Une onzième" in late.text
    with app.test_request_context("/", method="POST"):
        options.set_option("trust.posts_per_hour", 12, None)
        db.session.commit()
        db.session.remove()
    assert client.post(f"/questions/{question}/reponses", {"body": "Une onzième contribution."}).status_code == 303


def test_usefulness_is_counted_as_it_comes_and_goes(make, question, context):
    author = make.member("Paul Répond", communities={"cantines": "member"})
    answers = [make.answer(question, author) for _number in range(2)]
    discreet = make.question(author, discreet=True)
    peer = identity_of(make.member())
    for id in (*answers, discreet):
        vote(db.session.get(Contribution, id), peer)
    assert identity_of(author).useful_count == 3, "what a pseudonym wrote counts too, for the person alone"
    unvote(db.session.get(Contribution, answers[0]), peer)
    assert identity_of(author).useful_count == 2
    db.session.get(Answer, answers[0]).certified_at = now()
    db.session.execute(update(Member).where(Member.id.in_([author, peer.id])).values(useful_count=9))
    count_everybody()
    assert identity_of(author).useful_count == 3 and identity_of(peer.id).useful_count == 0


def test_the_page_says_what_one_may_do_and_what_is_missing(make, client_of, app):
    member = make.member()
    client = client_of(member)
    page = client.get("/compte/droits").text
    assert "Vos premiers pas" in page and "2 liens par message" in page and "10 messages par heure" in page
    with app.test_request_context("/", method="POST"):
        grow(member)
        db.session.commit()
        db.session.remove()
    page = client.get("/compte/droits").text
    assert "Vos premiers pas" not in page and "rythme sont libres" in page


def test_links_inside_the_site_and_emails_are_not_counted(make, context):
    user = identity_of(make.member())
    text = "[[question:1]] [[question:2]] [[clause:3]] a@b.example c@d.example prix/www.rien https://un.example"
    assert over_ration(user, text) is None
    assert over_ration(user, "https://un.example " * 9) is None, "the same one, repeated"
    assert over_ration(user, LINKS) is not None


def test_an_administrator_sets_the_thresholds(make, client_of, app):
    client = client_of(make.member(platform_role="administrator"))
    page = "/admin/reglages"
    refused = client.submit(page, {"trust_days": "9000"})
    assert refused.status_code == 422 and 'value="9000"' in refused.text
    assert client.submit(page, {"trust_links_per_post": "7", "trust_days": "0"}).status_code == 303
    assert "7 liens par message" in client_of(make.member()).get("/compte/droits").text
    with app.app_context():
        assert options.option("trust.links_per_post") == 7 and options.option("trust.posts_per_hour") == 10
        db.session.remove()
