"""Who is told of what: once, never oneself, never of what one may not see."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from community.abilities.comments.actions import remove_comment
from community.abilities.comments.models import Comment
from community.abilities.follows.actions import follow
from community.abilities.links.models import Link
from community.content.questions.actions import accept_answer, certify_answer
from community.content.questions.models import Answer, Question
from community.contributions.actions import remove, restore
from community.contributions.models import Contribution
from community.core.db import db
from community.core.outbox import Event, emit
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.communities.actions import edit_community, leave_community, set_role
from community.people.communities.admissions import accept_request, invite, refuse_request, request_to_join
from community.people.communities.models import Community
from community.people.communities.queries import request_in
from community.permissions import get_visible
from community.services.notifications.models import Notification


@pytest.fixture
def told(app):
    """``told(member)``: the events told to a member, oldest first."""

    def read(member_id: int) -> list[str]:
        with app.app_context():
            rows = db.session.scalars(
                select(Notification.event).where(Notification.member_id == member_id).order_by(Notification.id)
            ).all()
            db.session.remove()
        return list(rows)

    return read


@pytest.fixture
def unread(app):
    def read(member_id: int) -> int:
        with app.app_context():
            count = db.session.scalar(select(Member.unread_count).where(Member.id == member_id))
            db.session.remove()
        return count

    return read


@pytest.fixture
def act(app):
    """``act(action)``: run it as a request would, and commit."""

    def run(action):
        with app.test_request_context("/", method="POST"):
            action()
            db.session.commit()
            db.session.remove()

    return run


def community(slug: str) -> Community:
    return db.session.scalars(select(Community).where(Community.slug == slug)).one()


def item(model, id: int, user: int):
    extra = [joinedload(Answer.question)] if model is Answer else []
    return get_visible(model, id, identity_of(user), *extra)


def mention(name: str, id: int) -> str:
    return f"Qu’en penses-tu, @[{name}](member:{id}) ? Ton avis compte beaucoup."


def test_a_question_goes_to_the_experts_of_its_field(make, drain, told):
    claire = make.member(communities={"cantines": "member"})
    lots = make.member(communities={"cantines": "expert"}, expertise=["Allotissement"])
    bio = make.member(communities={"cantines": "expert"}, expertise=["Agriculture biologique"])
    elsewhere = make.member(communities={"voirie": "expert"}, expertise=["Allotissement"])
    make.question(claire, tags=["allotissement"])
    drain()
    assert told(lots) == ["question.published"]
    assert told(bio) == told(elsewhere) == told(claire) == []


def test_a_question_of_no_field_goes_to_every_expert(make, drain, told):
    claire = make.member(communities={"cantines": "expert"})
    lots = make.member(communities={"cantines": "expert"}, expertise=["Allotissement"])
    bio = make.member(communities={"cantines": "expert"})
    plain = make.member(communities={"cantines": "member"}, expertise=["Vaisselle"])
    make.question(claire, tags=["vaisselle"])
    drain()
    assert told(lots) == told(bio) == ["question.published"]
    assert told(claire) == told(plain) == []


def test_an_answer_goes_to_those_who_follow_except_its_author(make, drain, told, unread, act):
    claire, paul, ines = (make.member(communities={"cantines": "member"}) for _ in range(3))
    question = make.question(claire)
    act(lambda: follow(item(Question, question, ines), identity_of(ines)))
    make.answer(question, paul)
    drain()
    assert told(claire) == told(ines) == ["answer.published"]
    assert told(paul) == []
    assert unread(claire) == 1


def test_handling_an_event_twice_tells_once(make, drain, told, unread, act):
    claire, paul = (make.member(communities={"cantines": "member"}) for _ in range(2))
    answer = make.answer(make.question(claire), paul)
    drain()
    act(lambda: emit("contribution.published", db.session.get(Contribution, answer), actor=identity_of(paul)))
    drain()
    assert told(claire) == ["answer.published"]
    assert unread(claire) == 1


def test_accepting_and_certifying_are_told_to_the_author_and_followers(make, drain, told, act):
    claire, paul = (make.member(communities={"cantines": "member"}) for _ in range(2))
    expert = make.member(communities={"cantines": "expert"})
    question = make.question(claire)
    answer = make.answer(question, paul)
    drain()
    act(lambda: accept_answer(item(Answer, answer, claire), identity_of(claire)))
    act(lambda: certify_answer(item(Answer, answer, expert), identity_of(expert)))
    drain()
    assert told(paul) == ["answer.accepted", "answer.certified"]
    assert told(claire) == ["answer.published", "answer.certified"]


def test_what_was_taken_back_before_the_worker_came_is_not_told(make, drain, told, act):
    claire, paul = (make.member(communities={"cantines": "member"}) for _ in range(2))
    question = make.question(claire)
    answer = make.answer(question, paul)
    act(lambda: remove(item(Answer, answer, paul), identity_of(paul)))
    drain()
    assert told(claire) == []


def test_a_comment_goes_to_who_wrote_and_who_is_mentioned(make, drain, told):
    claire, paul, ines = (make.member(communities={"cantines": "member"}) for _ in range(3))
    question = make.question(claire)
    answer = make.answer(question, paul)
    make.comment(answer, claire, mention("Inès", ines))
    drain()
    assert told(paul) == ["comment.published"]
    assert told(ines) == ["mention"]


def test_a_mention_in_a_body_comes_instead_of_the_publication(make, drain, told):
    claire, paul, ines = (make.member(communities={"cantines": "member"}) for _ in range(3))
    question = make.question(claire, body=mention("Inès", ines))
    make.answer(question, paul, mention("Claire", claire))
    drain()
    assert told(ines) == ["mention"]
    assert told(claire) == ["mention"]


def test_nobody_is_told_of_what_they_may_not_see(make, drain, told, act):
    make.community("secret", visibility="members", access="invitation")
    inside = make.member(communities={"secret": "member"})
    outside = make.member()
    gone = make.member(communities={"secret": "member"})
    question = make.question(inside, community="secret", body=mention("Dehors", outside))
    act(lambda: follow(item(Question, question, gone), identity_of(gone)))
    make.member(communities={"secret": "moderator"})
    act(lambda: leave_community(identity_of(gone), community("secret")))
    make.answer(question, inside, mention("Dehors", outside))
    drain()
    assert told(outside) == told(gone) == []


def test_leaving_a_hidden_community_takes_its_notifications_out_of_the_count(make, drain, told, unread, act):
    make.community("secret", visibility="members", access="invitation")
    claire, paul = (make.member(communities={"secret": "member"}) for _ in range(2))
    make.answer(make.question(claire, community="secret"), paul)
    drain()
    assert unread(claire) == 1
    act(lambda: leave_community(identity_of(claire), community("secret")))
    drain()
    assert unread(claire) == 0


def test_hiding_a_community_takes_its_notifications_out_of_the_count(make, drain, unread, act):
    admin = make.member(platform_role="administrator")
    make.community("bientot-secret")
    claire, paul = (make.member(communities={"bientot-secret": "member"}) for _ in range(2))
    make.answer(make.question(claire, community="bientot-secret"), paul)
    drain()
    make.member(communities={"bientot-secret": "moderator"})
    act(lambda: leave_community(identity_of(claire), community("bientot-secret")))
    drain()
    assert unread(claire) == 1
    act(lambda: edit_community(community("bientot-secret"), identity_of(admin), visibility="members"))
    drain()
    assert unread(claire) == 0


def test_what_is_removed_no_longer_counts_and_comes_back(make, drain, unread, act):
    claire, paul = (make.member(communities={"cantines": "member"}) for _ in range(2))
    question = make.question(claire)
    answer = make.answer(question, paul)
    comment = make.comment(question, paul)
    drain()
    assert unread(claire) == 2
    act(lambda: remove(item(Answer, answer, paul), identity_of(paul)))
    act(lambda: remove_comment(db.session.get(Comment, comment), item(Question, question, paul), identity_of(paul)))
    drain()
    assert unread(claire) == 0
    act(lambda: restore(item(Answer, answer, paul), identity_of(paul)))
    drain()
    assert unread(claire) == 1


def test_a_request_goes_to_the_moderators_and_is_settled_for_all(make, drain, told, unread, act):
    make.community("atelier", access="request")
    alice, aline = (make.member(communities={"atelier": "moderator"}) for _ in range(2))
    plain = make.member(communities={"atelier": "member"})
    paul, ines = make.member(), make.member()
    for asker in (paul, ines):
        act(lambda asker=asker: request_to_join(identity_of(asker), community("atelier"), "Bonjour à toutes"))
    drain()
    assert told(alice) == told(aline) == ["community.request.created"] * 2
    assert told(plain) == []
    act(lambda: accept_request(request_in(community("atelier"), 1), identity_of(alice)))
    act(lambda: refuse_request(request_in(community("atelier"), 2), identity_of(alice), "Hors sujet"))
    drain()
    assert told(paul) == ["community.request.accepted"]
    assert told(ines) == ["community.request.refused"]
    assert unread(alice) == unread(aline) == 0


def test_an_invitation_reaches_the_member_or_who_registers_later(make, drain, told, unread, act):
    make.community("secret", visibility="members", access="invitation")
    alice = make.member(communities={"secret": "moderator"})
    paul = make.member(email="paul@ville.example")
    for email in ("paul@ville.example", "ines@ville.example"):
        act(lambda email=email: invite(community("secret"), identity_of(alice), email))
    drain()
    assert told(paul) == ["community.invited"]
    ines = make.member(email="ines@ville.example")
    act(lambda: emit("member.confirmed", db.session.get(Member, ines)))
    drain()
    assert told(ines) == ["community.invited"]
    assert unread(ines) == 1


def test_a_new_role_is_told(make, drain, told, act):
    alice = make.member(communities={"cantines": "moderator"})
    paul = make.member(communities={"cantines": "member"})
    act(lambda: set_role(community("cantines"), paul, "expert", identity_of(alice)))
    drain()
    assert told(paul) == ["community.role_changed"]


def test_a_confirmed_link_is_told_to_who_wrote_the_target(make, drain, told, act):
    claire, paul = (make.member(communities={"cantines": "member"}) for _ in range(2))
    question, other = make.question(claire), make.question(paul)

    def confirm() -> None:
        link = Link(source_id=question, target_id=other, verdict="confirmed")
        db.session.add(link)
        emit("link.confirmed", link, actor=identity_of(claire), source_id=question, target_id=other)

    act(confirm)
    drain()
    assert told(paul) == ["link.confirmed"]
    assert told(claire) == []


def test_a_suspended_member_is_told_nothing(make, drain, told, act):
    claire, paul = (make.member(communities={"cantines": "member"}) for _ in range(2))
    question = make.question(claire)
    act(lambda: db.session.execute(update(Member).where(Member.id == claire).values(state="suspended")))
    make.answer(question, paul)
    drain()
    assert told(claire) == []


def test_the_outbox_is_empty_afterwards(make, drain, app):
    claire = make.member(communities={"cantines": "member"})
    make.comment(make.answer(make.question(claire), claire), claire)
    drain()
    with app.app_context():
        left = db.session.execute(select(Event.name, Event.error)).all()
        db.session.remove()
    assert left == []
