"""Leaving, in a browser: a copy first, then the erasure asked, called off, asked again and done."""

from __future__ import annotations

import zipfile
from datetime import timedelta

from builders import PASSWORD
from playwright.sync_api import expect
from sqlalchemy import update

from community.core.clock import now
from community.core.db import db
from community.people.accounts.models import Member
from community.services.personal_data.models import ErasureRequest
from community.services.personal_data.tasks import erase_accounts, make_exports


def work(site, task) -> None:
    """What the worker does within the minute, now."""
    with site.app.app_context():
        task()
        db.session.remove()


def test_a_copy_then_a_departure(site, scene, browser_page, tmp_path):
    zoe = site.make.member("Zoé Lambert", {"restauration": "member"}, email="zoe@lambert.example", job="Acheteuse")
    question = site.make.question(zoe, "restauration", "Qui a un modèle de bordereau pour le linge ?")
    site.make.answer(question, scene.paul, "Le nôtre tient en une page.")
    page = browser_page(signed_in_as=zoe)

    page.goto("/compte")
    page.get_by_role("link", name="Vos données").click()
    page.get_by_role("button", name="Préparer une copie").click()
    work(site, make_exports)
    for _time in range(30):  # the site's own worker may have taken it first, and be busy
        page.reload()
        if page.get_by_text("prête", exact=True).is_visible():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_text("prête", exact=True)).to_be_visible()
    form = page.locator("form", has=page.get_by_role("button", name="Télécharger"))
    form.get_by_label("Mot de passe").fill(PASSWORD)
    with page.expect_download() as download:
        form.get_by_role("button", name="Télécharger").click()
    download.value.save_as(tmp_path / "copie.zip")
    with zipfile.ZipFile(tmp_path / "copie.zip") as archive:
        assert "zoe@lambert.example" in archive.read("donnees.json").decode()

    ask_to_leave(page)
    expect(page.get_by_text("Votre compte sera effacé le")).to_be_visible()
    page.get_by_role("button", name="Garder mon compte").click()
    expect(page.get_by_text("Votre compte est gardé")).to_be_visible()

    ask_to_leave(page)
    expect(page.get_by_text("Votre compte sera effacé le")).to_be_visible()
    with site.app.app_context():
        soon = update(ErasureRequest).where(ErasureRequest.member_id == zoe, ErasureRequest.state == "waiting")
        db.session.execute(soon.values(due_at=now() - timedelta(minutes=1)))
        db.session.commit()
        db.session.remove()
    work(site, erase_accounts)
    with site.app.app_context():
        assert db.session.get(Member, zoe).state == "erased"
        db.session.remove()
    page.goto(f"/questions/{question}")
    expect(page.get_by_role("link", name="Se connecter")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Membre parti")
    expect(page.locator("main")).to_contain_text("Le nôtre tient en une page.")
    expect(page.locator("main")).not_to_contain_text("Zoé")


def ask_to_leave(page) -> None:
    page.goto("/compte/donnees")
    page.get_by_role("link", name="Demander l’effacement de mon compte").click()
    page.get_by_label("Je comprends que mon compte sera effacé pour de bon").check()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Demander l’effacement").click()
