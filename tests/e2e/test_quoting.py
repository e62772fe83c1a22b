"""Quoting a passage of a clause, in a browser: what is selected is copied with the line that says where it comes from."""

from __future__ import annotations

from playwright.sync_api import expect

TEXT = "Les légumes sont livrés sous deux jours.\n\nChaque lot porte une étiquette lisible."


def test_the_selected_passage_is_quoted_with_its_source(site, browser_page):
    site.make.community("citations")
    moderator = site.make.member("Odile", {"citations": "moderator"})
    nora = site.make.member("Noémie", {"citations": "member"})
    clause = site.make.clause(nora, moderator, "citations", title="Étiquettes des lots", text=TEXT)
    page = browser_page(signed_in_as=nora)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/clauses/{clause}")
    whole = page.get_by_role("button", name="Copier pour citer")
    whole.click()
    expect(page.locator(".toasts")).to_contain_text("Copié")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "> Les légumes" in copied and "> Chaque lot" in copied
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#texte-clause p:last-child'))")
    page.get_by_role("button", name="Citer ce passage").click()
    expected = f"> Chaque lot porte une étiquette lisible.\n>\n> — [[clause:{clause}@1]]\n"
    page.wait_for_function("(text) => navigator.clipboard.readText().then((found) => found === text)", arg=expected)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    expect(whole).to_be_visible()
