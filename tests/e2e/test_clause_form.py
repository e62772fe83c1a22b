"""The form of a clause in a browser: rows added from the keyboard, what is kept of them, and copies that are counted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from community.content.baskets.models import ClauseExport
from community.content.clauses.models import Clause, ClauseVersion
from community.core.db import db


@pytest.fixture(scope="module")
def nora(site, scene) -> int:
    site.make.community("formulaires", name="Formulaires", purpose="Écrire des clauses.")
    return site.make.member("Nora Lignes", {"formulaires": "member"}, email="nora@formulaires.example")


def test_rows_are_added_from_the_keyboard_and_kept_with_every_choice(browser_page, site, nora):
    page = browser_page(signed_in_as=nora)
    page.goto("/clauses/nouvelle")
    add, rows = page.locator("#verification [data-add-row]"), page.locator(".row-verification")
    expect(add).to_be_visible()
    expect(rows).to_have_count(2)
    add.focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    expect(rows.nth(2).get_by_label("Moyen")).to_be_focused()
    rows.nth(2).get_by_label("Moment").fill("Chaque mois")
    page.get_by_label("Texte de la clause").fill(
        "Livré sous {{delai_heures}} heures à {{lieu}}, puis {{delai_heures}} heures."
    )
    page.get_by_label("Titre").fill("Une clause à plusieurs lignes")
    names = page.locator("#variables [name$=-name]")
    expect(names.nth(0)).to_have_value("delai_heures")
    expect(names.nth(1)).to_have_value("lieu")
    page.get_by_label("Ce que c’est").first.fill("Délai de livraison")
    page.get_by_label("Fournitures").check()
    page.get_by_label("Services").check()
    expect(page.locator("[data-draft-state]").first).to_contain_text(re.compile("Brouillon enregistré"))
    page.reload()
    expect(page.locator("[data-draft-state]").first).to_contain_text("Brouillon retrouvé")
    expect(page.locator("[name=contract_types]:checked")).to_have_count(2)
    page.get_by_label("Titre").focus()
    page.wait_for_load_state("networkidle")
    moments = [row.get_by_label("Moment").input_value() for row in rows.all()]
    assert [moment for moment in moments if moment] == ["Chaque mois"]
    for _time in range(20):
        if add.is_visible():
            add.click()
    expect(rows).to_have_count(12)
    rows.nth(11).get_by_label("Qui").fill("Le service")
    page.get_by_label("Type de clause").select_option("technical_specification")
    page.get_by_label("Pièce du marché").select_option("CCTP")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Une clause à plusieurs lignes")
    with site.app.app_context():
        mine = select(ClauseVersion).join(Clause, Clause.id == ClauseVersion.clause_id)
        version = db.session.scalars(mine.where(Clause.title == "Une clause à plusieurs lignes")).one()
        assert [(row["moment"], row["who"]) for row in version.data["verification"]] == [
            ("Chaque mois", ""),
            ("", "Le service"),
        ]
        assert [(row["name"], row["label"]) for row in version.data["variables"]] == [
            ("delai_heures", "Délai de livraison"),
            ("lieu", ""),
        ]
        db.session.remove()


def test_without_scripts_saving_offers_more_rows(browser_page, nora):
    page = browser_page(js=False, signed_in_as=nora)
    page.goto("/clauses/nouvelle")
    expect(page.locator("#verification [data-add-row]")).to_be_hidden()
    expect(page.locator("#verification")).to_contain_text("enregistrez le brouillon")
    page.get_by_label("Titre").fill("Deux lignes pleines")
    page.get_by_label("Type de clause").select_option("technical_specification")
    page.get_by_label("Pièce du marché").select_option("CCTP")
    for number in range(2):
        page.locator(f"[name=verification-{number}-moment]").fill(f"Mois {number}")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    page.get_by_role("link", name="Modifier", exact=True).click()
    expect(page.locator(".row-verification")).to_have_count(4)


def test_a_copied_text_is_counted(browser_page, site, nora):
    moderator = site.make.member("Omar Compte", {"formulaires": "moderator"})
    clause = site.make.clause(nora, moderator, "formulaires", title="Clause à copier")
    page = browser_page(signed_in_as=nora)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/clauses/{clause}")
    with page.expect_response(lambda answer: answer.url.endswith("/copie")) as told:
        page.get_by_role("button", name="Copier le texte").click()
    assert told.value.status == 204
    assert "Les légumes sont livrés" in page.evaluate("navigator.clipboard.readText()")
    assert site.count(ClauseExport, clause_id=clause, form="copy") == 1
    with site.app.app_context():
        assert db.session.get(Clause, clause).copies_count == 1
        db.session.remove()
