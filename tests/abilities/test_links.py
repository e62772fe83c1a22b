"""Links: found by the engine with a reason, judged by people, never undone by a re-indexing."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from told import told_once

from community.abilities.links.actions import Proposal, replace_suggestions
from community.abilities.links.models import Link
from community.core.db import db

LESSONS = "L’allotissement fin des denrées a fait entrer des producteurs et des maraîchers locaux dans les cantines."


@told_once
def scene(make, drain) -> dict[str, int]:
    make.community("cantines")
    people = {
        "claire": make.member("Claire Martin", communities={"cantines": "member"}),
        "paul": make.member("Paul Roche", communities={"cantines": "expert"}),
        "sam": make.member("Sam Petit", communities={"cantines": "member"}),
    }
    people["sheet"] = make.sheet(
        people["sam"], "cantines", title="Douze lots de denrées pour deux cuisines centrales", lessons=LESSONS
    )
    people["other"] = make.sheet(
        people["sam"],
        "cantines",
        title="Remplacer les photocopieurs des écoles",
        lessons="Un seul lot, coût à la page.",
    )
    people["question"] = make.question(
        people["claire"],
        title="Comment allotir un marché de denrées pour attirer des producteurs ?",
        body="Nous achetons des denrées pour deux cuisines centrales et voulons des maraîchers dans nos lots.",
    )
    drain()
    return people


def link_of(app, scene) -> Link:
    with app.app_context():
        query = select(Link).where(Link.source_id == scene["question"], Link.target_id == scene["sheet"])
        link = db.session.scalars(query).one_or_none()
        db.session.expunge_all()
        return link


def page(client, scene) -> str:
    """The thread's page, with plain spaces."""
    text = client.get(f"/questions/{scene['question']}", follow_redirects=True).text
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_a_question_shows_the_sheet_that_bears_on_it_and_says_why(app, scene, visitor):
    text = page(visitor, scene)
    assert "Douze lots de denrées" in text
    assert "Parce que" in text
    assert "photocopieurs" not in text
    reasons = link_of(app, scene).reasons
    assert 3 <= len(reasons) <= 5
    assert "denrées" in reasons


def test_the_score_is_never_shown(app, scene, visitor):
    assert str(link_of(app, scene).score)[:5] not in page(visitor, scene)


def test_publishing_a_sheet_links_the_questions_that_it_concerns(app, scene, make, visitor, drain):
    title = "Attirer des producteurs dans un marché de denrées de cuisine centrale"
    make.sheet(scene["sam"], "cantines", title=title, lessons=LESSONS)
    drain()
    assert title in page(visitor, scene)


def test_only_the_asker_experts_and_moderators_judge(app, scene, client_of, visitor):
    link = link_of(app, scene).id
    assert "Hors sujet" in page(client_of(scene["claire"]), scene)
    assert "Hors sujet" in page(client_of(scene["paul"]), scene)
    assert "Hors sujet" not in page(client_of(scene["sam"]), scene)
    assert client_of(scene["sam"]).post(f"/liens/{link}/pertinence").status_code == 403
    assert visitor.post(f"/liens/{link}/pertinence").status_code in (302, 200, 401)
    assert link_of(app, scene).verdict == "suggested"


def test_a_confirmed_link_comes_first_and_survives_reindexing(app, scene, client_of, drain):
    client_of(scene["claire"]).post(f"/liens/{link_of(app, scene).id}/pertinence")
    client_of(scene["paul"]).post(f"/liens/{link_of(app, scene).id}/pertinence")
    drain()
    with app.app_context():
        from community.services.search.index import rebuild
        from community.services.search.linker import link_pages

        rebuild()
        link_pages([scene["question"], scene["sheet"]])
        db.session.commit()
    link = link_of(app, scene)
    assert (link.verdict, link.confirmations) == ("confirmed", 2)
    assert "confirmée par 2 pairs" in page(client_of(scene["claire"]), scene)


def test_a_rejected_link_never_returns(app, scene, client_of, visitor, drain):
    client_of(scene["claire"]).post(f"/liens/{link_of(app, scene).id}/rejet")
    client = client_of(scene["claire"])
    changed = {"body": "Nous achetons des denrées pour deux cuisines centrales, lots et producteurs compris."}
    client.submit(f"/questions/{scene['question']}/modifier", changed)
    drain()
    assert link_of(app, scene).verdict == "rejected"
    assert "Douze lots de denrées" not in page(visitor, scene)


def test_a_pair_rejected_from_one_end_is_not_proposed_from_the_other(app, scene, make, client_of, visitor, drain):
    title = "Allotir les denrées de deux cuisines centrales avec des producteurs"
    twin = make.question(
        scene["sam"], title=title, body="Nous voulons des maraîchers et des producteurs dans nos lots."
    )
    drain()
    assert title in page(visitor, scene)
    with app.app_context():
        link = db.session.scalars(
            select(Link.id).where(Link.source_id == twin, Link.target_id == scene["question"])
        ).one()
    client_of(scene["sam"]).post(f"/liens/{link}/rejet")
    assert title not in page(visitor, scene)
    with app.app_context():
        replace_suggestions(scene["question"], [Proposal(twin, 0.9, ("denrées",))])
        db.session.commit()
    assert title not in page(visitor, scene)


def test_each_person_gives_a_verdict_of_their_own_on_a_confirmed_link(app, scene, client_of):
    claire, paul = client_of(scene["claire"]), client_of(scene["paul"])
    link = link_of(app, scene).id
    claire.post(f"/liens/{link}/pertinence")
    assert f"/liens/{link}/avis/retrait" in page(claire, scene)
    theirs = page(paul, scene)
    assert f"/liens/{link}/pertinence" in theirs
    assert f"/liens/{link}/rejet" in theirs
    assert f"/liens/{link}/avis/retrait" not in theirs


def test_a_verdict_can_be_taken_back(app, scene, client_of):
    client = client_of(scene["claire"])
    client.post(f"/liens/{link_of(app, scene).id}/pertinence")
    client.post(f"/liens/{link_of(app, scene).id}/avis/retrait")
    assert link_of(app, scene).verdict == "suggested"


@pytest.mark.parametrize("headers", [{}, {"X-Fragment": "1"}])
def test_a_rejection_can_be_undone_at_once(app, scene, client_of, headers):
    client = client_of(scene["claire"])
    link = link_of(app, scene).id
    answer = client.post(f"/liens/{link}/rejet", headers=headers)
    shown = answer.text if headers else client.get(answer.location).text
    assert "Lien écarté" in shown
    assert f"/liens/{link}/avis/retrait" in shown
    client.post(f"/liens/{link}/avis/retrait", headers=headers)
    assert link_of(app, scene).verdict == "suggested"
    assert "Lien écarté" not in page(client, scene)


def test_a_link_that_peers_rejected_is_not_remade_in_silence(app, scene, client_of):
    for person in ("claire", "paul"):
        client_of(scene[person]).post(f"/liens/{link_of(app, scene).id}/rejet")
    sent = {"target": f"/fiches/{scene['sheet']}-douze-lots"}
    answer = client_of(scene["sam"]).submit(f"/contributions/{scene['question']}/liens", sent)
    assert answer.status_code == 422
    assert "ont écarté ce lien" in answer.text
    assert link_of(app, scene).verdict == "rejected"


def test_anybody_signed_in_links_by_hand_and_the_pair_exists_once(app, scene, client_of, visitor):
    client = client_of(scene["sam"])
    target = f"https://site.example/fiches/{scene['other']}-remplacer"
    sent = {"target": target, "note": "même façon de compter"}
    for _time in range(2):
        assert client.submit(f"/contributions/{scene['question']}/liens", sent).status_code == 303
    assert page(visitor, scene).count("Remplacer les photocopieurs") == 1
    assert "même façon de compter" in page(visitor, scene)


@pytest.mark.parametrize("target", ["", "n’importe quoi", "/fiches/999999-rien", "https://ailleurs.example/"])
def test_a_wrong_address_keeps_the_form(scene, client_of, target: str):
    response = client_of(scene["sam"]).submit(f"/contributions/{scene['question']}/liens", {"target": target})
    assert response.status_code == 422


def test_a_link_to_something_hidden_shows_nothing_of_it(app, make, scene, client_of, visitor, drain):
    make.community("cercle", access="invitation", visibility="members")
    insider = make.member("Zoé Lambert", communities={"cercle": "member"})
    hidden = make.sheet(insider, "cercle", title="Denrées, producteurs et maraîchers : notre secret", lessons=LESSONS)
    drain()
    assert "notre secret" not in page(visitor, scene)
    assert "notre secret" not in page(client_of(scene["claire"]), scene)
    answer = client_of(scene["sam"]).submit(
        f"/contributions/{scene['question']}/liens", {"target": f"/fiches/{hidden}"}
    )
    assert answer.status_code == 422
    assert "notre secret" not in answer.text
