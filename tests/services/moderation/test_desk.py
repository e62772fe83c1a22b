"""The desk: who sees it, what it groups, and each decision with its undoing."""

from __future__ import annotations

import re

import pytest
from moderation_reads import column, last
from sqlalchemy import select

from community.abilities.comments.models import Comment
from community.abilities.flags.models import FlagCase
from community.contributions.models import Contribution
from community.core.audit import AuditEntry
from community.core.db import db
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.services.moderation.measures import move

DESK = "/moderation"


def test_the_desk_groups_reports_oldest_first(place, client_of, flagged, make):
    flagged(words="Mise en cause nommée.")
    flagged(by=place.outsider, reason="wrong")
    later = make.answer(place.question, place.author, "Achetez chez moi, c’est moins cher.")
    flagged(f"/contributions/{later}/signalement", reason="advertising")
    page = client_of(place.moderator).get(DESK).text
    assert page.count("2 signalements") >= 2
    assert page.index("Propos blessants") < page.index("Publicité ou démarchage")
    assert "Mise en cause nommée." in page
    assert "est malhonnête" in page
    assert "Quel prestataire pour la restauration" in page


def test_an_empty_desk_says_so(place, client_of):
    assert "Rien à traiter" in client_of(place.moderator).get(DESK).text


@pytest.mark.parametrize(("who", "status"), [("reader", 403), ("elsewhere", 404), ("author", 403)])
def test_a_case_exists_for_its_moderators_alone(place, client_of, flagged, who, status):
    case = flagged()
    client = client_of(getattr(place, who))
    assert client.get(f"{DESK}?dossier={case}").status_code == status
    assert client.post(f"{DESK}/dossiers/{case}/keep").status_code == 404
    if who == "elsewhere":
        assert "malhonnête" not in client.get(DESK).text


def test_a_moderator_is_not_judge_of_their_own_text(place, client_of, make, flagged):
    mine = make.answer(place.question, place.moderator, "Une réponse de modératrice.")
    case = flagged(f"/contributions/{mine}/signalement")
    assert client_of(place.moderator).get(f"{DESK}?dossier={case}").status_code == 404
    assert client_of(place.other).get(f"{DESK}?dossier={case}").status_code == 200


def test_keeping_closes_the_case_and_tells_the_reporter_alone(app, place, client_of, decided, drain):
    decided("keep")
    drain()
    assert "Laissé en place" in client_of(place.reader).get("/signalements").text
    assert "Votre signalement a reçu une réponse" in client_of(place.reader).get("/notifications").text
    assert "décision" not in client_of(place.author).get("/notifications").text.split("<main")[1]
    assert "Rien à traiter" in client_of(place.moderator).get(DESK).text


def test_hiding_leaves_the_text_to_its_author_with_the_reason(app, place, client_of, visitor, decided, drain):
    decided("hide")
    drain()
    address = visitor.get(f"/questions/{place.question}").headers["Location"]
    for reader in (visitor, client_of(place.reader), client_of(place.moderator)):
        assert "est malhonnête" not in reader.get(address).text
    page = client_of(place.author).get(address).text
    assert "est malhonnête" in page
    assert "ne laisse pas ce texte publié" in page
    told = client_of(place.author).get("/decisions").text
    assert "Masqué" in told
    assert "René Lecteur" not in told
    assert column(app, Contribution, place.question, "replies_count") == 0


def test_hiding_is_undone_as_it_was(app, place, client_of, decided):
    before = column(app, Contribution, place.answer, "published_at")
    decision = decided("hide")
    assert column(app, Contribution, place.answer, "published_at") is None
    response = client_of(place.moderator).post(f"{DESK}/decisions/{decision}/annulation")
    assert response.status_code == 303
    assert column(app, Contribution, place.answer, "published_at") == before
    assert column(app, Contribution, place.question, "replies_count") == 1
    assert last(app, select(FlagCase.closed_at)) is None
    assert client_of(place.moderator).post(f"{DESK}/decisions/{decision}/annulation").status_code == 403


def test_removal_is_told_by_mail_and_counted(app, place, client_of, decided, drain):
    decided("remove", message="Aucune mise en cause d’entreprise nommée, merci.")
    drain()
    mails = [path.read_text(encoding="utf-8") for path in (app.config["SETTINGS"].instance / "mail").glob("*.eml")]
    assert any("retir" in mail and "/decisions/" in mail for mail in mails)
    assert not any("René" in mail for mail in mails)
    assert column(app, Contribution, place.answer, "removed_by_id") == place.moderator
    assert last(app, select(AuditEntry.act).order_by(AuditEntry.number.desc())) == "content.removed"


def test_a_comment_is_hidden_then_back(app, place, client_of, flagged, decided):
    case = flagged(f"/commentaires/{place.comment}/signalement")
    decision = decided("hide", case=case)
    assert column(app, Comment, place.comment, "held_at") is not None
    assert column(app, Contribution, place.answer, "comments_count") == 0
    client_of(place.moderator).post(f"{DESK}/decisions/{decision}/annulation")
    assert column(app, Comment, place.comment, "removed_at") is None
    assert column(app, Contribution, place.answer, "comments_count") == 1


@pytest.mark.parametrize("action", ["remove", "move", "edit"])
def test_undoing_leaves_what_somebody_else_did_since(app, make, place, client_of, flagged, decided, action):
    """A removal, a move or a correction is taken back as long as it is the last word."""
    make.community("ailleurs")
    author, colleague = client_of(place.author), client_of(place.administrator)
    if action == "remove":
        decision = decided("remove")
        for way, client in (("retour", colleague), ("retrait", author)):
            assert client.post(f"/reponses/{place.answer}/{way}").status_code == 303
    elif action == "move":
        slug = last(app, select(Community.id).where(Community.slug == "numerique"))
        case = flagged(f"/contributions/{place.question}/signalement", by=place.outsider)
        decision = decided("move", by=place.administrator, case=case, community=str(slug))
        with app.test_request_context("/", method="POST"):
            there = db.session.scalars(select(Community).where(Community.slug == "ailleurs")).one()
            move(db.session.get(Contribution, place.question), there, identity_of(place.administrator))
            db.session.commit()
            db.session.remove()
    else:
        case = flagged(f"/commentaires/{place.comment}/signalement")
        decision = decided("edit", case=case, body="Et leurs prix seraient à vérifier.")
        assert (
            author.post(f"/commentaires/{place.comment}/modifier", {"body": "Leurs prix ont changé."}).status_code
            == 303
        )
    who = place.administrator if action == "move" else place.moderator
    undone = client_of(who).post(f"{DESK}/decisions/{decision}/annulation")
    assert undone.status_code == (409 if action == "edit" else 303)
    assert column(app, Comment, place.comment, "body") == (
        "Leurs prix ont changé." if action == "edit" else "Et leurs prix sont faux."
    )
    assert (column(app, Contribution, place.answer, "removed_at") is None) == (action != "remove")
    place_now = column(app, Contribution, place.question, "community_id")
    here = "ailleurs" if action == "move" else "cantines"
    assert place_now == last(app, select(Community.id).where(Community.slug == here))


def test_correcting_keeps_the_history(app, place, client_of, decided):
    decision = decided("edit", body="Je ne recommande pas ce prestataire.")
    assert column(app, Contribution, place.answer, "body") == "Je ne recommande pas ce prestataire."
    client_of(place.moderator).post(f"{DESK}/decisions/{decision}/annulation")
    assert "malhonnête" in column(app, Contribution, place.answer, "body")
    assert column(app, Contribution, place.answer, "revisions_count") == 3


def test_moving_takes_the_thread_along_and_counts_again(app, place, client_of, flagged, decided, drain):
    target = last(app, select(Community.id).where(Community.slug == "numerique"))
    source = last(app, select(Community.id).where(Community.slug == "cantines"))
    case = flagged(f"/contributions/{place.question}/signalement", by=place.outsider, reason="misplaced")
    decision = decided("move", case=case, community=str(target))
    assert column(app, Contribution, place.answer, "community_id") == target
    slugs = ("cantines", "numerique")
    counts = {slug: last(app, select(Community.questions_count).where(Community.slug == slug)) for slug in slugs}
    assert counts == {"cantines": 0, "numerique": 1}
    drain()
    assert "prestataire" in client_of(place.reader).get("/recherche?q=prestataire&communaute=numerique").text
    again = client_of(place.administrator).post(f"{DESK}/decisions/{decision}/annulation")
    assert again.status_code == 403, "another person's decision is reversed by an appeal"
    assert client_of(place.moderator).post(f"{DESK}/decisions/{decision}/annulation").status_code == 303
    assert column(app, Contribution, place.answer, "community_id") == source


def test_a_text_never_goes_where_its_author_could_not_read_it(make, app, place, client_of, flagged):
    make.community("secret", visibility="members", access="invitation", name="Cercle fermé")
    case = flagged(f"/contributions/{place.question}/signalement", by=place.outsider, reason="misplaced")
    page = client_of(place.administrator).get(f"{DESK}?dossier={case}").text
    choices = re.findall(r"<option[^>]*>([^<]+)</option>", page)
    assert "Numerique" in choices
    assert "Cercle fermé" not in choices


def test_words_are_kept_when_a_decision_lacks_something(place, client_of, flagged):
    case = flagged()
    response = client_of(place.moderator).post(f"{DESK}/dossiers/{case}/remove", {"remove-message": "court"})
    assert response.status_code == 422
    assert "court</textarea>" in response.text
    assert "L’auteur doit savoir pourquoi" in response.text


def test_two_moderators_decide_once(place, client_of, decided):
    case_decided = decided("remove")
    response = client_of(place.other).post("/moderation/dossiers/1/keep")
    assert response.status_code in (409, 422)
    assert case_decided


def test_members_are_the_administrators_business(app, place, client_of, flagged, decided):
    case = flagged(f"/membres/{place.author}/signalement", reason="supplier")
    assert client_of(place.moderator).get(f"{DESK}?dossier={case}").status_code == 404
    page = client_of(place.administrator).get(DESK).text
    assert "Fournisseur qui ne se déclare pas" in page
    decision = decided("suspend", by=place.administrator, case=case, until="2030-01-01")
    assert column(app, Member, place.author, "state") == "suspended"
    client_of(place.administrator).post(f"{DESK}/decisions/{decision}/annulation")
    assert column(app, Member, place.author, "state") == "active"


def test_the_desk_costs_the_same_whatever_waits(make, place, client_of, flagged, statements):
    flagged()
    client, counts = client_of(place.moderator), []
    for _round in range(2):
        for _number in range(4):
            answer = make.answer(place.question, place.author, "Encore une réponse à signaler, hélas.")
            flagged(f"/contributions/{answer}/signalement")
        with statements() as counted:
            assert client.get(DESK).status_code == 200
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 13, counted.statements
