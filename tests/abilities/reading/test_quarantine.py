"""What the antivirus stopped: moderators see it, delete it for good or have it examined again; what it cannot take is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clamdtmp import EICAR, temp_clamd
from files import make_file
from sqlalchemy import select

from community.core.db import db


@pytest.fixture(scope="session")
def narrow_clamd() -> Iterator[str]:
    """A clamd that takes one megabyte and no more."""
    with temp_clamd("1M") as url:
        yield url


@pytest.fixture
def desk(make) -> dict[str, int]:
    return {
        "ines": make.member("Inès Benali", communities={"cantines": "moderator"}),
        "elsewhere": make.member("Ailleurs", communities={"travaux": "moderator"}),
        "chief": make.member("Anne Le Goff", platform_role="administrator"),
    }


@pytest.fixture
def acts(app) -> Callable[[], list[str]]:
    def found() -> list[str]:
        from community.core.audit import AuditEntry

        with app.app_context():
            acts = list(
                db.session.scalars(
                    select(AuditEntry.act).where(AuditEntry.act.like("file.%")).order_by(AuditEntry.number)
                )
            )
            db.session.remove()
        return acts

    return found


def test_moderators_of_the_place_see_what_was_stopped(examined, scanning, client_of, claire, desk):
    found = examined(EICAR, "essai.txt")
    for reader in ("ines", "chief"):
        page = client_of(desk[reader]).get("/moderation/fichiers")
        assert page.status_code == 200
        for words in ("essai.txt", found.facts["signature"], "Claire Martin", "Examiner de nouveau"):
            assert words in page.text
        assert "Fichiers arrêtés" in client_of(desk[reader]).get("/moderation").text
    assert "essai.txt" not in client_of(desk["elsewhere"]).get("/moderation/fichiers").text
    assert client_of(claire).get("/moderation/fichiers").status_code == 403
    for who in (desk["elsewhere"], claire):
        for act in ("suppression", "examen"):
            assert client_of(who).post(f"/moderation/fichiers/{found.id}/{act}").status_code in (403, 404)


def test_deleted_for_good_it_cannot_come_back(app, examined, scanning, client_of, claire, desk, drain, acts, store):
    from community.core.filetypes import WrongFile
    from community.core.storage import storage

    found = examined(EICAR, "essai.txt")
    assert client_of(claire).post(f"/fichiers/{found.id}/retrait").status_code == 409
    for _twice in range(2):
        client_of(desk["ines"]).post(f"/moderation/fichiers/{found.id}/suppression")
    drain()
    with app.app_context():
        assert list(storage().keys("quarantine/")) == []
    assert "essai.txt" not in client_of(desk["ines"]).get("/moderation/fichiers").text
    assert acts() == ["file.quarantined", "file.deleted"]
    with pytest.raises(WrongFile):
        store(EICAR, "autre.txt")
    assert client_of(claire).post(f"/fichiers/{found.id}/retrait").status_code == 303


def test_a_false_alarm_comes_out_once_the_signature_is_corrected(
    app, examined, known, scanning, client_of, claire, desk, drain, acts, tmp_path
):
    found = examined(EICAR, "essai.txt")
    moderator = client_of(desk["ines"])
    moderator.post(f"/moderation/fichiers/{found.id}/examen")
    assert "nouvel examen demandé" in moderator.get("/moderation/fichiers").text
    drain()
    assert known(found.id).state == "infected"
    assert "toujours reconnue" in moderator.get("/moderation/fichiers").text
    assert "reconnaît toujours" in moderator.get("/notifications").text
    with temp_clamd(signature="Autre") as corrected:
        scanning(corrected)
        moderator.post(f"/moderation/fichiers/{found.id}/examen")
        drain()
        drain()
    after = known(found.id)
    assert (after.state, after.scan) == ("ready", "clean")
    assert client_of(claire).get(f"/fichiers/{found.id}/essai.txt").data == EICAR
    assert "sorti de quarantaine" in client_of(claire).get("/notifications").text
    assert acts() == ["file.quarantined", "file.examined_again", "file.examined_again", "file.released"]
    assert not list(Path(tmp_path).rglob("quarantine/*"))


def test_what_cannot_be_looked_at_is_waited_for_no_longer(app, examined, scanning, client_of, claire, desk, drain):
    from community.core.storage import storage

    found = examined(EICAR, "essai.txt")
    moderator = client_of(desk["ines"])
    with app.app_context():
        for key in list(storage().keys("quarantine/")):
            storage().delete(key)
    moderator.post(f"/moderation/fichiers/{found.id}/examen")
    assert "nouvel examen demandé" in moderator.get("/moderation/fichiers").text
    drain()
    assert "nouvel examen demandé" not in moderator.get("/moderation/fichiers").text


def test_the_sender_of_a_discreet_file_is_its_pseudonym(examined, scanning, client_of, claire, desk, drain):
    found = examined(EICAR, "essai.txt")
    body = f"Voici la pièce : [essai](/fichiers/{found.id}/essai.txt) Qu’en pensez-vous ?"
    fields = {"title": "Une question posée sans dire mon nom ?", "community": "cantines", "discreet": "y", "body": body}
    assert client_of(claire).submit("/questions/nouvelle", fields).status_code == 303
    page = client_of(desk["ines"]).get("/moderation/fichiers").text
    assert "Une question posée sans dire mon nom" in page
    assert "Claire Martin" not in page


def test_a_discreet_file_does_not_tell_where_else_its_sender_has_a_place(make, store, drain, scanning, client_of, desk):
    sender = make.member(communities={"cantines": "expert", "travaux": "expert"})
    file = store(EICAR, "essai.txt", sender)
    body = f"Voici la pièce : [essai](/fichiers/{file}/essai.txt) Qu’en pensez-vous ?"
    fields = {"title": "Une question posée sans dire mon nom ?", "community": "cantines", "discreet": "y", "body": body}
    assert client_of(sender).submit("/questions/nouvelle", fields).status_code == 303
    drain()
    for reader, seen in (("ines", True), ("chief", True), ("elsewhere", False)):
        client = client_of(desk[reader])
        assert ("essai.txt" in client.get("/moderation/fichiers").text) is seen, reader
        assert ("mis en quarantaine" in client.get("/notifications").text) is seen, reader


def test_a_file_of_a_closed_place_is_for_those_who_look_after_it(make, store, drain, scanning, client_of, desk):
    make.community("secrets", access="invitation", visibility="members")
    insider = make.member(communities={"secrets": "moderator"})
    sender = make.member(communities={"secrets": "expert", "cantines": "expert"})
    file = store(EICAR, "essai.txt", sender)
    drain()
    fields = {"title": "Une question entre nous seulement ?", "community": "secrets"}
    body = f"Voici la pièce : [essai](/fichiers/{file}/essai.txt) Qu’en pensez-vous ?"
    assert client_of(sender).submit("/questions/nouvelle", fields | {"body": body}).status_code == 303
    assert "essai.txt" in client_of(insider).get("/moderation/fichiers").text
    outside = client_of(desk["ines"])
    assert "essai.txt" not in outside.get("/moderation/fichiers").text
    assert outside.post(f"/moderation/fichiers/{file}/suppression").status_code == 404


@pytest.mark.parametrize("policy", ["download", "refuse"])
def test_too_large_for_the_antivirus_is_said_and_never_waits_for_ever(
    app, examined, known, scanning, narrow_clamd, clamd_url, client_of, claire, desk, drain, policy
):
    scanning(narrow_clamd)
    app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], unscanned_files=policy)
    found = examined(make_file("doc") + bytes(1_500_000), "long.doc")
    state, reason = ("download_only", "unscanned") if policy == "download" else ("refused", "not_scanned")
    assert (found.scan, found.state, found.reason) == ("too_large", state, reason)
    got = client_of(claire).get(f"/fichiers/{found.id}/long.doc")
    assert got.status_code == (200 if policy == "download" else 202)
    moderator = client_of(desk["ines"])
    assert "trop lourd pour l’antivirus" in moderator.get("/notifications").text
    page = moderator.get("/moderation/fichiers").text
    assert "long.doc" in page
    assert ("à télécharger seulement" if policy == "download" else "accessible à personne") in page
    scanning(clamd_url)  # its limit was raised
    moderator.post(f"/moderation/fichiers/{found.id}/examen")
    drain()
    assert (known(found.id).scan, known(found.id).reason) == ("clean", "legacy")
    assert "long.doc" not in moderator.get("/moderation/fichiers").text


def test_what_a_kill_left_in_quarantine_goes_with_the_night(app, examined, scanning, monkeypatch, tmp_path):
    """Only what no file in quarantine has any more, and only after a day."""
    from community.abilities.reading import quarantine_tasks
    from community.core.storage import storage

    found = examined(EICAR, "essai.txt")
    left = tmp_path / "reste"
    left.write_bytes(b"reste")
    with app.app_context():
        storage().put(f"quarantine/{'a' * 64}", left)
        assert quarantine_tasks.sweep_quarantine() == 0
        monkeypatch.setattr(quarantine_tasks, "A_DAY", -1)
        assert quarantine_tasks.sweep_quarantine() == 1
        assert list(storage().keys("quarantine/")) == [f"quarantine/{found.sha256}"]
