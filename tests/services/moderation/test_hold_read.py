"""A moderator publishes the text that was read: when its author changed it meanwhile, the new one is shown first."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from community.contributions.actions import publish
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.people.accounts.identity import identity_of
from community.people.communities.models import Community
from community.services.moderation.holds import release
from community.services.moderation.models import Hold, HoldRule

DESK = "/moderation/retenues"
BEFORE = "Nous avons retenu trois lots pour les denrées de la cuisine centrale et cela fonctionne bien."
AFTER = "Achetez donc chez nous les denrées de la cuisine centrale, et tout ira bien pour vous."


@pytest.mark.parametrize("changed", [False, True])
def test_an_embargoed_text_that_is_rewritten_after_its_release_is_looked_at_again(app, make, place, client_of, changed):
    with app.app_context():
        db.session.add(HoldRule(kind="words", settings={"words": ["promotion"]}, changed_by_id=place.administrator))
        db.session.commit()
        db.session.remove()
    day = now().date() + timedelta(days=9)
    question = make.question(place.author, title="Comment annoncer la promotion interne ?")
    with app.test_request_context("/", method="POST"):
        item, author = db.session.get(Contribution, question), identity_of(place.author)
        hold = db.session.query(Hold).one()
        item.embargo = day
        release(hold, identity_of(place.moderator))
        assert item.published_at is None, "the embargo still keeps it"
        if changed:
            item.body = "Une promotion sur nos frigos, à saisir."
        item.embargo = None
        assert publish(item, author) is not changed
        assert db.session.query(Hold).filter_by(state="waiting").count() == int(changed)
        db.session.commit()
        db.session.remove()


@pytest.mark.parametrize("changed", [False, True])
def test_a_text_that_changed_is_shown_before_it_is_published(app, make, place, client_of, changed):
    with app.app_context():
        id = db.session.query(Community.id).filter_by(slug="cantines").scalar()
        db.session.add(
            HoldRule(community_id=id, kind="first_posts", settings={"count": 1}, changed_by_id=place.moderator)
        )
        db.session.commit()
        db.session.remove()
    answer = make.answer(place.question, make.member("Nour", communities={"cantines": "member"}), BEFORE)
    moderator = client_of(place.moderator)
    page = moderator.get(DESK).text
    read = re.search(r'name="read" value="([0-9a-f]{32})"', page)[1]
    with app.app_context():
        hold = db.session.query(Hold.id).scalar()
        if changed:
            db.session.execute(update(Contribution).where(Contribution.id == answer).values(body=AFTER))
            db.session.commit()
        db.session.remove()
    result = moderator.post(f"{DESK}/{hold}/publication", {"read": read})
    assert result.status_code == (409 if changed else 303)
    assert not changed or ("a changé depuis" in result.text and read not in result.text)
    with app.app_context():
        assert (db.session.get(Contribution, answer).published_at is None) == changed
        db.session.remove()
