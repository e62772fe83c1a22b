"""Decisions on people: sanctions decided at the desk, contested from their own page, and pseudonyms that stay sealed."""

from __future__ import annotations

from moderation_reads import column, last
from sqlalchemy import select

from community.contributions.models import Contribution
from community.core.audit import AuditEntry
from community.core.db import db
from community.people.accounts.models import Member
from community.people.communities.models import Sanction
from community.people.communities.sanctions import contest
from community.services.moderation.models import Appeal, Decision

MESSAGE = "Après deux rappels de la charte, une pause s’impose."


def test_a_silence_is_lifted_when_it_is_undone(app, place, client_of, decided):
    decision = decided("silence", message=MESSAGE, until="2030-01-01")
    sanction = last(app, select(Sanction.id).where(Sanction.kind == "silence"))
    assert column(app, Sanction, sanction, "lifted_at") is None
    reply = {"body": "Une réponse de plus, longue assez.", "once": "x"}
    assert client_of(place.author).post(f"/questions/{place.question}/reponses", reply).status_code == 403
    assert client_of(place.moderator).post(f"/moderation/decisions/{decision}/annulation").status_code == 303
    assert column(app, Sanction, sanction, "lifted_at") is not None
    assert client_of(place.author).post(f"/questions/{place.question}/reponses", reply).status_code == 303


def test_a_date_to_come_is_asked_for(place, client_of, flagged):
    case = flagged()
    fields = {"silence-message": MESSAGE, "silence-until": "2020-01-01"}
    response = client_of(place.moderator).post(f"/moderation/dossiers/{case}/silence", fields)
    assert response.status_code == 422
    assert "Choisissez une date à venir." in response.text


def test_moderators_do_not_suspend(place, client_of, flagged):
    case = flagged()
    fields = {"suspend-message": MESSAGE, "suspend-until": "2030-01-01"}
    assert client_of(place.moderator).post(f"/moderation/dossiers/{case}/suspend", fields).status_code == 422


def test_a_sanction_contested_from_its_mail_reaches_the_desk(app, place, client_of, decided, drain):
    decided("ban", message=MESSAGE)
    with app.test_request_context("/", method="POST"):
        contest(db.session.scalars(select(Sanction)).one(), "Je n’étais pas prévenue, voyez les dates.")
        db.session.commit()
        db.session.remove()
    drain()
    page = client_of(place.other).get("/moderation/contestations").text
    assert "voyez les dates" in page
    answer = {"reversed-answer": "Les rappels n’étaient pas partis : la mesure est levée."}
    assert client_of(place.other).post("/moderation/contestations/1/reversed", answer).status_code == 303
    assert last(app, select(Sanction.lifted_at)) is not None
    assert last(app, select(Appeal.state)) == "reversed"


def test_a_pseudonym_is_judged_under_its_seal_and_its_owner_contests(app, make, place, client_of, drain):
    question = make.question(place.author, title="Une question posée discrètement ?", discreet=True)
    client_of(place.reader).post(f"/contributions/{question}/signalement", {"reason": "wrong"})
    page = client_of(place.moderator).get("/moderation").text
    assert "Aline" not in page
    assert "Acheteur discret" in page
    fields = {"hide-message": "Cette question contient une donnée confidentielle."}
    assert client_of(place.moderator).post("/moderation/dossiers/1/hide", fields).status_code == 303
    assert last(app, select(Decision.member_id)) < 0
    drain()
    client = client_of(place.author)
    assert "Une décision de modération" in client.get("/notifications").text
    assert client.post("/decisions/1/contestation", {"words": "Rien de confidentiel, relisez."}).status_code == 303
    drain()
    for who in (place.other, place.administrator):
        page = client_of(who).get("/moderation/contestations").text
        assert "Acheteur discret" in page
        assert "Aline" not in page
    journal = client_of(place.administrator).get("/admin/journal").text
    appealed = journal[journal.rindex("Décision contestée") - 300 : journal.rindex("Décision contestée")]
    assert "Aline" not in appealed, "the log would tell who is behind the pseudonym"


def test_a_removal_done_from_the_page_is_recorded_too(app, place, client_of):
    client_of(place.moderator).post(f"/reponses/{place.answer}/retrait")
    act = last(app, select(AuditEntry.act).order_by(AuditEntry.number.desc()))
    assert act == "content.removed"
    client_of(place.moderator).post(f"/reponses/{place.answer}/retour")
    assert last(app, select(AuditEntry.act).order_by(AuditEntry.number.desc())) == "content.restored"
    client_of(place.author).post(f"/reponses/{place.answer}/retrait")
    assert last(app, select(AuditEntry.number).order_by(AuditEntry.number.desc())) == 2, (
        "authors are free with what is theirs"
    )
    assert column(app, Contribution, place.answer, "removed_by_id") == place.author
    assert column(app, Member, place.author, "state") == "active"
