"""Coming in, played in a browser: the second factor from its image to a recovery code, and an identity provider."""

from __future__ import annotations

import re
import time

import pyotp
from builders import PASSWORD
from playwright.sync_api import Page, expect


def give_password(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/connexion")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Se connecter", exact=True).click()


def sign_out(page: Page) -> None:
    page.locator("summary.avatar-button").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("link", name="Se connecter").first).to_be_visible()


def give_code(page: Page, code: str) -> None:
    page.get_by_label("Code à six chiffres").fill(code)
    page.get_by_role("button", name=re.compile("Activer|Continuer")).click()


class Telephone:
    """A generator that never gives a code twice: the one of now, or the next if that one has served.

    The site takes both, also when a half minute ends between the making of a code and its check.
    """

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)
        self.step = 0

    def code(self) -> str:
        self.step = max(self.step + 1, int(time.time()) // 30)
        return self.totp.at(self.step * 30)


def test_second_factor_from_the_image_to_a_recovery_code(browser_page, site):
    email = "prune.dente@collines.example"
    site.make.member("Prune Dente", email=email)
    page = browser_page()
    give_password(page, email)
    page.goto("/compte/double-facteur")
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.get_by_role("button", name="Configurer").click()
    image = page.get_by_role("img", name=re.compile("Code à photographier"))
    expect(image).to_be_visible()
    assert image.evaluate("image => image.complete && image.naturalWidth > 100")
    generator = Telephone(page.locator("code.secret").inner_text().replace(" ", ""))
    give_code(page, generator.code())
    codes = page.locator(".codes code")
    expect(codes).to_have_count(10)
    spare = codes.first.inner_text()
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Télécharger").click()
    assert spare in downloaded.value.path().read_text(encoding="utf-8")
    sign_out(page)
    give_password(page, email)
    give_code(page, "000000")
    expect(page.get_by_text("Ce code n’est pas valable", exact=False).first).to_be_visible()
    give_code(page, generator.code())
    expect(page.locator("summary.avatar-button")).to_be_visible()
    sign_out(page)
    give_password(page, email)
    give_code(page, spare)
    page.goto("/compte/double-facteur")
    expect(page.get_by_text("Il vous reste 9 codes de secours")).to_be_visible()


def test_an_identity_provider_from_a_new_account_to_the_sign_out(browser_page, site, identity_provider):
    identity_provider.forget()
    identity_provider.person |= {"sub": "nouvelle", "email": "nadia.roux@collines.example", "given_name": "Nadia"}
    page = browser_page()
    page.goto("/connexion")
    page.get_by_role("link", name="Se connecter avec ProConnect").click()
    expect(page.get_by_label("Prénom et nom")).to_have_value("Nadia Martin")
    page.get_by_label("Organisme", exact=True).fill("Ville des Collines")
    page.get_by_label("Type d’organisme").select_option("commune")
    page.get_by_label("Territoire").select_option("83")
    page.get_by_label("Fonction").fill("Acheteuse")
    page.get_by_label(re.compile("J’ai lu la charte")).check()
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.locator("summary.avatar-button")).to_be_visible()
    sign_out(page)
    assert identity_provider.ended, "the provider's own session ended too"
    expect(page.get_by_text("Vous êtes déconnecté.")).to_be_visible()
    page.goto("/connexion")
    page.get_by_role("link", name="Se connecter avec ProConnect").click()
    expect(page.locator("summary.avatar-button")).to_be_visible()


def test_an_account_is_joined_by_its_password_then_opens_without(browser_page, site, identity_provider):
    identity_provider.forget()
    identity_provider.person |= {"sub": "ancienne", "email": "odile.ancienne@collines.example"}
    site.make.member("Odile Ancienne", email="odile.ancienne@collines.example")
    page = browser_page(js=False, width=390)
    page.goto("/connexion")
    page.get_by_role("link", name="Se connecter avec ProConnect").click()
    expect(page.get_by_role("heading", name="Rattacher votre compte")).to_be_visible()
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Rattacher et continuer").click()
    expect(page.locator("summary.avatar-button")).to_be_visible()
    other = browser_page()
    other.goto("/connexion")
    other.get_by_role("link", name="Se connecter avec ProConnect").click()
    expect(other.locator("summary.avatar-button")).to_be_visible()
