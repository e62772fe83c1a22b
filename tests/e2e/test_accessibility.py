"""Nothing that axe finds serious, nothing that runs off the side: every page, light and dark, wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: every rule once at each width and in each scheme; of the two other pairs, what colours may change
MODES = ((1400, "light", None), (1400, "dark", "color-contrast"), (390, "light", "color-contrast"), (390, "dark", None))
GRAVE = ("serious", "critical")
RUN = """(rule) => axe.run(document, {resultTypes: ['violations'], ...(rule ? {runOnly: [rule]} : {})})
    .then((results) => results.violations)"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

VISITOR = {
    "home": "/",
    "question": "/questions/{question}",
    "sheet": "/fiches/{sheet}",
    "sign-in": "/connexion",
    "register": "/inscription",
    "forgotten": "/mot-de-passe/oubli",
    "lost": "/page-qui-n-existe-pas",
}
CLAIRE = {
    "home": "/",
    "questions": "/questions",
    "question": "/questions/{question}",
    "ask": "/questions/nouvelle",
    "sheets": "/fiches",
    "sheet": "/fiches/{sheet}",
    "new sheet": "/fiches/nouvelle",
    "sheet form": "/fiches/{draft}/modifier",
    "clauses": "/clauses",
    "documents": "/documents",
    "document": "/documents/{document}?page=2&mots=famille",
    "new document": "/documents/nouveau",
    "document check": "/documents/{checked}/occultation",
    "communities": "/communautes",
    "community": "/communautes/restauration",
    "members": "/membres",
    "profile": "/membres/{ines}",
    "account": "/compte",
    "search": "/recherche?q=allotir+les+denr%C3%A9es",
    "tags": "/etiquettes",
    "notifications": "/notifications",
    "own files": "/fichiers",
    "own data": "/compte/donnees",
    "leaving": "/compte/donnees/depart",
    "privacy": "/confidentialite",
    "help": "/aide",
}
INES = {"question": "/questions/{question}", "edit": "/questions/{question}/modifier"}
ANNE = {"new community": "/communautes/nouvelle", "desk": "/communautes/bretagne/demandes"}
ANNE |= {"personal data": "/admin/donnees", "register": "/admin/registre", "charter": "/admin/charte"}
ANNE |= {"periods": "/admin/donnees/durees"}
PAGES = [
    pytest.param(who, path, id=f"{who or 'visitor'} {name}")
    for who, pages in (("", VISITOR), ("claire", CLAIRE), ("ines", INES), ("anne", ANNE))
    for name, path in pages.items()
]


def grave(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{found['id']} ({found['impact']}): " + " | ".join(node["html"][:160] for node in found["nodes"][:3])
        for found in violations
        if found["impact"] in GRAVE
    ]


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands, in each mode."""
    page.evaluate(Axe().axe_script)
    found = []
    for width, scheme, rule in MODES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{width} {scheme}: {fault}" for fault in grave(page.evaluate(RUN, rule))]
        if over := page.evaluate(TOO_WIDE):
            found.append(f"{width} {scheme}: {over} px too wide")
    return found


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_page_is_accessible(who, path, browser_page, scene):
    page = browser_page(signed_in_as=getattr(scene, who) if who else None)
    page.goto(path.format(**vars(scene)))
    assert faults(page) == []


def test_form_with_errors_is_accessible(browser_page, scene):
    page = browser_page(signed_in_as=scene.claire)
    page.goto("/questions/nouvelle")
    page.get_by_role("button", name="Publier la question").click()
    page.locator(".summary-errors").wait_for()
    assert faults(page) == []


def test_suggestions_and_menus_are_accessible(browser_page, scene):
    page = browser_page(signed_in_as=scene.claire)
    page.goto("/questions/nouvelle")
    page.get_by_label("Votre question en une phrase").fill("Comment allotir les denrées alimentaires d’une cantine ?")
    page.locator("#proches .rel").first.wait_for()
    page.locator(".top summary.avatar-button").click()
    assert faults(page) == []


def test_menu_of_a_post_stays_on_the_screen(browser_page, scene):
    page = browser_page(signed_in_as=scene.paul)
    page.goto(f"/questions/{scene.question}")
    page.locator(".actions > details > summary").first.click()
    assert faults(page) == []
