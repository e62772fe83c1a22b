"""A new tag is made on purpose: those near it are named first, and only those that one may know."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from community.abilities.tags.models import Tag
from community.core.db import db

ASKED = "serait une nouvelle étiquette"


@pytest.fixture
def scene(make, client_of):
    make.community("cantines")
    make.community("secrete", visibility="members")
    claire = make.member("Claire", communities={"cantines": "member"})
    other = make.member(communities={"cantines": "member", "secrete": "member"})
    make.question(other, tags=["denrées alimentaires", "circuits courts"])
    make.question(other, "secrete", tags=["denrées de contrebande"])
    client = client_of(claire)

    def send(tags: str, **more: str):
        typed = {
            "title": "Comment allotir le pain de nos cantines ?",
            "body": "Douze écoles, trois boulangers dans la commune.",
            "community": "cantines",
            "suggestions_seen": "1",
        }
        return client.submit("/questions/nouvelle", {**typed, "tags": tags, **more}, "/questions/nouvelle")

    return send


def labels() -> set[str]:
    return set(db.session.scalars(select(Tag.label)))


@pytest.mark.parametrize(("typed", "near"), [("denré", "denrées alimentaires"), ("circuit court", "circuits courts")])
def test_a_tag_near_another_is_asked_about_once(app, scene, typed, near):
    answer = scene(typed)
    assert answer.status_code == 422 and ASKED in answer.text and near in answer.text
    assert "contrebande" not in answer.text
    with app.app_context():
        assert typed not in labels()
    told = answer.text.split('name="tags-nouvelles"')[1].split('value="')[1].split('"')[0]
    assert scene(typed, **{"tags-nouvelles": told}).status_code == 303
    with app.app_context():
        assert typed in labels()


@pytest.mark.parametrize("typed", ["Denrées alimentaires", "circuits courts bio", "pain", ""])
def test_a_tag_that_exists_or_is_near_none_is_taken(scene, typed):
    assert scene(typed).status_code == 303
