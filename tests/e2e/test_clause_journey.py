"""A clause from its proposal to the document it is taken away in, played in a browser by four people; the conflict; the desk."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from docx import Document
from playwright.sync_api import Page, expect
from test_main_journey import sign_in

from community.content.clauses.models import ClauseVersion

TITLE = "Délai entre récolte et livraison"
FIRST = "Les légumes sont livrés sous {{delai_heures}} heures."
CORRECTED = "Les légumes sont livrés sous {{delai_heures}} heures après leur récolte."
SECOND = "Les légumes sont livrés sous {{delai_heures}} heures après leur récolte, au quai des cuisines."


@pytest.fixture(scope="module")
def people(site, scene) -> SimpleNamespace:
    """Who proposes, who moderates, and two more: one cites and one proposes changes."""
    site.make.community("clausier", name="Clauses des cantines", purpose="Écrire ensemble ce que nous exigeons.")
    who = {"nora": "member", "marc": "moderator", "jeanne": "member", "luc": "expert"}
    return SimpleNamespace(
        **{
            name: site.make.member(name.capitalize(), {"clausier": role}, email=f"{name}@clausier.example")
            for name, role in who.items()
        }
    )


def send(page: Page, **fields: str) -> None:
    """Fill in these fields of the clause's form and hand it over to the moderators."""
    for name, value in fields.items():
        page.locator(f".sheet-form [name={name}]").fill(value)
    page.get_by_role("button", name="Envoyer aux animateurs").click()


def decide(page: Page, decision: str, confirm: str, **fields: str) -> None:
    """On the desk: open a decision, say why, confirm."""
    page.locator(".decide summary", has_text=decision).click()
    for name, value in fields.items():
        page.locator(f".decide [name={name}]").or_(page.locator(f".decide [name=ask-{name}]")).fill(value)
    page.get_by_role("button", name=confirm).click()


def propose(page: Page) -> None:
    page.goto("/clauses/nouvelle")
    page.get_by_label("Communauté").select_option("clausier")
    page.get_by_label("Type de clause").select_option("technical_specification")
    page.get_by_label("Pièce du marché").select_option("CCTP")
    page.get_by_label("Fournitures").check()
    page.get_by_label("Moyen").first.select_option(index=1)
    page.get_by_label("Moment").first.fill("À chaque livraison")
    page.get_by_label("Article", exact=True).first.fill("R. 2111-10")
    send(page, title=TITLE, text=FIRST, purpose="De la fraîcheur.")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


def validate(page: Page, note: str, title: str = TITLE) -> None:
    page.goto("/clauses/relecture")
    page.locator(".queue a", has_text=title).first.click()
    decide(page, "Valider", "Valider cette version", note=note)
    expect(page.get_by_text(re.compile(r"Version \d+ validée"))).to_be_visible()


def cite(page: Page, question: int, site) -> str:
    """Answer a question with the clause, found from « # », and see its card."""
    site.settle(20)
    page.goto(f"/questions/{question}")
    box = page.locator("#repondre textarea")
    box.fill("Celle-ci a tenu chez nous :\n\n")
    box.press_sequentially("#récolte et liv", delay=15)
    page.get_by_role("option").filter(has_text=TITLE).click()
    expect(box).to_have_value(re.compile(r"\[\[clause:\d+@1\]\]"))
    page.get_by_role("button", name="Publier la réponse").click()
    card = page.locator("article.post").filter(has_text="Celle-ci a tenu chez nous")
    expect(card.get_by_role("link", name=TITLE)).to_be_visible()
    expect(card).to_contain_text("version 1")
    return card.get_by_role("link", name=TITLE).get_attribute("href")


def take_away(page: Page, address: str, folder) -> list[tuple[str, str]]:
    """Into the basket, a value, and out as a DOCX: its paragraphs, each with its style."""
    page.goto(address)
    page.get_by_role("button", name="Ajouter au panier").click()
    page.goto("/panier")
    page.get_by_label("Délai heures").fill("48")
    page.get_by_role("button", name="Enregistrer les valeurs").click()
    expect(page.get_by_label("Délai heures")).to_have_value("48")
    with page.expect_download() as download:
        page.get_by_role("button", name="Word (DOCX)").click()
    download.value.save_as(folder / "panier.docx")
    return [(line.style.name, line.text) for line in Document(str(folder / "panier.docx")).paragraphs]


def test_from_a_proposal_to_a_document(browser_page, site, people, tmp_path):
    question = site.make.question(people.luc, "clausier", "Comment demander des légumes vraiment frais ?")
    nora, jeanne, marc, luc = (browser_page() for _person in range(4))
    for name, page in {"nora": nora, "jeanne": jeanne, "marc": marc, "luc": luc}.items():
        sign_in(page, f"{name}@clausier.example")

    propose(nora)
    expect(nora.locator(".decide")).to_have_count(0)
    proposed = nora.url
    marc.goto("/clauses/relecture")
    marc.locator(".queue a", has_text=TITLE).click()
    decide(marc, "Demander des modifications", "Rendre à l’auteur", reason="Dites d’où court le délai.")
    expect(marc.get_by_text("Rendue à son auteur")).to_be_visible()

    nora.goto(proposed)
    expect(nora.get_by_role("main")).to_contain_text("Dites d’où court le délai.")
    nora.get_by_role("link", name="Modifier", exact=True).click()
    send(nora, text=CORRECTED)
    validate(marc, "Première version.")

    version_one = cite(jeanne, question, site)
    luc.goto(version_one)
    luc.get_by_role("link", name="Proposer une modification").click()
    send(luc, text=SECOND, note="Le lieu de livraison est dit.")
    expect(luc.get_by_role("main")).to_contain_text("modifie la version 1")
    validate(marc, "Le lieu de livraison est dit.")

    site.settle(20)
    jeanne.goto("/notifications")
    alert = jeanne.get_by_role("main").locator("li", has_text=TITLE)
    alert.get_by_text(re.compile(r"La clause a une nouvelle version\s: voyez ce qui a changé")).first.click()
    expect(jeanne.locator("ins").filter(has_text="au quai des cuisines")).to_be_visible()
    jeanne.goto(f"/questions/{question}")
    expect(jeanne.get_by_role("main")).to_contain_text("la version 2 est en vigueur")

    lines = take_away(jeanne, version_one.rpartition("/")[0], tmp_path)
    assert ("Heading 2", f"Article 1 – {TITLE}") in lines
    assert any(SECOND.replace("{{delai_heures}}", "48") in text for _style, text in lines)
    note = next(text for style, text in lines if style == "Source")
    assert TITLE in note and "version 2" in note and site.base in note


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "no-script"])
def test_two_changes_against_one_version(js, browser_page, site, people):
    """The second is told what the first changed, with the own words still there, and goes on from the new version."""
    title = f"Étiquette de lot {'avec' if js else 'sans'} script"
    clause = site.make.clause(people.nora, people.marc, "clausier", title=title)
    words = "Chaque lot porte une étiquette lisible à un mètre."
    luc = browser_page(js=js, signed_in_as=people.luc)
    luc.goto(f"/clauses/{clause}")
    luc.get_by_role("link", name="Proposer une modification").click()
    expect(luc.locator("[name=base_number]")).to_have_value("1")
    first = site.make.change(clause, people.nora, text="Chaque lot porte une étiquette et un code.")
    site.make.validated(first, people.marc)
    send(luc, text=words, note="Lisible de loin.")
    expect(luc.get_by_role("alert")).to_contain_text("Rien n’est perdu")
    expect(luc.get_by_role("alert").locator("ins").filter(has_text="étiquette").first).to_be_visible()
    expect(luc.locator("[name=text]")).to_have_value(words)
    expect(luc.locator("[name=note]")).to_have_value("Lisible de loin.")
    send(luc)
    expect(luc.get_by_role("main")).to_contain_text("modifie la version 2")
    expect(luc.locator("#texte-clause")).to_contain_text(words)
    assert site.count(ClauseVersion, clause_id=clause, state="proposed") == 1


def test_ten_proposals_from_the_keyboard_alone(browser_page, site, people):
    site.make.community("bureau", name="Bureau de relecture", purpose="Relire au clavier.")
    ward = site.make.member("Rose", {"bureau": "moderator"}, email="rose@clausier.example")
    pen = site.make.member("Hugo", {"bureau": "member"}, email="hugo@clausier.example")
    ids = [site.make.proposal(pen, "bureau", title=f"Proposition {number}") for number in range(10)]
    page = browser_page(signed_in_as=ward)
    keys, current = page.keyboard, page.locator(".queue a[aria-current]")
    page.goto("/clauses/relecture")
    expect(page.locator(".queue a")).to_have_count(10)
    for key, title in (("j", "Proposition 1"), ("j", "Proposition 2"), ("k", "Proposition 1"), ("k", "Proposition 0")):
        _ready(page)
        keys.press(key)
        expect(current).to_contain_text(title)
    for number in range(10):
        expect(current).to_contain_text(f"Proposition {number}")
        _ready(page)
        if number == 3:
            _refuse(page)
        else:
            keys.press("v")
            expect(page.locator("#valider [name=note]")).to_be_focused()
            keys.type("Relue.")
            keys.press("Enter")
    expect(page.get_by_text("Rien n’attend de relecture")).to_be_visible()
    assert site.count(ClauseVersion, state="validated", validated_by_id=ward) == 9
    assert site.count(ClauseVersion, id=ids[3], state="refused") == 1


def _refuse(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.keyboard.press("r")
    expect(page.locator("#refuser textarea")).to_be_focused()
    page.keyboard.type("Déjà couverte par une autre.")
    page.keyboard.press("Control+Enter")


def _ready(page: Page) -> None:
    """Keys are listened to once the page's scripts have started."""
    page.wait_for_load_state("networkidle")
