"""Files in a text, in a browser: dropped, pasted, chosen; seen on their way, given up, tried again; and without a script."""

from __future__ import annotations

import base64
import re

import pytest
from files import make_file, photo_with_gps, picture
from playwright.sync_api import Page, expect
from test_accessibility import faults

MEGABYTE = 1024 * 1024
#: gives a file to the page as a drag or a paste would
GIVE = """
([selector, how, name, type, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const event = how === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(how, { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(event);
}
"""


def give(page: Page, how: str, name: str, media_type: str, content: bytes) -> None:
    page.evaluate(GIVE, [".editor textarea", how, name, media_type, base64.b64encode(content).decode()])


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    sent = [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files]
    page.locator(".editor input[type=file]").set_input_files(sent)


def row(page: Page, name: str):
    return page.locator(".files li").filter(has_text=name)


@pytest.fixture
def asking(scene, browser_page) -> Page:
    page = browser_page(signed_in_as=scene.claire)
    page.goto("/questions/nouvelle")
    page.get_by_label("Votre question en une phrase").fill("Que pensez-vous de cette grille d’analyse des offres ?")
    page.locator(".editor textarea").fill("Voici notre grille, relisez-la avec nous s’il vous plaît :")
    expect(page.get_by_role("button", name="Joindre un fichier ou une image")).to_be_visible()
    return page


def test_a_file_dropped_and_an_image_pasted_reach_their_readers(asking, scene, browser_page):
    page, text = asking, asking.locator(".editor textarea")
    page.evaluate("document.querySelector('.editor textarea').setSelectionRange(99999, 99999)")
    give(page, "dragenter", "Grille.xlsx", "", b"x")
    expect(page.locator(".editor.dropping")).to_be_visible()
    give(page, "drop", "Grille d’analyse.xlsx", "", make_file("xlsx", "Critère\tPoids"))
    expect(page.locator(".editor.dropping")).to_have_count(0)
    expect(text).to_have_value(
        re.compile(r"s’il vous plaît : \[Grille d’analyse\.xlsx\]\(/fichiers/\d+/grille-d-analyse\.xlsx\)")
    )
    give(page, "paste", "image.png", "image/png", picture("PNG", 80, 50))
    expect(text).to_have_value(re.compile(r"!\[capture-[\d-]+h\d\d\.png\]\(/fichiers/\d+/capture-[\dh-]+\.png\)"))
    for name in ("Grille d’analyse.xlsx", "capture-"):
        expect(row(page, name)).to_contain_text("Prêt", timeout=30_000)
    page.get_by_label("Communauté").select_option("restauration")
    page.get_by_role("button", name="Publier la question").click()
    page.wait_for_url(re.compile(r"/questions/\d+-"))
    visitor = browser_page()
    visitor.goto(page.url)
    shown = visitor.locator(".prose img")
    expect(shown).to_be_visible()
    visitor.wait_for_function("() => document.querySelector('.prose img').naturalWidth === 80")
    expect(visitor.locator(".post .files")).to_contain_text("Grille d’analyse.xlsx")
    with visitor.expect_download() as download:
        visitor.locator(".post .files a").click()
    assert download.value.suggested_filename == "Grille d’analyse.xlsx"


def test_a_slow_transfer_is_seen_and_can_be_given_up(asking):
    page = asking
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2 * MEGABYTE}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow)
    choose(page, ("gros.txt", b"ligne\n" * (4 * MEGABYTE // 3)))
    page.wait_for_function(
        "() => { const bar = document.querySelector('.files progress'); return bar && bar.value > 0 && bar.value < 100; }"
    )
    expect(page.locator(".editor textarea")).to_have_value(re.compile(r"\[Envoi de gros\.txt…\]\(\)"))
    page.get_by_role("button", name="Publier la question").click()
    expect(page.locator(".toasts")).to_contain_text("attendez la fin")
    page.get_by_role("button", name="Annuler : gros.txt").click()
    expect(page.locator(".files li")).to_have_count(0)
    expect(page.locator(".editor textarea")).to_have_value(re.compile(r"s’il vous plaît :\s*$"))


def test_what_is_refused_says_why_and_what_failed_is_tried_again(asking):
    page = asking
    choose(page, ("installe.exe", b"MZ" + b"\0" * 90), ("faux.pdf", make_file("docx")), ("vide.txt", b""))
    expect(row(page, "installe.exe")).to_contain_text("Les fichiers .exe ne sont pas acceptés")
    expect(row(page, "faux.pdf")).to_contain_text("Renommez-le en « faux.docx »")
    expect(row(page, "vide.txt")).to_contain_text("vide")
    expect(page.locator(".editor textarea")).not_to_have_value(re.compile("Envoi de|faux"))
    assert faults(page) == []
    page.route("**/fichiers", lambda route: route.abort())
    choose(page, ("notes.txt", b"une note"))
    expect(row(page, "notes.txt")).to_contain_text("Pas de connexion")
    page.unroute("**/fichiers")
    page.get_by_role("button", name="Réessayer : notes.txt").click()
    expect(row(page, "notes.txt")).to_contain_text("Prêt", timeout=30_000)
    expect(page.locator(".editor textarea")).to_have_value(re.compile(r"\[notes\.txt\]\(/fichiers/\d+/notes\.txt\)"))
    page.get_by_role("button", name="Retirer : notes.txt").click()
    expect(page.locator(".editor textarea")).not_to_have_value(re.compile("notes"))


def test_without_a_script_a_plain_form_and_a_code_to_copy(scene, browser_page):
    page = browser_page(js=False, signed_in_as=scene.paul)
    page.goto("/questions/nouvelle")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Joindre un fichier").click()
    mine = opened.value
    mine.get_by_label("Envoyer des fichiers").set_input_files(
        [{"name": "chantier.jpg", "mimeType": "image/jpeg", "buffer": photo_with_gps()}]
    )
    mine.get_by_role("button", name="Envoyer", exact=True).click()
    code = mine.get_by_label("Code de chantier.jpg").input_value()
    assert re.fullmatch(r"!\[chantier\.jpg\]\(/fichiers/\d+/chantier\.jpg\)", code)
