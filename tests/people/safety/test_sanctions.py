"""Suspension, silence and ban: what they take away, what stays, when they end, and what nobody learns from them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import PASSWORD
from client import Client
from sqlalchemy import select, update
from told import told_once

from community.core.audit import AuditEntry
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict
from community.core.mail import MailMessage
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.communities.models import Community, Invitation, Membership, Sanction
from community.people.communities.sanctions import (
    ban_from,
    lift_ban,
    lift_ended,
    lift_silence,
    silence_in,
    suspend_member,
)
from community.permissions import can_join, can_post_in, can_request_to_join, can_see_community, sees_community

REASON = "Trois messages injurieux malgré deux rappels."


@told_once
def people(make) -> dict[str, int]:
    make.community("cantines")
    return {
        "member": make.member("Marc Membre", email="marc@ville.example", communities={"cantines": "member"}),
        "moderator": make.member("Inès Anime", communities={"cantines": "moderator"}),
        "administrator": make.member("Anne Administre", platform_role="administrator"),
    }


@pytest.fixture
def place(people, context) -> Community:
    return cantines_now()


def cantines_now() -> Community:
    return db.session.scalars(select(Community)).one()


@pytest.fixture
def cantines(people):
    return cantines_now


@pytest.fixture
def act(app):
    """Do something as a request would, and commit: ``act(lambda: …)``."""

    def run(action):
        with app.test_request_context("/", method="POST"):
            try:
                result = action()
                db.session.commit()
            finally:
                db.session.remove()
        return result

    return run


def sign_in(app) -> object:
    return Client(app).post("/connexion", {"email": "marc@ville.example", "password": PASSWORD})


# --- suspension -------------------------------------------------------------------------------------------------------


def test_a_suspended_member_reads_why_and_contests_once(app, people, client_of, drain):
    inside, administrator = client_of(people["member"]), client_of(people["administrator"])
    day = (now() + timedelta(days=30)).date().isoformat()
    answer = administrator.submit(f"/membres/{people['member']}/suspension", {"until": day, "reason": REASON})
    assert answer.status_code == 303
    assert inside.get("/notifications").status_code == 302, "the session is closed"
    page = sign_in(app)
    assert page.status_code == 403 and REASON in page.text and "Contester" in page.text
    visitor = Client(app)
    page = visitor.post("/connexion", {"email": "marc@ville.example", "password": PASSWORD})
    passed = page.text.partition('name="passed" value="')[2].partition('"')[0]
    empty = visitor.post("/connexion/contestation", {"passed": passed, "message": "non"})
    assert empty.status_code == 422 and ">non</textarea>" in empty.text.replace("\r", "").replace(">\n", ">")
    message = {"passed": passed, "message": "Ces messages ne sont pas de moi."}
    assert visitor.post("/connexion/contestation", message).status_code == 200
    assert visitor.post("/connexion/contestation", message).status_code == 422
    assert visitor.post("/connexion/contestation", {"message": "Sans preuve aucune."}).status_code == 409
    drain()
    assert "Ces messages ne sont pas de moi." in administrator.get("/admin/suspensions").text
    with app.app_context():
        told = set(db.session.scalars(select(MailMessage.recipient)))
        assert "marc@ville.example" in told and len(told) == 2
        acts = [(row.act, row.target_id, row.reason) for row in db.session.scalars(select(AuditEntry))]
        assert acts == [("member.suspended", people["member"], REASON)]
        db.session.remove()


def test_a_wrong_password_learns_nothing_of_the_suspension(app, people, act):
    act(lambda: suspend_member(people["member"], None, REASON, None))
    answer = Client(app).post("/connexion", {"email": "marc@ville.example", "password": "autre-chose-de-long"})
    assert answer.status_code == 422 and "suspendu" not in answer.text


def test_a_suspension_ends_by_itself_at_sign_in_and_in_the_task(app, people, act):
    for end in (lambda: sign_in(app), lambda: act(lift_ended)):
        act(lambda: suspend_member(people["member"], now() + timedelta(days=1), REASON, None))
        assert act(lambda: identity_of(people["member"])) is None
        over = update(Sanction).where(Sanction.lifted_at.is_(None)).values(until=now() - timedelta(seconds=1))
        act(lambda over=over: db.session.execute(over))
        end()
        assert act(lambda: identity_of(people["member"])) is not None
    assert sign_in(app).status_code == 303


def test_administrators_are_not_suspended_and_nobody_else_suspends(people, client_of):
    administrator = client_of(people["administrator"])
    assert administrator.get(f"/membres/{people['administrator']}/suspension").status_code == 403
    for role in ("member", "moderator"):
        client = client_of(people[role])
        assert client.get(f"/membres/{people['member']}/suspension").status_code == 404
        assert client.post(f"/membres/{people['member']}/suspension", {"reason": REASON}).status_code == 404
        assert client.get("/admin/suspensions").status_code == 404


# --- silence ----------------------------------------------------------------------------------------------------------


def test_a_silenced_member_reads_and_does_nothing_else_there(make, people, client_of, drain):
    question = make.question(people["moderator"], title="Comment rédiger un critère d’insertion ?")
    own = make.question(people["member"], title="Comment noter la performance environnementale ?")
    moderator = client_of(people["moderator"])
    path = f"/communautes/cantines/membres/{people['member']}/mesure"
    refused = moderator.post(path, {"kind": "silence", "reason": "court"})
    assert refused.status_code == 422 and "court" in refused.text
    assert moderator.submit(path, {"kind": "silence", "reason": REASON}).status_code == 303
    drain()
    client = client_of(people["member"])
    assert client.get(f"/questions/{question}", follow_redirects=True).status_code == 200
    body = {"body": "Un texte assez long pour être publié."}
    assert client.post(f"/questions/{question}/reponses", body).status_code == 403
    assert client.post(f"/contributions/{question}/commentaires", body).status_code == 403
    assert client.post(f"/contributions/{question}/vote").status_code == 403
    assert client.get(f"/questions/{own}/modifier").status_code == 403
    assert "cantines" not in client.get("/questions/nouvelle").text.partition("<select")[2].partition("</select>")[0]
    rights = client.get("/compte/droits").text
    assert REASON in rights and "lecture seule" in rights
    assert "Une mesure a été prise" in client.get("/notifications").text
    number = rights.partition('id="mesure-')[2].partition('"')[0]
    assert (
        client.submit("/compte/droits", {"message": "Je conteste, voici pourquoi."}, "contestation").status_code == 303
    )
    drain()
    assert "Je conteste" in moderator.get("/communautes/cantines/mesures").text
    assert moderator.post(f"/communautes/cantines/mesures/{number}/levee").status_code == 303
    assert client.post(f"/contributions/{question}/vote").status_code == 303


def test_moderators_are_silenced_by_nobody_and_nobody_lifts_their_own(people, act, cantines, client_of):
    with pytest.raises(Conflict):
        act(lambda: silence_in(cantines(), people["moderator"], None, REASON, None))
    id = act(lambda: silence_in(cantines(), people["member"], None, REASON, None).id)
    assert client_of(people["member"]).post(f"/communautes/cantines/mesures/{id}/levee").status_code == 403


def test_deciding_again_changes_the_date_and_lifting_twice_changes_nothing(people, place):
    by = identity_of(people["moderator"])
    first = silence_in(place, people["member"], None, REASON, by)
    again = silence_in(place, people["member"], now() + timedelta(days=2), "Autre raison donnée.", by)
    assert again.until is not None and first.lifted_at is not None, "the first gave way"
    lift_silence(place, people["member"], by)
    lift_silence(place, people["member"], by)
    acts = list(db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.number)))
    assert acts == ["member.silenced", "member.silenced", "member.silence_lifted"]


# --- ban --------------------------------------------------------------------------------------------------------------


def test_a_banned_member_loses_the_place_and_the_door(people, act, cantines, client_of):
    client = client_of(people["moderator"])
    member = client_of(people["member"])
    path = f"/communautes/cantines/membres/{people['member']}"
    client.post(f"{path}/retrait")
    client.post("/communautes/cantines/invitations", {"addresses": "marc@ville.example"})
    assert client.submit(f"{path}/mesure", {"kind": "ban", "reason": REASON}).status_code == 303

    def look() -> None:
        user, place = identity_of(people["member"]), cantines()
        assert not user.is_member_of(place.id) and not can_join(user, place) and not can_post_in(user, place)
        assert not can_request_to_join(user, place) and can_see_community(user, place), "it is a public one"
        assert db.session.scalar(select(Invitation.state)) == "withdrawn"

    act(look)
    assert member.post("/communautes/cantines/adhesion").status_code == 403
    act(lambda: lift_ban(cantines(), people["member"], None))
    assert member.post("/communautes/cantines/adhesion").status_code == 303


def test_a_ban_takes_the_place_of_who_has_one(people, act, cantines):
    act(lambda: ban_from(cantines(), people["member"], REASON, None))
    assert act(lambda: db.session.scalar(select(Community.members_count))) == 1
    assert act(lambda: db.session.get(Membership, (cantines().id, people["member"]))) is None


# --- what acts on a pseudonym says nothing of the person ---------------------------------------------------------------


def test_a_sanction_on_a_pseudonym_acts_on_the_person_and_names_the_pseudonym(app, make, people, client_of, drain):
    question = make.question(people["member"], discreet=True)
    with app.app_context():
        pseudonym = db.session.scalar(select(Member.id).where(Member.state == "pseudonym"))
        db.session.remove()
    moderator = client_of(people["moderator"])
    before = moderator.get("/communautes/cantines/membres").text
    path = f"/communautes/cantines/membres/{pseudonym}/mesure"
    assert path in moderator.get(f"/questions/{question}", follow_redirects=True).text
    for kind in ("silence", "ban"):
        shown = moderator.submit(path, {"kind": kind, "reason": REASON}).headers["Location"]
        assert "Marc" not in moderator.get(shown).text
    drain()
    after = moderator.get("/communautes/cantines/membres").text
    assert _people_in(after) == _people_in(before), "nobody is seen to leave"
    with app.app_context():
        user = identity_of(people["member"])
        place = db.session.scalars(select(Community)).one()
        assert not can_post_in(user, place) and not user.is_member_of(place.id)
        assert db.session.get(Membership, (place.id, user.id)) is not None
        rows = list(db.session.scalars(select(AuditEntry)))
        assert {row.target_id for row in rows} == {pseudonym}
        assert people["member"] not in db.session.scalars(select(Member.id).where(sees_community(place))).all() or (
            place.visibility == "public"
        )
        db.session.remove()
    assert REASON in client_of(people["member"]).get("/compte/droits").text


def test_an_account_is_not_suspended_through_a_pseudonym(app, make, people, client_of):
    """The profile that leaves the directory, or an account that cannot be suspended, would tell whose it is."""
    make.question(people["member"], discreet=True)
    make.question(people["administrator"], discreet=True)
    with app.app_context():
        pseudonyms = list(db.session.scalars(select(Member.id).where(Member.state == "pseudonym")))
        db.session.remove()
    other = client_of(make.member("Autre Admin", platform_role="administrator"))
    answers = [other.post(f"/membres/{id}/suspension", {"reason": REASON}) for id in pseudonyms]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("Levez d’abord le sceau" in answer.text and REASON in answer.text for answer in answers)
    with app.app_context():
        assert db.session.get(Member, people["member"]).state == "active"
        db.session.remove()


def test_a_ban_through_a_pseudonym_moves_nothing_that_a_moderator_sees(app, make, people, client_of, drain):
    """Neither a request that waits, nor an invitation that would not leave."""
    asker = make.member("Nadia Discrète", email="nadia@ville.example")
    make.question(asker, discreet=True)
    moderator = client_of(people["moderator"])
    with app.app_context():
        pseudonym = db.session.scalar(select(Member.id).where(Member.state == "pseudonym"))
        db.session.execute(update(Community).values(access="request"))
        db.session.commit()
        db.session.remove()
    assert client_of(asker).post("/communautes/cantines/demande", {"message": "Bonjour à tous"}).status_code == 303
    path = f"/communautes/cantines/membres/{pseudonym}/mesure"
    assert moderator.submit(path, {"kind": "ban", "reason": REASON}).status_code == 303
    assert "Nadia" in moderator.get("/communautes/cantines/demandes").text
    moderator.post("/communautes/cantines/invitations", {"addresses": "nadia@ville.example"})
    with app.app_context():
        assert db.session.scalar(select(Invitation.state)) == "pending"
        assert not can_post_in(identity_of(asker), cantines_now())
        db.session.remove()


def _people_in(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('href="/membres/')[1:]]
