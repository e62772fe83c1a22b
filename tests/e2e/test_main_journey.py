"""The main journey, played in a browser by three people, with and without scripts; and what must never be lost on the way."""

from __future__ import annotations

import re
import time

import pytest
from builders import PASSWORD
from playwright.sync_api import Page, expect
from scene import CANTEENS, LIFTS

from community.content.questions.models import Question

BODY = "Nous relançons ce marché en mars : trois sites, un seul agent pour le suivre. Qu’avez-vous retenu ?"
ANSWER = "Un lot par famille de produits, et une réunion de sourçage avant de fixer leur taille."


def sign_in(page: Page, email: str) -> None:
    page.goto("/connexion")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    expect(
        page.get_by_role("button", name="Se déconnecter").or_(page.locator("summary.avatar-button")).first
    ).to_be_visible()


def write_question(page: Page, title: str, community: str) -> None:
    page.goto("/questions/nouvelle")
    page.get_by_label("Communauté").select_option(community)
    field = page.get_by_label("Votre question en une phrase")
    field.fill("")  # a draft that another test left comes back by itself
    field.press_sequentially(title, delay=2)


def read_while_typing(page: Page, lesson: str) -> None:
    """With scripts: close content appears as one types, says why, is announced, and the keyboard alone reaches it."""
    close = page.locator("#proches")
    expect(close.get_by_role("link", name=lesson)).to_be_visible()
    expect(close.locator(".rel.question").first).to_be_visible()
    expect(close.locator(".rel.sheet .why").first).to_contain_text("Parce que")
    expect(page.get_by_role("status").filter(has_text="contenus proches de votre question")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text(re.compile(r"Lire les \d contenus proches"))
    page.keyboard.press("Enter")
    expect(close).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#proches .rel') !== null")


def read_before_publishing(page: Page, lesson: str) -> None:
    """Without scripts: the first « Publier » shows close content, and the text is still there to be published."""
    page.get_by_role("button", name="Publier la question").click()
    close = page.locator(".suggestions").first
    expect(close.get_by_role("link", name=lesson)).to_be_visible()
    expect(close.locator(".rel.question").first).to_be_visible()
    expect(close.locator(".why").first).to_contain_text("Parce que")
    expect(page.get_by_label("Le contexte et ce que vous voulez savoir")).to_have_value(BODY)


@pytest.mark.parametrize(("js", "subject"), [(True, CANTEENS), (False, LIFTS)], ids=["scripts", "no-script"])
def test_main_journey(js, subject, browser_page, site):
    title, lesson = subject.asks, subject.lesson
    claire, paul, ines = (browser_page(js=js) for _ in range(3))
    for page, email in (
        (claire, "claire@collines.example"),
        (paul, "paul@velay.example"),
        (ines, "ines@clairbois.example"),
    ):
        sign_in(page, email)

    write_question(claire, title, subject.community)
    if js:
        read_while_typing(claire, lesson)
    claire.get_by_label("Le contexte et ce que vous voulez savoir").fill(BODY)
    if js:
        claire.get_by_role("button", name="Publier la question").click()
    else:
        read_before_publishing(claire, lesson)
        claire.get_by_role("button", name="Publier quand même").first.click()
    expect(claire.get_by_role("heading", level=1)).to_have_text(title)
    address = claire.url
    assert site.count(Question, title=title) == 1

    site.settle()
    paul.goto("/notifications")
    expect(paul.get_by_role("main")).to_contain_text(title)
    paul.goto(address)
    paul.get_by_label("Votre réponse").or_(paul.locator("#repondre textarea")).first.fill(ANSWER)
    paul.get_by_role("button", name="Publier la réponse").click()
    expect(paul.locator("article.post .prose").filter(has_text=ANSWER)).to_be_visible()
    expect(paul.get_by_role("button", name="Certifier")).to_have_count(0)  # never one's own answer

    claire.reload()
    claire.get_by_role("button", name="Retenir cette réponse").click()
    expect(claire.locator(".verdicts")).to_contain_text("Réponse retenue")

    ines.goto(address)
    ines.get_by_role("button", name="Certifier").click()
    expect(ines.locator(".verdicts")).to_contain_text("Certifiée par Inès Benali")
    sheet = ines.locator("#links .rel.sheet").filter(has_text=lesson)
    expect(sheet.locator(".why")).to_contain_text("Parce que")
    sheet.get_by_role("button", name="Pertinente").click()
    expect(sheet).to_contain_text("confirmée par un pair")

    visitor = browser_page(js=js)
    visitor.goto(address)
    expect(visitor.locator(".verdicts")).to_contain_text("Certifiée par Inès Benali")
    expect(visitor.locator(".verdicts")).to_contain_text("Réponse retenue")
    expect(visitor.locator("#links .rel.sheet").first).to_contain_text(lesson)
    expect(visitor.locator("#links .rel.sheet").first).to_contain_text("confirmée par un pair")
    expect(visitor.get_by_role("button", name="Pertinente")).to_have_count(0)


def test_draft_survives_a_closed_tab(browser_page, scene):
    page = browser_page(signed_in_as=scene.claire)
    page.goto("/questions/nouvelle")
    body = page.get_by_label("Le contexte et ce que vous voulez savoir")
    body.fill("Un texte que personne ne veut écrire deux fois.")
    expect(page.locator("[data-draft-state]").first).to_contain_text("Brouillon enregistré")
    body.press_sequentially(" Et la fin, tapée juste avant de partir.")
    page.close(run_before_unload=True)
    again = page.context.new_page()
    again.goto("/questions/nouvelle")
    again.wait_for_timeout(300)
    again.reload()
    expect(again.get_by_label("Le contexte et ce que vous voulez savoir")).to_have_value(
        "Un texte que personne ne veut écrire deux fois. Et la fin, tapée juste avant de partir."
    )


def test_question_is_found_within_five_seconds(browser_page, scene):
    """One of a few questions: the machine may have been busy with something else during the others."""
    waits = [_seconds_until_found(browser_page, scene, "zeppelins")]
    for thing in ("montgolfières", "planeurs"):
        if waits[-1] >= 5:
            waits.append(_seconds_until_found(browser_page, scene, thing))
    assert min(waits) < 5, waits


def _seconds_until_found(browser_page, scene, thing: str) -> float:
    page = browser_page(signed_in_as=scene.claire)
    write_question(page, f"Qui a déjà acheté des {thing} gonflables ?", "restauration")
    page.get_by_label("Le contexte et ce que vous voulez savoir").fill("Pour la fête de la commune, et en location.")
    page.get_by_role("button", name="Publier la question").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(thing)
    published = time.monotonic()
    visitor = browser_page(js=False)
    while not visitor.get_by_role("main").get_by_role("link", name=f"{thing} gonflables").count():
        assert time.monotonic() - published < 60, "never found"
        visitor.goto(f"/recherche?q={thing}")
        visitor.wait_for_timeout(250)
    return time.monotonic() - published


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "no-script"])
def test_expired_session_gives_the_answer_back(js, browser_page, scene):
    words = f"Une réponse écrite pendant que la session expirait ({'avec' if js else 'sans'} script)."
    page = browser_page(js=js, signed_in_as=scene.paul)
    page.goto(f"/questions/{scene.question}")
    page.locator("#repondre textarea").fill(words)
    page.context.clear_cookies()
    page.get_by_role("button", name="Publier la réponse").click()
    expect(page.get_by_role("alert")).to_contain_text("Votre session a expiré")
    page.get_by_label("Adresse électronique").fill("paul@velay.example")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("main")).to_contain_text(words)
    page.get_by_role("main").get_by_role("button", name="Envoyer").click()
    expect(page.locator("article.post .prose").filter(has_text=words)).to_be_visible()


@pytest.mark.parametrize("js", [True, False], ids=["scripts", "no-script"])
def test_double_click_publishes_once(js, browser_page, scene, site):
    title = f"Qui a déjà loué une patinoire démontable, {'avec' if js else 'sans'} script ?"
    page = browser_page(js=js, signed_in_as=scene.claire)
    write_question(page, title, "restauration")
    page.get_by_label("Le contexte et ce que vous voulez savoir").fill(
        "Pour quinze jours en décembre, montage compris."
    )
    if js:
        page.wait_for_timeout(600)
        page.get_by_role("button", name="Publier la question").dblclick()
    else:
        page.get_by_role("button", name="Publier la question").click()
        again = page.get_by_role("button", name="Publier quand même").first
        if again.count():
            again.dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert site.count(Question, title=title) == 1
    page.goto("/questions/nouvelle")  # what was published is no draft any more
    expect(page.get_by_label("Votre question en une phrase")).to_have_value("")


def test_menu_on_a_phone_without_script(browser_page, scene):
    page = browser_page(js=False, width=390, signed_in_as=scene.claire)
    page.goto("/")
    menu = page.locator(".nav-menu")
    expect(menu.get_by_role("link", name="Communautés")).to_be_hidden()
    menu.locator("summary").click()
    menu.get_by_role("link", name="Communautés").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Communautés")
