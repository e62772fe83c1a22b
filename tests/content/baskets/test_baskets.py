"""The basket: filled, ordered, completed, kept, shared; and who may open it."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from community.content.baskets.models import Basket, BasketItem
from community.content.clauses.variables import words_for
from community.core.db import db


def held(app) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(select(BasketItem.clause_id).order_by(BasketItem.position)))


def opened(app) -> int:
    with app.app_context():
        return db.session.scalars(select(Basket.id).where(Basket.is_open)).one()


def order(page: str) -> list[str]:
    return re.findall(r'href="/clauses/\d+-[^"]+/v\d+">([^<]+)</a>', page)


def test_a_clause_is_added_once_from_its_page(app, shop, add):
    assert (
        f"/clauses/{shop.delay}-delai-de-livraison/v1/panier"
        in shop.buyer.get(f"/clauses/{shop.delay}", follow_redirects=True).text
    )
    assert add(shop.delay) == 303 and add(shop.delay) == 303
    assert held(app) == [shop.delay]
    assert order(shop.buyer.get("/panier").text) == ["Délai de livraison"]


def test_an_empty_basket_says_where_to_look(shop, visitor):
    assert "Ce panier est vide" in shop.buyer.get("/panier").text
    assert visitor.get("/panier").status_code == 302


def test_clauses_are_grouped_by_part_of_the_contract(shop, add):
    for clause in (shop.delay, shop.label, shop.award):
        add(clause)
    page = shop.buyer.get("/panier").text
    assert order(page) == ["Critère de fraîcheur", "Délai de livraison", "Étiquette de lot"]
    assert page.index("Règlement de la consultation") < page.index("Cahier des clauses techniques")


def test_moving_and_taking_out(app, shop, add):
    for clause in (shop.award, shop.delay, shop.label):
        add(clause)
    id = opened(app)
    shop.buyer.post(f"/panier/{id}/clauses/{shop.label}/monter")
    assert order(shop.buyer.get("/panier").text) == ["Critère de fraîcheur", "Étiquette de lot", "Délai de livraison"]
    shop.buyer.post(f"/panier/{id}/clauses/{shop.label}/monter")
    shop.buyer.post(f"/panier/{id}/clauses/{shop.label}/descendre")
    assert order(shop.buyer.get("/panier").text)[1:] == ["Délai de livraison", "Étiquette de lot"]
    for _time in range(2):
        assert shop.buyer.post(f"/panier/{id}/clauses/{shop.delay}/retrait").status_code == 303
    assert held(app) == [shop.award, shop.label]


def test_variables_are_filled_in_once_for_all(app, shop, add):
    add(shop.delay)
    add(shop.rival)
    page = shop.buyer.get("/panier").text
    assert page.count('name="v-delai_heures"') == 1 and 'name="v-taux"' in page
    shop.buyer.submit("/panier", {"v-delai_heures": "24", "v-autre": "x"}, action="/valeurs")
    with app.app_context():
        assert db.session.scalars(select(Basket)).one().values == {"delai_heures": "24"}
    assert 'value="24"' in shop.buyer.get("/panier").text


def test_missing_companions_and_contradictions_are_flagged(shop, add, make):
    against = make.clause(shop.author, shop.ines, title="Sans étiquette", excludes=[shop.label])
    add(shop.delay)
    page = shop.buyer.get("/panier").text
    assert "va avec une clause qui n’est pas dans ce panier" in page and "Étiquette de lot" in page
    assert "L’ajouter" in page
    shop.buyer.submit("/panier", {}, action=f"/clauses/{shop.label}-etiquette-de-lot/v1/panier")
    page = shop.buyer.get("/panier").text
    assert "va avec une clause" not in page and "est incompatible" not in page
    add(against)
    assert "est incompatible avec" in shop.buyer.get("/panier").text


def test_a_newer_version_is_said_and_taken(app, shop, add, make):
    add(shop.label)
    make.validated(make.change(shop.label, shop.author, text="Étiquette ou équivalent."), shop.ines)
    page = shop.buyer.get("/panier").text
    assert "la version 2 est en vigueur" in page
    assert add(shop.label, 2) == 303
    assert held(app) == [shop.label]
    assert "est en vigueur" not in shop.buyer.get("/panier").text


def test_a_newer_version_is_taken_in_the_basket_that_one_reads(app, shop, add, make):
    """Not in the open one, where « Ajouter au panier » puts things."""
    add(shop.label)
    old = opened(app)
    shop.buyer.post("/panier", {"name": "Un autre marché"})
    make.validated(make.change(shop.label, shop.author, text="Étiquette ou équivalent."), shop.ines)
    answer = shop.buyer.submit(f"/panier/{old}", {}, action="/v2/panier")
    assert answer.headers["Location"].endswith(f"/panier/{old}")
    assert "est en vigueur" not in shop.buyer.get(f"/panier/{old}").text
    assert "Ce panier est vide" in shop.buyer.get("/panier").text


def test_several_named_baskets(app, shop, add):
    add(shop.delay)
    first = opened(app)
    assert shop.buyer.post("/panier", {"name": ""}).status_code == 303
    shop.buyer.post("/panier", {"name": "Marché de légumes 2027"})
    second = opened(app)
    assert second != first
    add(shop.award)
    assert order(shop.buyer.get("/panier").text) == ["Critère de fraîcheur"]
    assert order(shop.buyer.get(f"/panier/{first}").text) == ["Délai de livraison"]
    shop.buyer.post(f"/panier/{first}/nom", {"name": "Ancien marché"})
    shop.buyer.post(f"/panier/{first}/copie")
    assert order(shop.buyer.get("/panier").text) == ["Délai de livraison"]
    assert "Ancien marché (copie)" in shop.buyer.get("/panier").text
    shop.buyer.post(f"/panier/{second}/ouverture")
    assert opened(app) == second
    shop.buyer.post(f"/panier/{second}/suppression")
    assert shop.buyer.get(f"/panier/{second}").status_code == 404
    with app.app_context():
        assert (
            db.session.scalar(select(func.count()).select_from(BasketItem).where(BasketItem.basket_id == second)) == 0
        )


def test_a_basket_is_its_owner_s_alone(app, shop, add, client_of):
    add(shop.delay)
    id, other = opened(app), client_of(shop.author)
    assert other.get(f"/panier/{id}").status_code == 404
    for path in (
        "nom",
        "copie",
        "suppression",
        "ouverture",
        "partage",
        "valeurs",
        "export/docx",
        f"clauses/{shop.delay}/retrait",
    ):
        assert other.post(f"/panier/{id}/{path}", {"name": "x", "shared": "1"}).status_code == 404, path
    assert held(app) == [shop.delay]


def test_sharing_by_link_with_who_may_see_every_clause(app, shop, add, make, client_of, visitor):
    make.community("secret", visibility="members")
    keeper = make.member("Nadia", communities={"secret": "moderator", "cantines": "member"})
    luc = make.member("Luc", communities={"secret": "member"})
    hidden = make.clause(luc, keeper, "secret", title="Clause confidentielle")
    nadia = client_of(keeper)
    add(shop.delay, client=nadia)
    id = opened(app)
    nadia.post(f"/panier/{id}/partage", {"shared": "1"})
    with app.app_context():
        key = db.session.get(Basket, id).share_key
    link = f"/panier/partage/{key}"
    assert "Délai de livraison" in shop.buyer.get(link).text
    assert visitor.get(link).status_code == 302
    add(hidden, client=nadia)
    closed = shop.buyer.get(link)
    assert closed.status_code == 404 and "Ce lien n’ouvre rien pour vous" in closed.text
    assert closed.text.count("Nadia") == closed.text.count("confidentielle") == 0
    assert shop.buyer.get("/panier/partage/jamais-vu").status_code == 404
    assert shop.buyer.post(f"{link}/copie").status_code == 404
    assert "Clause confidentielle" in client_of(luc).get(link).text
    nadia.post(f"/panier/{id}/clauses/{hidden}/retrait")
    with app.app_context():  # what was given for a clause that is not there any more is its owner's alone
        db.session.get(Basket, id).values = {"delai_heures": "24", "prix_plafond": "81 000"}
        db.session.commit()
    assert shop.buyer.post(f"{link}/copie").status_code == 303
    with app.app_context():
        copied = db.session.scalars(select(Basket).where(Basket.is_open, Basket.owner_id != keeper)).one()
        assert copied.values == {"delai_heures": "24"}
    assert order(shop.buyer.get("/panier").text) == ["Délai de livraison"]
    nadia.post(f"/panier/{id}/partage", {"shared": "0"})
    assert shop.buyer.get(link).status_code == 404


def test_losing_sight_of_a_clause_hides_it_from_the_basket_and_the_file(app, shop, add, make, client_of):
    from community.people.communities.models import Membership

    make.community("secret", visibility="members")
    keeper, luc = (
        make.member("Nadia", communities={"secret": "moderator"}),
        make.member("Luc", communities={"secret": "member"}),
    )
    hidden = make.clause(luc, keeper, "secret", title="Clause confidentielle")
    client = client_of(luc)
    add(hidden, client=client)
    with app.test_request_context("/", method="POST"):
        db.session.execute(db.delete(Membership).where(Membership.member_id == luc))
        db.session.commit()
    page = client.get("/panier").text
    assert "ne vous est plus accessible" in page and "confidentielle" not in page
    assert "confidentielle" not in client.post(f"/panier/{opened(app)}/export/md").text
    assert client.post(f"/clauses/{hidden}-clause-confidentielle/v1/panier").status_code == 404


def test_a_proposal_cannot_be_added(shop, make, app):
    version = make.proposal(shop.author, title="Pas encore lue")
    from community.content.clauses.models import ClauseVersion

    with app.app_context():
        clause = db.session.get(ClauseVersion, version).clause_id
    assert shop.buyer.post(f"/clauses/{clause}-pas-encore-lue/v1/panier").status_code == 404


def test_budget(statements, shop, add):
    for clause in (shop.award, shop.delay, shop.rival):
        add(clause)
    with statements() as counted:
        assert shop.buyer.get("/panier").status_code == 200
    assert counted.count <= 6, counted.statements


def test_a_shared_variable_shows_its_clauses_and_takes_a_value_for_one(app, shop, add, make):
    late = make.clause(
        shop.author, shop.ines, title="Pénalité de retard", text="Puis {{delai_heures}} heures de retard."
    )
    add(shop.delay)
    assert "delai_heures@" not in shop.buyer.get("/panier").text
    add(late)
    page = re.sub(r"[\u00a0\u202f]", " ", shop.buyer.get("/panier").text)
    assert "Pour « Pénalité de retard » seulement" in page and "heures de retard." in page and "délai heures" in page
    shop.buyer.submit("/panier", {"v-delai_heures": "24", f"v-delai_heures@{late}": "3"}, action="/valeurs")
    text = shop.buyer.post(f"/panier/{opened(app)}/export/md").text
    assert "Puis 3 heures de retard" in text and "24 heures" in text and "24 heures de retard" not in text
    shop.buyer.post(f"/panier/{opened(app)}/clauses/{shop.delay}/retrait")
    assert f'name="v-delai_heures@{late}"' in shop.buyer.get("/panier").text


def test_names_of_variables_get_their_accents_back():
    names = ("duree_eligibilite", "etat_reprise", "jour_previsionnel", "pieces_prevues", "quantite_kg_m2", "plafond")
    assert [words_for(name, {}) for name in names] == [
        "[durée éligibilité]", "[état reprise]", "[jour prévisionnel]", "[pièces prévues]", "[quantité kg m²]", "[plafond]",
    ]  # fmt: skip


def test_values_given_under_former_names_are_kept_carried_over_or_forgotten(app, shop, add, make):
    """A variable that only changed its name takes its value along; what nobody asks for any more waits, and may be moved."""

    def values() -> dict[str, str]:
        with app.app_context():
            return db.session.scalars(select(Basket)).one().values

    add(shop.delay)
    given = {"v-delai_heures": "24", "v-lieu": "la cuisine centrale", "v-taux": "5", "v-heure_limite": "10 h"}
    shop.buyer.submit("/panier", given, action="/valeurs")
    text = "Livré sous {{delai_de_livraison}} heures à **{{lieu}}** :\n\n- le matin ;\n- tard."
    make.validated(make.change(shop.delay, shop.author, text=text, penalty="Soit {{part}} %."), shop.ines)
    assert add(shop.delay, 2) == 303
    page = shop.buyer.get("/panier").text
    assert "est reprise pour" in page and "24</span> heures" in page
    kept = {"delai_de_livraison": "24", "lieu": "la cuisine centrale"}
    assert values() == kept | {"taux": "5", "heure_limite": "10 h"}
    assert "Données pour d’anciennes variables" in page and 'name="f-taux"' in page
    shop.buyer.submit("/panier", {"f-taux": "part", "f-heure_limite": ""}, action="/valeurs")
    assert values() == kept | {"part": "5", "heure_limite": "10 h"}
    shop.buyer.submit("/panier", {"f-heure_limite": "-"}, action="/valeurs")
    assert values() == kept | {"part": "5"}
    shop.buyer.post(f"/panier/{opened(app)}/clauses/{shop.delay}/retrait")
    assert values() == kept | {"part": "5"}
