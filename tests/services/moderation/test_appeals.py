"""An author contests once; another person answers; the answer holds."""

from __future__ import annotations

import pytest
from moderation_reads import column, last
from sqlalchemy import select, update

from community.abilities.flags.models import FlagCase
from community.contributions.models import Contribution
from community.core.audit import AuditEntry
from community.core.db import db
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.communities.models import Community, Membership, Sanction
from community.people.communities.sanctions import contest, silence_in
from community.services.moderation.appeals import appeal
from community.services.moderation.models import Appeal, Decision

WHY = {"words": "Je ne nomme personne, relisez s’il vous plaît."}
DESK = "/moderation/contestations"


@pytest.fixture
def appealed(place, client_of, decided, drain) -> int:
    decision = decided("remove")
    drain()
    assert client_of(place.author).post(f"/decisions/{decision}/contestation", WHY).status_code == 303
    drain()
    return decision


def test_another_moderator_answers_never_the_one_who_decided(app, place, client_of, appealed):
    assert "relisez s’il vous plaît" in client_of(place.other).get(DESK).text
    assert "relisez" not in client_of(place.moderator).get(DESK).text
    assert client_of(place.moderator).get(f"{DESK}?contestation=1").status_code == 404
    answer = {"upheld-answer": "Après relecture, je confirme."}
    for who in (place.moderator, place.author, place.elsewhere, place.reader):
        assert client_of(who).post(f"{DESK}/1/upheld", answer).status_code == 404
    assert "est contestée" in client_of(place.other).get("/notifications").text


def test_a_reversal_puts_everything_back_and_tells(app, place, client_of, visitor, appealed, drain):
    answer = {"reversed-answer": "Vous avez raison : rien n’y contrevient."}
    assert client_of(place.other).post(f"{DESK}/1/reversed", answer).status_code == 303
    drain()
    assert column(app, Contribution, place.answer, "removed_at") is None
    assert column(app, Contribution, place.question, "replies_count") == 1
    page = client_of(place.author).get(f"/decisions/{appealed}").text
    assert "Décision annulée" in page
    assert "rien n’y contrevient" in page
    assert "Votre contestation a reçu une réponse" in client_of(place.author).get("/notifications").text
    assert "Laissé en place" in client_of(place.reader).get("/signalements").text
    acts = last(app, select(AuditEntry.act).order_by(AuditEntry.number.desc()))
    assert acts == "appeal.granted"
    mails = [path.read_text(encoding="utf-8") for path in (app.config["SETTINGS"].instance / "mail").glob("*.eml")]
    assert len(mails) == 2


def test_the_answer_is_final(app, place, client_of, appealed):
    answer = {"upheld-answer": "Après relecture, je confirme."}
    assert client_of(place.other).post(f"{DESK}/1/upheld", answer).status_code == 303
    assert (
        client_of(place.administrator).post(f"{DESK}/1/reversed", {"reversed-answer": "Non, finalement."}).status_code
        == 409
    )
    client = client_of(place.author)
    assert (
        client.post(f"/decisions/{appealed}/contestation", {"words": "Encore une fois, je conteste."}).status_code
        == 303
    )
    assert last(app, select(Appeal.words)) == WHY["words"]
    assert "Contester cette décision" not in client.get(f"/decisions/{appealed}").text


def test_a_contested_decision_is_not_simply_taken_back(place, client_of, appealed):
    assert client_of(place.moderator).post(f"/moderation/decisions/{appealed}/annulation").status_code == 409


def test_words_are_asked_for_and_kept(place, client_of, decided):
    decision = decided("remove")
    response = client_of(place.author).post(f"/decisions/{decision}/contestation", {"words": "non"})
    assert response.status_code == 422
    assert "non</textarea>" in response.text


@pytest.mark.parametrize("who", ["reader", "moderator", "outsider", "elsewhere"])
def test_a_decision_exists_for_whom_it_concerns(place, client_of, decided, who):
    decision = decided("remove")
    client = client_of(getattr(place, who))
    assert client.get(f"/decisions/{decision}").status_code == 404
    assert client.post(f"/decisions/{decision}/contestation", WHY).status_code == 404


def test_administrators_hear_of_it_where_there_is_no_other_moderator(app, make, client_of, drain, place):
    alone = make.member("Seul Moderateur", communities={"numerique": "moderator"})
    author = make.member(communities={"numerique": "member"})
    question = make.question(author, community="numerique")
    client_of(place.reader).post(f"/contributions/{question}/signalement", {"reason": "wrong"})
    case = last(app, select(FlagCase.id))
    # Éric moderates it too: he decides, and Seul is the other one; when Seul is the author of the decision, Éric is.
    fields = {"remove-message": "Ceci ne respecte pas la charte."}
    assert client_of(alone).post(f"/moderation/dossiers/{case}/remove", fields).status_code == 303
    client_of(author).post("/decisions/1/contestation", WHY)
    drain()
    assert "est contestée" in client_of(place.elsewhere).get("/notifications").text
    assert "est contestée" not in client_of(place.administrator).get("/notifications").text
    make.community("seule")
    one = make.member("Une Seule", communities={"seule": "moderator"})
    member = make.member(communities={"seule": "member"})
    text = make.question(member, community="seule")
    client_of(place.reader).post(f"/contributions/{text}/signalement", {"reason": "wrong"})
    assert client_of(one).post("/moderation/dossiers/2/remove", fields).status_code == 303
    client_of(member).post("/decisions/2/contestation", WHY)
    drain()
    assert "est contestée" in client_of(place.administrator).get("/notifications").text
    assert "est contestée" not in client_of(one).get("/notifications").text


def test_a_lone_administrator_is_not_stuck_and_everybody_is_told(app, make, place, client_of, decided, drain, visitor):
    """Where nobody else may answer, whoever decided looks again, and says so."""
    with app.app_context():
        db.session.execute(update(Membership).where(Membership.role == "moderator").values(role="member"))
        db.session.commit()
        db.session.remove()
    admin = client_of(place.administrator)
    decision = decided("remove", by=place.administrator)
    author = client_of(place.author)
    assert "personne d’autre ne peut répondre" in author.get(f"/decisions/{decision}").text
    author.post(f"/decisions/{decision}/contestation", WHY)
    drain()
    assert "est contestée" in admin.get("/notifications").text
    assert "C’est votre propre décision" in admin.get(DESK).text
    second = make.member("Autre Admin", platform_role="administrator")
    assert "relisez" not in admin.get(DESK).text, "as soon as there is somebody else, it is theirs"
    assert admin.post(f"{DESK}/1/upheld", {"upheld-answer": "Je confirme encore."}).status_code == 404
    with app.app_context():
        db.session.execute(update(Member).where(Member.id == second).values(state="suspended"))
        db.session.commit()
        db.session.remove()
    assert admin.post(f"{DESK}/1/reversed", {"reversed-answer": "Vous aviez raison."}).status_code == 303
    drain()
    assert "Personne d’autre ne pouvait répondre" in author.get(f"/decisions/{decision}").text
    mail = sorted((app.config["SETTINGS"].instance / "mail").glob("*.eml"))[-1].read_text(encoding="utf-8")
    assert "une autre personne a r" not in mail.lower()
    assert "avait décidé, faute d" in visitor.get("/transparence").text


def test_a_suspension_is_answered_by_administrators_alone(app, place, client_of, decided, drain, make):
    """A moderator of the place where the text stood would otherwise reopen an account that an administrator closed."""
    decision = decided("suspend", by=place.administrator, until="2030-01-01")
    with app.test_request_context("/", method="POST"):
        appeal(db.session.get(Decision, decision), WHY["words"])
        db.session.commit()
        db.session.remove()
    drain()
    moderator = client_of(place.other)
    assert "relisez" not in moderator.get(DESK).text
    assert moderator.post(f"{DESK}/1/reversed", {"reversed-answer": "Je rouvre ce compte."}).status_code == 404
    assert column(app, Member, place.author, "state") == "suspended"
    assert "est contestée" not in moderator.get("/notifications").text
    colleague = client_of(make.member("Autre Admin", platform_role="administrator"))
    assert colleague.post(f"{DESK}/1/reversed", {"reversed-answer": "Je rouvre ce compte."}).status_code == 303
    assert column(app, Member, place.author, "state") == "active"


@pytest.mark.parametrize("undone", ["first", "second", "both"])
def test_undoing_a_decision_ends_its_own_sanction_alone(app, make, place, client_of, decided, undone):
    """Two moderators silence the same person, one after the other; each takes back what is theirs."""
    first = decided("silence", until="2030-01-01")
    comment = make.comment(place.question, place.author, "Autre propos.")
    client_of(place.reader).post(f"/commentaires/{comment}/signalement", {"reason": "hurtful"})
    case = last(app, select(FlagCase.id).order_by(FlagCase.id.desc()))
    second = decided("silence", by=place.other, case=case, until="2031-01-01")
    for id, who in ((first, place.moderator), (second, place.other)):
        if undone in ("both", "first" if id == first else "second"):
            assert client_of(who).post(f"/moderation/decisions/{id}/annulation").status_code == 303
    holding = select(Sanction.until).where(Sanction.lifted_at.is_(None))
    expected = {"first": 2030 + 1, "second": 2030, "both": None}[undone]
    left = last(app, holding)
    assert (left.year if left else None) == expected
    with app.app_context():
        assert bool(identity_of(place.author).silenced_ids) == (expected is not None)
        db.session.remove()


def test_contesting_a_sanction_of_one_community_says_nothing_to_another(app, place, decided, drain):
    """The words go to those who decided it: not to the desk of another place that silenced the same person before."""
    decided("silence", until="2030-01-01")
    with app.test_request_context("/", method="POST"):
        there = db.session.scalars(select(Community).where(Community.slug == "numerique")).one()
        sanction = silence_in(there, place.author, None, "Hors sujet, encore une fois.", identity_of(place.elsewhere))
        contest(sanction, "Ceci ne regarde que la communauté numérique.")
        db.session.commit()
        db.session.remove()
    drain()
    assert last(app, select(Appeal.id)) is None
