"""A moderator publishes the text that was read: when its author changed it meanwhile, the new one is shown first."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from community.contributions.models import Contribution
from community.core.db import db
from community.people.communities.models import Community
from community.services.moderation.models import Hold, HoldRule

DESK = "/moderation/retenues"
BEFORE = "Nous avons retenu trois lots pour les denrées de la cuisine centrale et cela fonctionne bien."
AFTER = "Achetez donc chez nous les denrées de la cuisine centrale, et tout ira bien pour vous."


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
