"""A document in a browser: dropped, seen on its way, published once read, found by a sentence of page 7 and opened there."""

from __future__ import annotations

import base64
import re
import time

from files import make_file
from playwright.sync_api import Page, expect

SENTENCE = "La mercuriale trimestrielle indexe les salades sur le cours de Rungis."
GIVE = """
([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: "application/pdf" }));
  const box = document.querySelector(".upload");
  for (const how of ["dragenter", "dragover", "drop"])
    box.dispatchEvent(new DragEvent(how, { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""


def guide() -> bytes:
    """Eight pages of a few thousand words, one sentence of which is on the seventh."""
    filler = "Le pouvoir adjudicateur prépare son marché avec les cuisiniers et les convives. " * 60
    return make_file(
        "pdf", [f"Chapitre {number}. {SENTENCE if number == 7 else ''} {filler}" for number in range(1, 9)]
    )


def drop(page: Page, name: str, content: bytes) -> None:
    page.evaluate(GIVE, [name, base64.b64encode(content).decode()])


def test_a_dropped_guide_is_found_at_its_seventh_page(site, scene, browser_page):
    page, content = browser_page(signed_in_as=scene.claire), guide()
    page.goto("/documents/nouveau")
    expect(page.locator(".upload")).to_contain_text("25 Mo par fichier")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": len(content) / 2}
    network.send("Network.emulateNetworkConditions", slow)
    drop(page, "guide-mercuriale.pdf", content)
    row = page.locator(".files li").filter(has_text="guide-mercuriale.pdf")
    expect(row.locator("progress")).to_be_visible()
    expect(row.locator("input[name=file_ids]")).to_have_count(1)
    network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    page.get_by_label("Titre").fill("Guide de la mercuriale des salades")
    page.get_by_label("Nature").select_option("guide")
    page.get_by_label("Communauté").select_option("restauration")
    page.get_by_role("button", name="Publier").click()
    page.wait_for_url(re.compile(r"/documents/\d+-guide-de-la-mercuriale"))
    visitor = browser_page()
    found = _search_until_found(visitor, "mercuriale trimestrielle salades Rungis")
    found.click()
    expect(visitor.get_by_role("heading", name="Page 7 sur 8")).to_be_visible()
    expect(visitor.locator(".leaf mark").first).to_be_visible()
    expect(visitor.locator(".leaf")).to_contain_text(SENTENCE)
    assert "page=7" in visitor.url
    page.reload()
    expect(page.get_by_text("Occultation vérifiée")).to_be_visible()


def _search_until_found(page: Page, words: str):
    """The worker reads, publishes, then indexes: the search is asked again till it knows the page."""
    deadline = time.monotonic() + 60
    link = page.get_by_role("link", name="page 7")
    while time.monotonic() < deadline:
        page.goto(f"/recherche?q={words}&type=document")
        if link.count():
            return link.first
        time.sleep(0.5)
    raise AssertionError(page.locator("main").inner_text())


def test_without_a_script_a_document_is_shared_all_the_same(site, scene, browser_page):
    page = browser_page(js=False, signed_in_as=scene.claire)
    page.goto("/documents/nouveau")
    name, text = "note-sans-script.txt", "Une note qui se partage sans aucun script."
    page.get_by_label("Le fichier").set_input_files([{"name": name, "mimeType": "text/plain", "buffer": text.encode()}])
    page.get_by_label("Titre").fill("Note partagée sans script")
    page.get_by_label("Nature").select_option("report")
    page.get_by_label("Communauté").select_option("restauration")
    page.get_by_role("button", name="Publier").click()
    page.wait_for_url(re.compile(r"/documents/\d+-note-partagee"))
    deadline = time.monotonic() + 60
    while page.get_by_text("C’est un brouillon").count() and time.monotonic() < deadline:
        time.sleep(0.5)
        page.reload()
    expect(page.get_by_role("link", name="Télécharger")).to_be_visible()
    expect(page.get_by_text(name)).to_be_visible()
