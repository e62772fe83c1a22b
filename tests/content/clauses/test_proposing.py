"""Proposing and reviewing over HTTP: the forms, the desk, the conflict, and who may see and do what."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from community.content.clauses.models import Clause, ClauseStep, ClauseVersion
from community.core.db import db
from community.people.communities.models import Community

TYPED = {
    "community": "cantines",
    "title": "Délai récolte – livraison",
    "text": "Livré sous {{delai_heures}} heures.",
    "purpose": "De la fraîcheur.",
    "kind_of_clause": "technical_specification",
    "target_document": "CCTP",
    "contract_types": ["supplies"],
    "verification-0-means": "bordereau de suivi",
    "verification-0-moment": "À chaque livraison",
    "legal_basis-0-article": "R. 2111-10",
    "legal_basis-0-checked_on": "2026-01-05",
    "tags": "denrées, fraîcheur",
    "send": "1",
}


def version(app, id: int) -> ClauseVersion:
    with app.app_context():
        found = db.session.get(ClauseVersion, id)
        db.session.expunge_all()
        return found


def only(app) -> ClauseVersion:
    with app.app_context():
        found = db.session.scalars(select(ClauseVersion)).one()
        db.session.expunge_all()
        return found


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def test_a_member_proposes_a_clause(app, people, client_of):
    client = client_of(people.claire)
    response = client.submit("/clauses/nouvelle", TYPED)
    assert response.status_code == 303
    page = client.get(response.headers["Location"])
    for words in ("Délai récolte – livraison", "Proposée", "nouvelle clause", "Bordereau de suivi", "R2111-10"):
        assert words in page.text
    made = only(app)
    assert (made.state, made.data["tags"], made.data["legal_basis"]) == (
        "proposed", ["denrées", "fraîcheur"], [{"article": "R2111-10", "checked_on": "2026-01-05"}],
    )  # fmt: skip


def test_sending_the_form_twice_makes_one_clause(app, people, client_of):
    client = client_of(people.claire)
    data = TYPED | {"once": "same-mark", "base_number": "0"}
    places = {client.post("/clauses/nouvelle", data).headers["Location"] for _time in range(2)}
    assert len(places) == 1
    assert count(app, Clause) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("text", ""), ("purpose", ""), ("kind_of_clause", ""), ("target_document", ""), ("target_document", "X"),
     ("community", "inconnue"), ("legal_basis-0-checked_on", "2999-01-01"), ("title", "x" * 201), ("ambition", "inconnue")],
)  # fmt: skip
def test_a_refused_form_keeps_every_word(app, people, client_of, field, value):
    response = client_of(people.claire).submit("/clauses/nouvelle", TYPED | {field: value})
    assert response.status_code == 422
    assert "à revoir" in response.text
    assert "À chaque livraison" in response.text and "denrées, fraîcheur" in response.text
    assert count(app, ClauseVersion) == 0


def test_a_draft_may_lack_its_text_and_is_sent_later(app, people, client_of):
    client = client_of(people.claire)
    assert client.submit("/clauses/nouvelle", TYPED | {"send": "0", "text": ""}).status_code == 303
    draft = only(app)
    assert draft.state == "draft"
    assert "Pas encore de texte." in client.get(f"/clauses/propositions/{draft.id}").text
    path = f"/clauses/propositions/{draft.id}/modifier"
    assert client.submit(path, {"send": "1"}).status_code == 422
    assert client.submit(path, {"send": "1", "text": "Voici le texte."}).status_code == 303
    assert only(app).state == "proposed"


def test_only_who_may_post_proposes(app, people, make, client_of, visitor):
    make.community("fermee", access="invitation", visibility="platform")
    assert client_of(people.claire).submit("/clauses/nouvelle", TYPED | {"community": "fermee"}).status_code == 422
    assert visitor.get("/clauses/nouvelle").status_code == 302
    assert count(app, ClauseVersion) == 0


STATES = ("draft", "proposed", "refused")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("who", "sees"),
    [("claire", True), ("paul", True), ("ines", True), ("other", False), ("member", False), (None, False)],
)
def test_who_sees_proposals_drafts_and_refused_texts(app, people, make, client_of, visitor, state, who, sees):
    id = make.proposal(people.claire, submit=state != "draft", text="Texte pas encore public.")
    if state == "refused":
        client_of(people.ines).post(f"/clauses/propositions/{id}/refus", {"refuse-reason": "Sans lien avec l’objet."})
    people.member = make.member("Simple membre", communities={"cantines": "member"})
    client = client_of(getattr(people, who)) if who else visitor
    response = client.get(f"/clauses/propositions/{id}")
    assert response.status_code == (200 if sees else 404 if who else 302)
    assert ("pas encore public" in response.text) == sees
    listed = client.get("/clauses/propositions").text
    assert (f"/clauses/propositions/{id}" in listed) == sees


def test_an_administrator_of_the_platform_is_no_reviewer(people, make, client_of):
    admin = make.member("Anne", platform_role="administrator")
    id = make.proposal(people.claire)
    assert client_of(admin).get(f"/clauses/propositions/{id}").status_code == 404


def test_leaving_the_community_closes_its_proposals(app, people, make, client_of):
    make.community("secret", visibility="members")
    keeper = make.member("Nadia", communities={"secret": "moderator"})
    author = make.member("Luc", communities={"secret": "member"})
    id = make.proposal(author, "secret")
    from community.people.communities.models import Membership

    with app.test_request_context("/", method="POST"):
        db.session.execute(db.delete(Membership).where(Membership.member_id == author))
        db.session.commit()
    assert client_of(author).get(f"/clauses/propositions/{id}").status_code == 404
    assert f"/clauses/propositions/{id}" not in client_of(author).get("/clauses/propositions").text
    assert client_of(keeper).get(f"/clauses/propositions/{id}").status_code == 200


def validation(client, id: int, **changes) -> int:
    data = {"note": "Relue.", "trust_level": "expert_validated", "review_due": "2099-01-01"} | changes
    return client.submit(f"/clauses/relecture?proposition={id}", data, action=f"/{id}/validation").status_code


def test_the_whole_way_of_a_proposal(app, people, make, client_of, visitor):
    """Proposed, taken, changes requested, corrected, validated: each step is in the public history."""
    claire, ines = client_of(people.claire), client_of(people.ines)
    claire.submit("/clauses/nouvelle", TYPED)
    id = only(app).id
    assert "Délai récolte – livraison" in ines.get("/clauses/relecture").text
    assert ines.post(f"/clauses/propositions/{id}/relecture").status_code == 303
    assert only(app).state == "in_review"
    assert (
        ines.post(f"/clauses/propositions/{id}/demande", {"ask-reason": "Précisez d’où court le délai."}).status_code
        == 303
    )
    page = claire.get(f"/clauses/propositions/{id}").text
    assert "Précisez d’où court le délai." in page and "Brouillon" in page
    corrected = {"send": "1", "text": "Le délai de {{delai_heures}} heures court de la récolte."}
    assert claire.submit(f"/clauses/propositions/{id}/modifier", corrected).status_code == 303
    assert validation(ines, id) == 303
    clause = only(app).clause_id
    page = visitor.get(f"/clauses/{clause}", follow_redirects=True).text
    for words in (
        "court de la récolte",
        "Validé par un expert",
        "a demandé des modifications",
        "a pris en relecture",
        "a validé",
    ):
        assert words in page
    assert "Délai récolte" in visitor.get("/clauses").text


@pytest.mark.parametrize("path", ["relecture", "demande", "refus", "validation"])
@pytest.mark.parametrize(("who", "status"), [("claire", 403), ("paul", 403), ("other", 404)])
def test_only_moderators_decide(people, make, client_of, path, who, status, app):
    id = make.proposal(people.claire)
    data = {"ask-reason": "Une raison assez longue.", "refuse-reason": "Une raison assez longue."}
    assert client_of(getattr(people, who)).post(f"/clauses/propositions/{id}/{path}", data).status_code == status
    assert version(app, id).state == "proposed"


def test_nobody_validates_their_own_proposal_alone(app, people, make, client_of):
    id = make.proposal(people.ines)
    form = {"note": "Relue.", "trust_level": "testimony", "review_due": "2099-01-01", "curator": str(people.ines)}
    assert client_of(people.ines).post(f"/clauses/propositions/{id}/validation", form).status_code == 403
    assert version(app, id).state == "proposed"
    assert validation(client_of(people.omar), id) == 303
    assert version(app, id).validated_by_id == people.omar


def test_a_community_may_let_one_person_do_it(app, people, make, client_of):
    id = make.proposal(people.ines)
    with app.test_request_context("/", method="POST"):
        db.session.scalars(select(Community)).one().two_person_review = False
        db.session.commit()
    assert validation(client_of(people.ines), id) == 303


def test_the_setting_is_on_the_community_s_page(app, people, client_of):
    client = client_of(people.ines)
    assert client.get("/communautes/cantines/modifier").text.count("two_person_review") >= 1
    client.submit(
        "/communautes/cantines/modifier", {"purpose": "Vingt caractères au moins ici.", "two_person_review": ""}
    )
    with app.app_context():
        assert db.session.scalars(select(Community)).one().two_person_review is False


def test_the_conflict_loses_nothing(app, people, make, client_of):
    """Paul's change goes through while Claire writes: her words come back, with what changed, on the new version."""
    clause = make.clause(people.claire, people.ines, title="Étiquette de lot")
    claire = client_of(people.claire)
    path = f"/clauses/{clause}-etiquette-de-lot/proposer"
    page = claire.get(path)
    from client import forms_of

    typed = forms_of(page.text, "/proposer", path).fields | {
        "text": "Le texte de Claire.", "note": "Plus clair.", "send": "1", "contract_types": ["supplies"],
    }  # fmt: skip
    make.validated(
        make.change(clause, people.paul, text="Le texte de Paul, sous {{delai_heures}} heures."), people.ines
    )
    answer = claire.http.post(path, data=typed)
    assert answer.status_code == 409
    for words in ("Le texte de Claire.", "<ins>", "Paul", "Rien n’est perdu"):
        assert words in answer.text
    again = forms_of(answer.text, "/proposer", path).fields | {"send": "1", "contract_types": ["supplies"]}
    assert again["base_number"] == "2"
    response = claire.http.post(path, data=again)
    assert response.status_code == 303
    made = version(app, int(response.headers["Location"].rsplit("/", 1)[1]))
    assert (made.base_number, made.data["text"]) == (2, "Le texte de Claire.")


def test_validating_what_was_written_on_an_older_version_is_refused(app, people, make, client_of):
    clause = make.clause(people.claire, people.ines)
    first, second = make.change(clause, people.paul), make.change(clause, people.claire, text="Autre.")
    make.validated(first, people.ines)
    ines = client_of(people.ines)
    assert "en est à la version 2" in ines.get(f"/clauses/relecture?proposition={second}").text
    assert validation(ines, second) == 409
    assert version(app, second).state == "proposed"


def test_remarks_field_by_field(people, make, client_of):
    id = make.proposal(people.claire)
    paul = client_of(people.paul)
    assert (
        paul.post(f"/clauses/propositions/{id}/remarques/penalty", {"body": "Trop lourde pour un lot."}).status_code
        == 303
    )
    assert "Trop lourde" in client_of(people.ines).get(f"/clauses/relecture?proposition={id}").text
    assert paul.post(f"/clauses/propositions/{id}/remarques/inconnu", {"body": "Bonjour."}).status_code == 404
    assert paul.post(f"/clauses/propositions/{id}/remarques/penalty", {"body": ""}).status_code == 422
    assert (
        client_of(people.other).post(f"/clauses/propositions/{id}/remarques/penalty", {"body": "Bonjour."}).status_code
        == 404
    )


def test_refusing_needs_a_reason_and_closes(app, people, make, client_of):
    id = make.proposal(people.claire)
    ines = client_of(people.ines)
    assert ines.post(f"/clauses/propositions/{id}/refus", {"refuse-reason": ""}).status_code == 422
    assert ines.post(f"/clauses/propositions/{id}/refus", {"refuse-reason": "Contraire à R2111-7."}).status_code == 303
    assert version(app, id).state == "refused"
    assert ines.post(f"/clauses/propositions/{id}/refus", {"refuse-reason": "Contraire à R2111-7."}).status_code == 403
    assert client_of(people.claire).get(f"/clauses/propositions/{id}/modifier").status_code == 403


def test_giving_up_a_proposal(app, people, make, client_of):
    id = make.proposal(people.claire)
    assert client_of(people.paul).post(f"/clauses/propositions/{id}/abandon").status_code == 403
    assert client_of(people.claire).post(f"/clauses/propositions/{id}/abandon").status_code == 303
    assert version(app, id).state == "refused"


def test_the_desk_is_for_moderators_and_shows_the_oldest_first(people, make, client_of):
    make.proposal(people.claire, title="La plus ancienne")
    make.proposal(people.claire, title="La plus récente")
    page = client_of(people.ines).get("/clauses/relecture").text
    assert page.index("La plus ancienne") < page.index("La plus récente")
    assert client_of(people.paul).get("/clauses/relecture").status_code == 403


def test_after_a_decision_the_next_proposal_is_there(people, make, client_of):
    ids = [make.proposal(people.claire, title=f"Proposition {number}") for number in range(10)]
    ines = client_of(people.ines)
    for place, id in enumerate(ids):
        page = ines.get("/clauses/relecture").text
        assert f"/clauses/propositions/{id}/validation" in page, place
        assert validation(ines, id) == 303
    assert "Rien n’attend de relecture" in ines.get("/clauses/relecture").text


def test_comparing_versions_word_by_word_and_field_by_field(visitor, people, make):
    clause = make.clause(people.claire, people.ines, title="Étiquette de lot")
    change = make.change(
        clause, people.paul, text="Les légumes sont livrés sous 24 heures au quai.", penalty="Refus du lot."
    )
    make.validated(change, people.ines)
    page = visitor.get(f"/clauses/{clause}-etiquette-de-lot/comparer?de=1&a=2").text
    assert "<del>" in page and "<ins>" in page
    assert "Sanction" in page and "Refus du lot." in page and ">Pourquoi<" not in page
    assert visitor.get(f"/clauses/{clause}-etiquette-de-lot/comparer").status_code == 200
    assert visitor.get(f"/clauses/{clause}-etiquette-de-lot/comparer?de=1&a=9").status_code == 404
    assert "v2" in visitor.get(f"/clauses/{clause}-etiquette-de-lot/versions").text


def test_withdrawing_a_clause(app, people, make, client_of, visitor):
    clause, other = (
        make.clause(people.claire, people.ines, title="Vieille clause"),
        make.clause(people.claire, people.ines),
    )
    path = f"/clauses/{clause}-vieille-clause/retrait"
    assert client_of(people.paul).get(path).status_code == 403
    ines = client_of(people.ines)
    assert ines.submit(path, {"reason": ""}).status_code == 422
    assert ines.submit(path, {"reason": "Contraire au code.", "successor": str(other)}).status_code == 303
    page = visitor.get(f"/clauses/{clause}", follow_redirects=True).text
    assert "Contraire au code." in page and "Clause de livraison" in page
    assert client_of(people.paul).get(f"/clauses/{clause}-vieille-clause/proposer").status_code == 403


def test_confirming_that_a_clause_still_holds(app, people, make, client_of):
    clause = make.clause(people.claire, people.ines, title="Vieille clause")
    path = f"/clauses/{clause}-vieille-clause/relecture"
    assert client_of(people.paul).post(path, {"review_due": "2099-01-01"}).status_code == 403
    assert client_of(people.ines).post(path, {"review_due": "2099-01-01"}).status_code == 303
    with app.app_context():
        assert db.session.get(Clause, clause).review_due.year == 2099
        assert db.session.scalars(select(ClauseStep.step).order_by(ClauseStep.id.desc())).first() == "reviewed"


def test_budgets(statements, people, make, client_of):
    clause = make.clause(people.claire, people.ines)
    change = make.change(clause, people.claire, text="Autre texte.")
    for _number in range(5):
        make.proposal(people.claire)
    ines = client_of(people.ines)
    for path in (
        f"/clauses/relecture?proposition={change}",
        "/clauses/propositions",
        f"/clauses/propositions/{change}",
    ):
        with statements() as counted:
            assert ines.get(path).status_code == 200
        assert counted.count <= 9, counted.statements


def test_the_desk_s_keys_are_loaded(people, client_of):
    """The page names its script and the site's own script starts it: without the one or the other the keys do nothing."""
    page = client_of(people.ines).get("/clauses/relecture").text
    assert "data-desk-script=" in page
    with client_of(people.ines).get("/static/js/app.js") as script:
        assert "deskScript:" in script.text


def test_variables_are_defined_beside_the_text(app, people, client_of):
    """A row comes for each variable that has none; a definition under a name that the text lost is said, or dropped."""
    client = client_of(people.claire)
    text = "Livré sous {{delai_heures}} heures à {{lieu}}."
    row = {
        "variables-0-name": "{{delai_heures}}",
        "variables-0-label": "Délai de livraison",
        "variables-0-unit": "heures",
    }
    assert client.submit("/clauses/nouvelle", TYPED | row | {"text": text, "send": "0"}).status_code == 303
    path = f"/clauses/propositions/{only(app).id}/modifier"
    page = client.get(path).text
    assert 'value="delai_heures"' in page and 'name="variables-1-name"' in page and 'value="lieu"' in page
    slip = client.submit(
        path, {"send": "1", "text": text.replace("delai_heures", "delai_jours"), "variables-1-name": ""}
    )
    assert slip.status_code == 422 and "videz la ligne" in slip.text and "Délai de livraison" in slip.text
    assert client.submit(path, {"send": "1", "text": "À {{lieu}}.", "variables-1-label": "Le lieu"}).status_code == 303
    assert [(row["name"], row["label"]) for row in only(app).data["variables"]] == [("lieu", "Le lieu")]
