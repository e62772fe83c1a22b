"""The directory, profiles, one's own profile, names to mention."""

from __future__ import annotations

import pytest
from client import forms_of

from community.core import ports
from community.core.db import db
from community.people.accounts.models import Expertise, Member, Organisation


@pytest.fixture
def reader(make, client_of):
    return client_of(make.member("Zoé Lecteur"))


def place(app, id, **values):
    with app.app_context():
        member = db.session.get(Member, id)
        organisation = db.session.get(Organisation, member.organisation_id)
        for name, value in values.items():
            setattr(organisation, name, value)
        db.session.commit()


def names(page) -> list[str]:
    import re

    return re.findall(r'<h2><a href="/membres/\d+-[^"]+">([^<]+)</a>', page.text)


# --- the directory ---


def test_the_directory_is_for_members(make, visitor, reader):
    make.member("Claire Martin")
    assert visitor.get("/membres").location == "/connexion?suite=/membres"
    assert names(reader.get("/membres")) == ["Claire Martin", "Zoé Lecteur"]


@pytest.mark.parametrize("state", ["pending", "suspended", "erased"])
def test_only_active_members_are_listed_or_shown(make, reader, state):
    id = make.member("Claire Martin", state=state)
    assert names(reader.get("/membres")) == ["Zoé Lecteur"]
    assert reader.get(f"/membres/{id}-claire-martin").status_code == 404
    assert reader.get("/membres/completion?q=claire").json == []


def test_names_are_sorted_whatever_their_accents_and_capitals(make, reader):
    for name in ("Émile Zola", "Eve Abadie", "alain Petit", "Étienne Roux", "Fanny Blanc"):
        make.member(name)
    listed = names(reader.get("/membres"))
    assert listed == ["alain Petit", "Émile Zola", "Étienne Roux", "Eve Abadie", "Fanny Blanc", "Zoé Lecteur"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ines", ["Inès Benali"]),
        ("BENA", ["Inès Benali"]),
        ("benali inès", ["Inès Benali"]),
        ("enali", []),
        ("in be", ["Inès Benali"]),
        ("le goff", ["Anne Le Goff"]),
        ("d’ar", ["Jeanne d’Arcy"]),
        ("%", ["Anne Le Goff", "Inès Benali", "Jeanne d’Arcy", "Zoé Lecteur"]),
        ("a_b", []),
        ("\x00in", ["Inès Benali"]),
    ],
)
def test_search_by_name(make, reader, typed, found):
    for name in ("Inès Benali", "Anne Le Goff", "Jeanne d’Arcy"):
        make.member(name)
    assert names(reader.get("/membres", query_string={"nom": typed})) == found


def test_filters(app, make, reader):
    anne = make.member("Anne Le Goff", can_help=True, expertise=["Allotissement", "Denrées alimentaires"])
    paul = make.member("Paul Roche", expertise=["Denrées"])
    place(app, anne, type="epci", territory="29")
    place(app, paul, type="departement", territory="R53")
    everybody = ["Anne Le Goff", "Paul Roche", "Zoé Lecteur"]
    for query, found in {
        "type=epci": ["Anne Le Goff"],
        "type=inconnu": everybody,
        "territoire=29": ["Anne Le Goff"],
        "territoire=R53": ["Anne Le Goff", "Paul Roche"],
        "territoire=R93": ["Zoé Lecteur"],
        "territoire=zz": everybody,
        "domaine=denrees": ["Anne Le Goff", "Paul Roche"],
        "domaine=Denrées+Alimentaires": ["Anne Le Goff"],
        "domaine=%25": everybody,
        "aide=1": ["Anne Le Goff"],
        "aide=1&type=commune": [],
    }.items():
        assert names(reader.get(f"/membres?{query}")) == found, query


def test_an_empty_result_says_what_to_do(reader):
    assert "Personne ne correspond" in reader.get("/membres?nom=personne").text


def test_pages_follow_each_other_without_a_gap(make, reader):
    import re

    for number in range(45):
        make.member(f"Membre {number:02}")
    seen, address = [], "/membres"
    while address:
        page = reader.get(address)
        seen += names(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = following.group(1).replace("&amp;", "&") if following else None
    assert seen == [f"Membre {number:02}" for number in range(45)] + ["Zoé Lecteur"]


def test_a_wrong_cursor_gives_the_first_page(reader):
    assert reader.get("/membres?page=%00!!").status_code == 200


@pytest.mark.parametrize("count", [1, 19])
def test_the_directory_takes_six_statements_at_most(make, reader, statements, count):
    for number in range(count):
        make.member(communities={"cantines": "expert"}, expertise=["Allotissement", f"Domaine {number}"])
    reader.get("/membres")
    with statements() as counted:
        reader.get("/membres?territoire=R93&domaine=allotissement")
    assert counted.count == 4, counted.statements


# --- a member's page ---


def test_a_profile(app, make, reader):
    id = make.member(
        "Claire Martin",
        job="Acheteuse",
        bio="Sept ans d’achats.\n<b>Et</b> des carottes.",
        can_help=True,
        expertise=["Sourçage", "Denrées"],
        communities={"cantines": "expert"},
    )
    make.question(id, title="Comment allotir un marché de denrées ?")
    with app.app_context():
        db.session.query(Expertise).filter_by(slug="denrees").one().endorsed_by_id = 1
        db.session.commit()
    page = reader.get(f"/membres/{id}-claire-martin").text
    for words in (
        "Claire Martin",
        "Acheteuse",
        "Prêt à aider",
        "Sourçage",
        "Cantines",
        "Comment allotir un marché",
        "Var",
    ):
        assert words in page, words
    assert page.index("Denrées") < page.index("Sourçage")
    assert page.count("reconnu par un pair") == 1
    assert "&lt;b&gt;Et&lt;/b&gt;" in page
    assert f"@ville{id}" not in page


def test_a_wrong_slug_leads_to_the_right_one(make, reader):
    id = make.member("Claire Martin")
    for address in (f"/membres/{id}", f"/membres/{id}-claire"):
        response = reader.get(f"{address}?page=x&slug=y")
        assert (response.status_code, response.location) == (301, f"/membres/{id}-claire-martin?page=x&slug=y")
    assert reader.get("/membres/999999").status_code == 404
    assert reader.get("/membres/99999999999999999999").status_code == 404


def test_communities_that_the_reader_may_not_know_of_are_not_hinted_at(make, client_of, visitor):
    make.community("ouverte")
    make.community("reseau", visibility="platform")
    make.community("secrete", access="invitation", visibility="members")
    places = {"ouverte": "member", "reseau": "member", "secrete": "expert"}
    id = make.member("Claire Martin", communities=places)
    for slug in places:
        make.question(id, community=slug, title=f"Une question dans le cercle {slug} ?")
    outsider = client_of(make.member("Paul Roche"))
    insider = client_of(make.member("Inès Benali", communities={"secrete": "member"}))
    shown = {}
    for who, client in (("visitor", visitor), ("outsider", outsider), ("insider", insider)):
        page = client.get(f"/membres/{id}-claire-martin").text.lower()
        shown[who] = {slug for slug in places if f"/communautes/{slug}" in page}
        assert {slug for slug in places if f"cercle {slug}" in page} == shown[who]
        assert ("secrete" in page) is ("secrete" in shown[who])
    assert shown == {"visitor": {"ouverte"}, "outsider": {"ouverte", "reseau"}, "insider": set(places)}


@pytest.mark.parametrize("count", [1, 9])
def test_a_profile_takes_six_statements_at_most(make, reader, statements, count):
    places = {f"communaute-{number}": "member" for number in range(count)}
    id = make.member("Claire Martin", communities=places, expertise=[f"Domaine {n}" for n in range(count)])
    for slug in places:
        make.question(id, community=slug)
    address = reader.get(f"/membres/{id}").location
    with statements() as counted:
        assert reader.get(address).status_code == 200
    assert counted.count == 5, counted.statements


# --- one's own profile ---


def test_edit_ones_profile(app, make, client_of, drain):
    id = make.member("Claire Martin", expertise=["Denrées", "Sourçage"])
    with app.app_context():
        db.session.query(Expertise).filter_by(slug="denrees").one().endorsed_by_id = id
        db.session.commit()
    client = client_of(id)
    changes = {
        "display_name": "Claire Martin-Roux",
        "job": "Directrice des achats",
        "organisation": "Région Bretagne",
        "organisation_type": "region",
        "territory": "R53",
        "bio": "Ligne une.\r\nLigne deux.",
        "expertise": "denrées, Allotissement;  insertion\n Allotissement",
        "can_help": "y",
        "digest": "daily",
    }
    assert client.submit("/compte", changes).status_code == 303
    page = client.get("/compte").text
    assert "Votre profil est à jour." in page
    fields = forms_of(page, "/compte", "").fields
    assert {name: fields[name] for name in changes if name not in ("expertise", "bio")} == {
        name: value for name, value in changes.items() if name not in ("expertise", "bio")
    }
    assert fields["expertise"] == "denrées, Allotissement, insertion"
    with app.app_context():
        kept = {row.slug: row.endorsed_by_id for row in db.session.query(Expertise).filter_by(member_id=id)}
    assert kept == {"denrees": id, "allotissement": None, "insertion": None}
    assert client.get(f"/membres/{id}-claire-martin").location == f"/membres/{id}-claire-martin-roux"
    drain()


def test_a_field_that_is_not_sent_is_empty(make, client_of):
    client = client_of(make.member("Claire Martin"))
    fields = dict(forms_of(client.get("/compte").text, "/compte", "").fields)
    fields |= {"organisation": "Région Bretagne", "organisation_type": "region", "territory": "R53", "job": "Acheteuse"}
    fields.pop("bio", None)
    assert client.http.post("/compte", data=fields).status_code == 303


def test_a_renamed_member_is_found_by_the_new_name(make, client_of):
    client = client_of(make.member("Claire Martin"))
    client.submit("/compte", {"display_name": "Lucie Durand", "job": "Acheteuse"})
    assert names(client.get("/membres?nom=durand")) == ["Lucie Durand"]
    assert names(client.get("/membres?nom=claire")) == []


def test_the_language_changes_with_the_profile(app, make, client_of):
    client = client_of(make.member("Claire Martin", job="Acheteuse"))
    client.submit("/compte", {"locale": "en"})
    assert '<html lang="en">' in client.get("/compte").text


@pytest.mark.parametrize(
    "changes",
    [
        {"display_name": ""},
        {"locale": "klingon"},
        {"digest": "hourly"},
        {"bio": "x" * 1001},
        {"expertise": "x" * 61},
        {"territory": "00"},
        {"organisation": ""},
    ],
)
def test_a_bad_profile_comes_back(make, client_of, changes):
    client = client_of(make.member("Claire Martin", job="Acheteuse en chef"))
    response = client.submit("/compte", changes)
    assert response.status_code == 422
    assert "Acheteuse en chef" in response.text


def test_nobody_gives_oneself_a_role(app, make, client_of):
    id = make.member("Claire Martin", job="Acheteuse")
    client_of(id).submit("/compte", {"platform_role": "administrator", "state": "suspended", "email": "a@b.example"})
    with app.app_context():
        member = db.session.get(Member, id)
        assert (member.platform_role, member.state) == ("member", "active")
        assert member.email.startswith("membre")


# --- names to mention ---


def test_names_to_mention(app, make, reader, visitor):
    id = make.member("Inès Benali", job="Directrice")
    for number in range(10):
        make.member(f"Inés Autre {number}")
    found = reader.get("/membres/completion?q=ine").json
    assert len(found) == 8
    found = reader.get("/membres/completion?q=ben").json
    assert [(row["id"], row["name"]) for row in found] == [(id, "Inès Benali")]
    assert found[0]["detail"].startswith("Directrice · Ville")
    assert reader.get("/membres/completion?q=").json == []
    assert reader.get("/membres/completion?q=%00%25").json == []
    assert visitor.get("/membres/completion?q=ben").status_code == 302
    with app.app_context():
        assert [row.id for row in ports.call("mention_candidates", "benali")] == [id]


def test_expertise_and_tags_are_one_facet_of_the_search(make, client_of, drain):
    claire = make.member("Claire Martin", communities={"cantines": "member"}, expertise=["Achats circulaires"])
    make.question(claire, title="Comment écrire des achats circulaires ?", tags=["achats circulaires"])
    with client_of(claire).app.app_context():
        from community.core.outbox import emit

        emit("member.edited", db.session.get(Member, claire))
        db.session.commit()
    drain()
    text = client_of(claire).get("/recherche?q=achats circulaires").text
    assert "etiquette=achats-circulaires" in text
    assert "etiquette=Achats" not in text
