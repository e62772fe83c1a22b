"""Communities over HTTP: what each person finds on the pages, and what the forms do."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from community.core.db import db
from community.core.mail import MailMessage
from community.people.communities.models import Community, Invitation, JoinRequest, Membership

FORM = {
    "name": "Énergie et fluides",
    "kind": "purchase_family",
    "access": "request",
    "visibility": "platform",
    "purpose": "Acheter l’énergie sans se faire surprendre.",
    "charter": "- **Chiffres** avec leur source",
    "answer_target_days": "4",
}


@pytest.fixture
def scalar(app):
    """``scalar(query)``: one value from the database, outside any request."""

    def read(query):
        with app.app_context():
            value = db.session.scalar(query)
            db.session.remove()
        return value

    return read


def role_of(scalar, slug: str, member_id: int):
    query = select(Membership.role).join(Community, Community.id == Membership.community_id)
    return scalar(query.where(Community.slug == slug, Membership.member_id == member_id))


def titles(html: str) -> list[str]:
    return re.findall(r"<h[23]><a [^>]*>([^<]+)</a>", html)


# --- the list and the page --------------------------------------------------------------------------------------------


def test_the_list_shows_mine_first_and_what_i_may_know(make, client_of, visitor):
    make.community("batiment", visibility="platform")
    make.community("cantines")
    make.community("secret", visibility="members")
    make.community("voirie")
    paul = make.member(communities={"voirie": "expert"})
    ines = make.member(communities={"secret": "member"})
    assert titles(visitor.get("/communautes").text) == ["Cantines", "Voirie"]
    assert titles(client_of(paul).get("/communautes").text) == ["Voirie", "Batiment", "Cantines"]
    assert titles(client_of(ines).get("/communautes").text) == ["Secret", "Batiment", "Cantines", "Voirie"]


def test_the_list_is_narrowed_by_kind(make, visitor):
    make.community("cantines")
    assert titles(visitor.get("/communautes?type=thematic").text) == ["Cantines"]
    assert titles(visitor.get("/communautes?type=territorial").text) == []
    assert titles(visitor.get("/communautes?type=n-importe").text) == ["Cantines"]


def test_archived_communities_leave_the_list_except_for_administrators(make, client_of, visitor):
    make.community("cantines")
    admin = client_of(make.member(platform_role="administrator"))
    assert admin.post("/communautes/cantines/archivage").status_code == 303
    assert titles(visitor.get("/communautes").text) == []
    assert titles(admin.get("/communautes").text) == ["Cantines"]
    assert "est archivée" in visitor.get("/communautes/cantines").text
    admin.post("/communautes/cantines/archivage/retrait")
    assert titles(visitor.get("/communautes").text) == ["Cantines"]


def test_the_page_tells_purpose_people_figures_and_activity(make, visitor):
    make.community(
        "cantines", purpose="Bien manger.", charter_html="<p>Soyez <em>précis</em>.</p>", answer_target_days=4
    )
    make.member("Alice Martin", communities={"cantines": "moderator"})
    paul = make.member("Paul Rey", communities={"cantines": "expert"}, expertise=["Allotissement"])
    make.question(paul, title="Comment allotir un marché de denrées ?")
    page = visitor.get("/communautes/cantines")
    for words in ("Bien manger.", "<em>précis</em>", "Alice Martin", "Paul Rey", "Allotissement", "4 jours"):
        assert words in page.text, words
    assert "Comment allotir un marché de denrées" in page.text
    assert "/questions?communaute=cantines&amp;vue=unanswered" in page.text
    assert re.search(r"<b>1</b> sans réponse", page.text)


@pytest.mark.parametrize(
    ("access", "role", "expected"),
    [
        ("open", None, "/adhesion"),
        ("request", None, "/demande"),
        ("invitation", None, "sur invitation"),
        ("open", "member", "/adhesion/retrait"),
        ("request", "expert", "/adhesion/retrait"),
    ],
)
def test_the_door_says_how_one_comes_in(make, client_of, access, role, expected):
    make.community("cantines", access=access)
    page = client_of(make.member(communities={"cantines": role} if role else {})).get("/communautes/cantines")
    assert expected in page.text


def test_a_visitor_is_sent_to_sign_in_and_back(make, visitor):
    make.community("cantines")
    assert "/connexion?suite=/communautes/cantines" in visitor.get("/communautes/cantines").text


# --- coming in and going out ------------------------------------------------------------------------------------------


def test_joining_and_leaving(make, client_of, scalar):
    make.community("cantines")
    paul = make.member()
    client = client_of(paul)
    for _ in range(2):
        assert client.post("/communautes/cantines/adhesion").status_code == 303
    assert role_of(scalar, "cantines", paul) == "member"
    for _ in range(2):
        assert client.post("/communautes/cantines/adhesion/retrait").status_code == 303
    assert role_of(scalar, "cantines", paul) is None
    assert scalar(select(Community.members_count)) == 0


def test_the_last_moderator_is_told_why_it_cannot_leave(make, client_of, scalar):
    alice = make.member(communities={"cantines": "moderator"})
    answer = client_of(alice).post("/communautes/cantines/adhesion/retrait")
    assert answer.status_code == 409 and "dernière personne" in answer.text
    assert role_of(scalar, "cantines", alice) == "moderator"


def test_asking_being_refused_then_accepted(make, client_of, scalar, drain):
    make.community("atelier", access="request")
    alice = client_of(make.member(communities={"atelier": "moderator"}))
    paul = make.member("Paul Rey")
    client = client_of(paul)
    empty = client.submit("/communautes/atelier/demande", {"message": "court"})
    assert empty.status_code == 422 and "court</textarea>" in empty.text
    assert client.submit("/communautes/atelier/demande", {"message": "J’achète l’énergie"}).status_code == 303
    assert "Demande envoyée" in client.get("/communautes/atelier").text
    desk = alice.get("/communautes/atelier/demandes").text
    assert "Paul Rey" in desk and "J’achète l’énergie" in desk
    first = scalar(select(JoinRequest.id))
    blank = alice.post(f"/communautes/atelier/demandes/{first}/refus", {"reason": "non"})
    assert blank.status_code == 422 and "non</textarea>" in blank.text
    alice.post(f"/communautes/atelier/demandes/{first}/refus", {"reason": "Dites-nous votre organisme."})
    assert "Demander à entrer" in client.get("/communautes/atelier").text
    client.submit("/communautes/atelier/demande", {"message": "Région, service achats"})
    second = scalar(select(JoinRequest.id).order_by(JoinRequest.id.desc()))
    assert alice.post(f"/communautes/atelier/demandes/{second}/acceptation").status_code == 303
    assert role_of(scalar, "atelier", paul) == "member"
    assert scalar(select(Community.requests_count)) == 0
    assert "Dites-nous votre organisme." in alice.get("/communautes/atelier/demandes").text


def test_taking_a_request_back(make, client_of, scalar):
    make.community("atelier", access="request")
    client = client_of(make.member())
    client.submit("/communautes/atelier/demande", {"message": "J’achète l’énergie"})
    client.post("/communautes/atelier/demande/retrait")
    assert scalar(select(JoinRequest.state)) == "withdrawn"
    assert "Demander à entrer" in client.get("/communautes/atelier").text


# --- invitations ------------------------------------------------------------------------------------------------------


def invited(make, client_of, scalar, addresses: str) -> str:
    """Invite from the page; gives the token of the last mail."""
    make.community("secret", access="invitation", visibility="members", name="Cercle discret")
    alice = client_of(make.member("Alice Martin", communities={"secret": "moderator"}))
    sent = alice.submit("/communautes/secret/invitations", {"addresses": addresses, "message": "Venez !"})
    assert sent.status_code == 303
    text = scalar(select(MailMessage.text).order_by(MailMessage.id.desc()))
    return re.search(r"/invitations/([\w-]+)", text).group(1)


def test_several_addresses_are_invited_at_once(make, client_of, scalar):
    from sqlalchemy import func

    invited(make, client_of, scalar, "un@ville.example, DEUX@ville.example;\nun@ville.example <trois@ville.example>")
    assert scalar(select(func.count()).select_from(Invitation)) == 3


def test_a_wrong_address_is_named(make, client_of):
    alice = client_of(make.member(communities={"cantines": "moderator"}))
    answer = alice.submit("/communautes/cantines/invitations", {"addresses": "bon@ville.example, pas une adresse"})
    assert answer.status_code == 422
    assert "Ce ne sont pas des adresses : pas, une, adresse" in answer.text.replace("\u00a0", " ")


def test_a_member_accepts_from_the_link_and_from_the_list(make, client_of, scalar):
    paul = make.member(email="paul@ville.example")
    token = invited(make, client_of, scalar, "paul@ville.example")
    client = client_of(paul)
    page = client.get(f"/invitations/{token}")
    assert "Cercle discret" in page.text and "Venez !" in page.text
    assert "Cercle discret" in client.get("/communautes").text
    id = scalar(select(Invitation.id))
    assert client.post(f"/invitations/{id}/acceptation").status_code == 303
    assert role_of(scalar, "secret", paul) == "member"
    assert client.get(f"/invitations/{token}").status_code == 404


def test_who_has_no_account_sees_what_to_do_and_finds_it_afterwards(make, client_of, visitor, scalar):
    token = invited(make, client_of, scalar, "ines@ville.example")
    page = visitor.get(f"/invitations/{token}")
    assert "ines@ville.example" in page.text and "/inscription" in page.text
    ines = client_of(make.member(email="ines@ville.example"))
    assert "Cercle discret" in ines.get("/communautes").text


def test_another_account_sees_no_name_and_takes_no_place(make, client_of, scalar):
    token = invited(make, client_of, scalar, "ines@ville.example")
    paul = client_of(make.member())
    page = paul.get(f"/invitations/{token}")
    assert page.status_code == 403 and "autre adresse" in page.text and "Cercle discret" not in page.text
    id = scalar(select(Invitation.id))
    for verb in ("acceptation", "refus"):
        assert paul.post(f"/invitations/{id}/{verb}").status_code == 404


def test_declining_and_withdrawing(make, client_of, scalar):
    paul = make.member(email="paul@ville.example")
    invited(make, client_of, scalar, "paul@ville.example")
    client = client_of(paul)
    id = scalar(select(Invitation.id))
    assert client.post(f"/invitations/{id}/refus").status_code == 303
    assert "Cercle discret" not in client.get("/communautes").text
    alice = client_of(make.member(communities={"secret": "moderator"}))
    assert "Déclinée" in alice.get("/communautes/secret/invitations").text
    assert alice.post(f"/communautes/secret/invitations/{id}/retrait").status_code == 409
    alice.submit("/communautes/secret/invitations", {"addresses": "paul@ville.example"})
    again = scalar(select(Invitation.id).order_by(Invitation.id.desc()))
    alice.post(f"/communautes/secret/invitations/{again}/retrait")
    assert "Cercle discret" not in client.get("/communautes").text


# --- opening, changing, roles -----------------------------------------------------------------------------------------


def test_an_administrator_opens_a_community(make, client_of, scalar):
    admin = client_of(make.member(platform_role="administrator"))
    assert admin.submit("/communautes/nouvelle", FORM).status_code == 303
    assert scalar(select(Community.slug)) == "energie-et-fluides"
    again = admin.submit("/communautes/nouvelle", FORM)
    assert again.status_code == 409 and "porte déjà ce nom" in again.text and FORM["purpose"] in again.text
    wrong = admin.submit("/communautes/nouvelle", FORM | {"name": "", "answer_target_days": "abc", "kind": "secte"})
    assert wrong.status_code == 422 and wrong.text.count('class="error"') == 3


def test_a_moderator_changes_the_presentation_but_not_name_nor_visibility(make, client_of, scalar):
    make.community("cantines", name="Cantines")
    alice = client_of(make.member(communities={"cantines": "moderator"}))
    page = alice.get("/communautes/cantines/modifier").text
    assert 'name="name"' not in page and 'name="visibility"' not in page
    answer = alice.post("/communautes/cantines/modifier", FORM)
    assert answer.status_code == 303
    assert scalar(select(Community.name)) == "Cantines"
    assert scalar(select(Community.visibility)) == "public"
    assert scalar(select(Community.access)) == "request"


def test_roles_are_changed_and_members_removed_from_the_list(make, client_of, scalar):
    alice = client_of(make.member(communities={"cantines": "moderator"}))
    paul = make.member("Paul Rey", communities={"cantines": "member"})
    assert "Paul Rey" in alice.get("/communautes/cantines/membres?role=member").text
    assert alice.post(f"/communautes/cantines/membres/{paul}/role", {"role": "expert"}).status_code == 303
    assert role_of(scalar, "cantines", paul) == "expert"
    assert alice.post(f"/communautes/cantines/membres/{paul}/role", {"role": "chef"}).status_code == 422
    assert alice.post("/communautes/cantines/membres/999/role", {"role": "expert"}).status_code == 404
    assert alice.post(f"/communautes/cantines/membres/{paul}/retrait").status_code == 303
    assert role_of(scalar, "cantines", paul) is None


POSTS = (
    "/communautes/nouvelle",
    "/communautes/cantines/modifier",
    "/communautes/cantines/archivage",
    "/communautes/cantines/archivage/retrait",
    "/communautes/cantines/membres/1/role",
    "/communautes/cantines/membres/1/retrait",
    "/communautes/cantines/demandes/1/acceptation",
    "/communautes/cantines/demandes/1/refus",
    "/communautes/cantines/invitations",
    "/communautes/cantines/invitations/1/retrait",
    "/communautes/cantines/demande",
)


@pytest.mark.parametrize("path", POSTS)
def test_a_plain_member_manages_nothing(make, client_of, path):
    member = client_of(make.member(communities={"cantines": "member"}))
    assert member.post(path, FORM).status_code == 403


@pytest.mark.parametrize("path", ["/communautes/cantines/demandes", "/communautes/cantines/invitations"])
def test_the_desk_is_for_moderators(make, client_of, visitor, path):
    member = client_of(make.member(communities={"cantines": "expert"}))
    assert member.get(path).status_code == 403
    assert visitor.get(path).status_code == 302


def test_the_members_list_is_for_people_who_are_signed_in(make, client_of, visitor):
    make.community("cantines")
    assert visitor.get("/communautes/cantines/membres").status_code == 302
    assert client_of(make.member()).get("/communautes/cantines/membres").status_code == 200


# --- budgets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/communautes", 6),
        ("/communautes/cantines", 8),
        ("/communautes/cantines/membres", 6),
        ("/communautes/cantines/demandes", 6),
        ("/communautes/cantines/invitations", 6),
    ],
)
def test_budgets_do_not_depend_on_the_number_of_rows(make, client_of, statements, path, most):
    alice = make.member(communities={"cantines": "moderator"})
    client = client_of(alice)
    make.question(alice)
    with statements() as small:
        assert client.get(path).status_code == 200
    for number in range(6):
        make.community(f"autre-{number}")
        asker = make.member(communities={"cantines": "expert", "voirie": "member"}, expertise=["Lots", "Prix"])
        make.question(asker)
    client.submit("/communautes/cantines/invitations", {"addresses": " ".join(f"m{n}@v.example" for n in range(9))})
    with statements() as large:
        assert client.get(path).status_code == 200
    assert large.count <= small.count + 1, large.statements
    assert large.count <= most, large.statements
