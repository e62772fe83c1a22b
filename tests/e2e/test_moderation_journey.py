"""A report, a decision taken from the keyboard, and the author's appeal that another moderator grants: played in a browser."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

TEXT = "Leur service est lamentable, fuyez la société Durand."
WHY = "J’ai les constats de pénalités, contradictoires et signés : ce sont des faits."


@pytest.fixture(scope="module")
def people(site, scene) -> SimpleNamespace:
    """Two moderators, who wrote, and who reports."""
    site.make.community("moderee", name="Communauté modérée", purpose="Éprouver la modération.")
    who = {"iris": "moderator", "omar": "moderator", "alix": "member", "remi": "member"}
    ids = {
        name: site.make.member(name.capitalize(), {"moderee": role}, email=f"{name}@moderee.example")
        for name, role in who.items()
    }
    question = site.make.question(ids["remi"], "moderee", "Qui connaît ce prestataire de restauration ?")
    answer = site.make.answer(question, ids["alix"], TEXT)
    return SimpleNamespace(**ids, question=question, answer=answer)


def test_a_report_a_removal_from_the_keyboard_and_an_appeal_granted(site, people, browser_page):
    address = f"/questions/{people.question}"

    reader = browser_page(signed_in_as=people.remi)
    reader.goto(address)
    reader.locator(f"#p{people.answer}").get_by_role("link", name="Signaler").click()
    reader.get_by_label("Propos blessants ou déplacés").check()
    reader.get_by_label(re.compile("Précisions")).fill("Une entreprise nommée, sans preuve.")
    reader.get_by_role("button", name="Envoyer le signalement").click()
    expect(reader.get_by_role("status").first).to_contain_text("vous saurez ce qui a été décidé")

    iris = browser_page(signed_in_as=people.iris)
    iris.goto("/moderation")
    expect(iris.locator(".judged")).to_contain_text("fuyez la société Durand")
    expect(iris.locator(".reports")).to_contain_text("sans preuve")
    iris.wait_for_load_state("networkidle")  # the modules of the page have come
    iris.keyboard.press("?")
    expect(iris.get_by_role("dialog")).to_contain_text("Laisser en place")
    iris.keyboard.press("Escape")
    expect(iris.get_by_role("dialog")).to_be_hidden()
    iris.keyboard.press("r")
    message = iris.locator("[name=remove-message]")
    expect(message).to_be_focused()
    assert message.evaluate("area => area.value.length > 0 && area.selectionStart === area.value.length")
    iris.keyboard.type(" Ne nommez pas d’entreprise.")
    iris.keyboard.press("Control+Enter")
    expect(iris.get_by_text("Rien à traiter").first).to_be_visible()
    expect(iris.get_by_text("sont prévenus")).to_be_visible()
    site.settle()

    reader.goto("/signalements")
    expect(reader.locator("main")).to_contain_text("Retiré")
    reader.goto(address)
    expect(reader.locator("main")).not_to_contain_text("société Durand")

    alix = browser_page(signed_in_as=people.alix)
    alix.goto("/notifications")
    alix.get_by_role("button", name="Une décision de modération").click()
    alix.get_by_role("link", name="Qui connaît ce prestataire").click()
    expect(alix.locator("main")).to_contain_text("Ne nommez pas d’entreprise.")
    expect(alix.locator("main")).not_to_contain_text("Remi")
    alix.get_by_label("Pourquoi contester ?").fill(WHY)
    alix.get_by_role("button", name="Envoyer la contestation").click()
    expect(alix.get_by_text("En réexamen")).to_be_visible()
    site.settle()

    iris.goto("/moderation/contestations")
    expect(iris.get_by_text("Rien à réexaminer")).to_be_visible()

    omar = browser_page(signed_in_as=people.omar)
    omar.goto("/moderation/contestations")
    expect(omar.locator("main")).to_contain_text(WHY)
    omar.wait_for_load_state("networkidle")
    omar.keyboard.press("a")
    expect(omar.locator("[name=reversed-answer]")).to_be_focused()
    omar.keyboard.type("Vos constats le montrent : votre réponse revient.")
    omar.keyboard.press("Control+Enter")
    expect(omar.get_by_text("Rien à réexaminer")).to_be_visible()
    site.settle()

    alix.goto("/decisions")
    expect(alix.locator("main")).to_contain_text("annulée")
    reader.goto(address)
    expect(reader.locator(f"#p{people.answer}")).to_contain_text("société Durand")


def test_the_desk_without_scripts_on_a_phone(people, browser_page, site):
    reader = browser_page(js=False, width=390, signed_in_as=people.remi)
    reader.goto(f"/contributions/{people.answer}/signalement")
    reader.get_by_label("Contenu illicite").check()
    reader.get_by_role("button", name="Envoyer le signalement").click()
    desk = browser_page(js=False, width=390, signed_in_as=people.omar)
    desk.goto("/moderation")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.get_by_role("button", name="Laisser en place").click()
    expect(desk.get_by_text("Rien à traiter").first).to_be_visible()
    desk.get_by_role("button", name="Annuler").first.click()
    expect(desk.locator(".judged")).to_contain_text("société Durand")
