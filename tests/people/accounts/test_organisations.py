"""Organisations as records: proved by a domain or by a person, edited, merged when doubled, and unmerged."""

from __future__ import annotations

import pytest
from account_forms import REGISTRATION
from builders import PASSWORD
from client import Client

from community.core.audit import AuditEntry
from community.core.db import db
from community.people.accounts.models import Member, Organisation
from community.people.accounts.organisation_models import OrganisationDomain

EMAIL = REGISTRATION["email"]
FIELDS = {"name": "Ville des Collines", "type": "commune", "territory": "83", "domains": "collines.example"}


@pytest.fixture
def anne(make, client_of) -> Client:
    return client_of(make.member("Anne", platform_role="administrator", email="anne@entrepairs.example"))


@pytest.fixture
def city(app) -> int:
    with app.app_context():
        row = Organisation(name="Ville des Collines", type="commune", territory="83")
        db.session.add(row)
        db.session.flush()
        db.session.add(OrganisationDomain(organisation_id=row.id, domain="collines.example"))
        db.session.commit()
        id = row.id
        db.session.remove()
    return id


def organisation(app, name: str, **more) -> int:
    with app.app_context():
        row = Organisation(**{"name": name, "type": "commune", "territory": "83"} | more)
        db.session.add(row)
        db.session.commit()
        id = row.id
        db.session.remove()
    return id


def move(app, member: int, organisation_id: int) -> None:
    with app.app_context():
        db.session.get(Member, member).organisation_id = organisation_id
        db.session.commit()
        db.session.remove()


def facts(app, email: str = EMAIL) -> tuple[str, int | None]:
    with app.app_context():
        member = db.session.query(Member).filter_by(email=email).one()
        found = member.organisation_proof, member.organisation_id
        db.session.remove()
    return found


# --- proofs -------------------------------------------------------------------------------------------------------------


def test_an_address_of_its_domain_proves_the_organisation_once_confirmed(app, city, visitor, register, link, client_of):
    register(organisation="ville des collines")
    assert facts(app) == ("", city), "found whatever its capitals, not proved before the mail was followed"
    visitor.submit(link())
    assert facts(app) == ("domain", city)
    with app.app_context():
        id = db.session.query(Member.id).filter_by(email=EMAIL).scalar()
    assert "organisme vérifié par son adresse" in client_of(id).get(f"/membres/{id}", follow_redirects=True).text


def test_a_sub_domain_proves_it_and_a_look_alike_does_not(app, city, register, visitor, link):
    register(email="c@achats.collines.example")
    visitor.submit(link())
    register(email="d@mescollines.example")
    visitor.submit(link())
    assert facts(app, "c@achats.collines.example")[0] == "domain"
    assert facts(app, "d@mescollines.example")[0] == ""


def test_an_organisation_of_the_list_brings_type_and_territory(app, city, visitor):
    assert '<option value="Ville des Collines">' in visitor.get("/inscription").text
    answer = visitor.submit("/inscription", REGISTRATION | {"organisation_type": "", "territory": ""})
    assert answer.status_code == 303
    assert facts(app)[1] == city
    unknown = {"organisation": "Ville inconnue", "organisation_type": "", "territory": "", "email": "x@y.example"}
    assert visitor.submit("/inscription", REGISTRATION | unknown).status_code == 422


def test_changing_organisation_or_address_drops_the_proof(app, make, city, client_of, mails, link):
    claire = make.member("Claire Martin", email=EMAIL)
    move(app, claire, city)
    client = client_of(claire)
    client.submit(
        "/compte", {"organisation": "Autre ville", "organisation_type": "commune", "territory": "83", "job": "A"}
    )
    assert facts(app)[0] == ""
    client.submit("/compte", {"organisation": "Ville des Collines", "job": "A"})
    assert facts(app) == ("domain", city)
    client.submit("/compte/adresse", {"email": "claire@ailleurs.example", "current_password": PASSWORD})
    client.submit(link())
    assert facts(app, "claire@ailleurs.example") == ("", city)


def test_a_moderator_of_the_same_community_vouches(app, make, client_of):
    claire = make.member("Claire Martin", {"cantines": "member"}, email=EMAIL)
    here = client_of(make.member(communities={"cantines": "moderator"}))
    elsewhere = client_of(make.member(communities={"bretagne": "moderator"}))
    path = f"/membres/{claire}/organisme"
    assert elsewhere.post(f"{path}/verification").status_code == 403
    assert client_of(claire).post(f"{path}/verification").status_code == 403
    assert here.post(f"{path}/verification").status_code == 303
    assert facts(app)[0] == "moderator"
    question = make.question(claire)
    page = here.get(f"/questions/{question}", follow_redirects=True).text
    assert "organisme vérifié par un modérateur" in page
    assert here.post(f"{path}/retrait").status_code == 303
    assert facts(app)[0] == ""
    with app.app_context():
        acts = [entry.act for entry in db.session.query(AuditEntry).order_by(AuditEntry.number)]
    assert acts == ["organisation.vouched", "organisation.unvouched"]


# --- records ------------------------------------------------------------------------------------------------------------


def test_editing_a_record_proves_its_members_again(app, make, anne):
    claire = make.member("Claire Martin", email=EMAIL)
    id = organisation(app, "Collines")
    move(app, claire, id)
    page = anne.get(f"/admin/organisations/{id}").text
    assert "collines.example" in page, "suggested by its members’ addresses"
    assert anne.submit(f"/admin/organisations/{id}", FIELDS).status_code == 303
    assert facts(app)[0] == "domain"
    assert anne.submit(f"/admin/organisations/{id}", {"domains": ""}).status_code == 303
    assert facts(app)[0] == ""


@pytest.mark.parametrize(
    "wrong", [{"siret": "21830069500017"}, {"domains": "pas un domaine"}, {"name": ""}, {"type": "inventé"}]
)
def test_wrong_records_come_back_with_every_word(app, anne, wrong):
    id = organisation(app, "Collines")
    answer = anne.submit(f"/admin/organisations/{id}", FIELDS | wrong)
    assert answer.status_code == 422
    assert "collines.example" in answer.text or "domains" in wrong


def test_two_records_cannot_become_the_same_by_editing(app, anne):
    organisation(app, "Ville des Collines")
    id = organisation(app, "Collines")
    answer = anne.submit(f"/admin/organisations/{id}", FIELDS)
    assert answer.status_code == 422
    assert "réunissez-les" in answer.text


def test_doubles_are_suggested_merged_and_the_merge_undone(app, make, city, anne):
    claire, paul = make.member("Claire Martin", email=EMAIL), make.member("Paul Roche", email="paul@velay.example")
    double = organisation(app, "VILLE DES COLLINES", type="autre", siret="21830069500010")
    move(app, claire, double), move(app, paul, double)
    assert f"n° {double}" in anne.get("/admin/organisations").text
    assert anne.post(f"/admin/organisations/{city}/reunion", {"other": str(double)}).status_code == 303
    assert facts(app) == ("domain", city)
    assert "VILLE DES COLLINES" not in anne.get("/admin/organisations").text
    page = anne.get(f"/admin/organisations/{city}").text
    assert "21830069500010" in page, "its SIRET came along"
    assert anne.post(f"/admin/organisations/{city}/reunion", {"other": str(double)}).status_code == 409
    move(app, paul, organisation(app, "Département du Velay"))
    assert anne.post("/admin/organisations/reunions/1/annulation").status_code == 303
    assert facts(app) == ("", double)
    assert facts(app, "paul@velay.example")[1] not in (city, double), "who moved on since stays there"
    assert "21830069500010" not in anne.get(f"/admin/organisations/{city}").text
    with app.app_context():
        acts = [entry.act for entry in db.session.query(AuditEntry).order_by(AuditEntry.number)]
    assert acts == ["organisation.merged", "organisation.unmerged"]


def test_who_names_a_merged_record_joins_the_one_that_was_kept(app, city, anne, register):
    double = organisation(app, "Mairie des Collines")
    anne.post(f"/admin/organisations/{city}/reunion", {"other": str(double)})
    register(organisation="Mairie des Collines")
    assert facts(app)[1] == city


@pytest.mark.parametrize("other", ["", "abc", "99999999999", "987654"])
def test_merging_with_nothing_is_refused(anne, city, other):
    assert anne.post(f"/admin/organisations/{city}/reunion", {"other": other}).status_code in (404, 422)


def test_a_record_is_not_merged_with_itself(anne, city):
    assert anne.post(f"/admin/organisations/{city}/reunion", {"other": str(city)}).status_code == 409


def test_members_are_found_by_the_organisation_that_was_kept(app, make, city, anne, drain):
    paul = make.member("Paul Roche")
    double = organisation(app, "Mairie de Zibeline")
    move(app, paul, double)
    anne.post(f"/admin/organisations/{city}/reunion", {"other": str(double)})
    drain()
    assert "Paul Roche" in anne.get("/recherche?q=collines").text
    assert "Paul Roche" not in anne.get("/recherche?q=zibeline").text


def test_a_record_is_added_before_anybody_comes_from_there(app, anne, register, visitor, link):
    path = "/admin/organisations/nouvelle"
    assert anne.submit(path, FIELDS | {"domains": "collines.example gmail.com"}).status_code == 422, "proves nothing"
    assert anne.submit(path, FIELDS).status_code == 303
    assert anne.submit(path, FIELDS).status_code == 422, "there is one already"
    register()
    visitor.submit(link())
    assert facts(app)[0] == "domain"


def test_long_names_that_begin_alike_stay_two(app, register, visitor):
    name = "Syndicat intercommunal à vocation unique pour la restauration scolaire et périscolaire des communes de "
    register(organisation=f"{name}Clairbois")
    register(organisation=f"{name}Montrelais", email="autre@collines.example")
    assert facts(app)[1] != facts(app, "autre@collines.example")[1]
