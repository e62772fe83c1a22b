"""A real clamd: every file goes through it before anybody may fetch it; a hit is kept apart and told."""

from __future__ import annotations

import pytest
from clamdtmp import EICAR, SIGNATURE
from files import make_file, with_member
from sqlalchemy import select, text

from community.core.db import db


def storage_keys(app, prefix: str) -> list[str]:
    from community.core.storage import storage

    with app.app_context():
        return list(storage().keys(prefix))


def test_a_clean_file_is_told_so(examined, scanning):
    found = examined(make_file("txt"), "a.txt")
    assert (found.state, found.scan) == ("ready", "clean")


def test_without_an_address_nothing_is_scanned(examined):
    found = examined(EICAR, "essai.txt")
    assert (found.state, found.scan) == ("ready", "off")


@pytest.mark.parametrize("where", ["alone", "inside an office file"])
def test_a_hit_is_quarantined(app, examined, scanning, client_of, claire, where):
    content, name = (
        (EICAR, "essai.txt") if where == "alone" else (with_member(make_file("docx"), "word/x.xml", EICAR), "a.docx")
    )
    found = examined(content, name)
    assert (found.state, found.scan, found.pages) == ("infected", "infected", [])
    assert found.facts["signature"].startswith(SIGNATURE)
    assert storage_keys(app, "blobs/") == []
    assert storage_keys(app, "quarantine/") == [f"quarantine/{found.sha256}"]
    page = client_of(claire).get(f"/fichiers/{found.id}/{name}")
    assert page.status_code == 202
    assert "antivirus" in page.text


def test_a_hit_is_told_and_recorded(app, make, examined, scanning, client_of, claire):
    moderator = make.member("Inès Benali", communities={"cantines": "moderator"})
    elsewhere = make.member("Ailleurs", communities={"travaux": "moderator"})
    chief = make.member("Anne Le Goff", platform_role="administrator")
    found = examined(EICAR, "essai.txt")
    for id in (moderator, chief):
        assert "quarantaine un fichier envoyé par Claire Martin" in client_of(id).get("/notifications").text
    assert "quarantaine" not in client_of(elsewhere).get("/notifications").text
    assert "un fichier que vous avez envoyé" in client_of(claire).get("/notifications").text
    with app.app_context():
        from community.core.audit import AuditEntry

        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "file.quarantined")).one()
        assert (entry.actor_id, entry.target_type, entry.target_id) == (None, "attachment", found.id)
        db.session.remove()


def test_a_file_waits_while_clamd_is_away(app, store, known, drain, scanning, clamd_url, visitor, client_of, claire):
    """Nobody gets it meanwhile, health says why, and the next look after its return lets it through."""
    scanning("unix:/nowhere/clamd.ctl")
    id = store(make_file("txt"), "a.txt")
    for _try in range(9):
        drain()
        with app.app_context():
            db.session.execute(text("UPDATE outbox SET due_at = '2026-01-01'"))
            db.session.commit()
            db.session.remove()
    assert (known(id).state, known(id).scan) == ("waiting", "waiting")
    assert client_of(claire).get(f"/fichiers/{id}/a.txt").status_code == 202
    health = visitor.get("/sante/pret").json
    assert (health["antivirus"], health["files_waiting"]) == ("down", 1)
    scanning(clamd_url)
    from community.abilities.reading.tasks import wake_files

    with app.app_context():
        wake_files()
        db.session.remove()
    drain()
    assert (known(id).state, known(id).scan) == ("ready", "clean")
    assert visitor.get("/sante/pret").json["antivirus"] == "ok"


def test_what_came_before_the_antivirus_is_scanned_at_night(app, examined, known, drain, scanning, clamd_url):
    from community.abilities.reading.tasks import look_again

    scanning("")
    found = examined(EICAR, "essai.txt")
    assert found.state == "ready"
    scanning(clamd_url)
    with app.app_context():
        look_again()
        db.session.remove()
    drain()
    assert known(found.id).state == "infected"


def test_an_address_that_is_none_stops_the_start():
    from community.config import SettingError, load_settings

    for wrong in ("clamd", "http://antivirus.example", "tcp://antivirus.example", "unix:relatif"):
        with pytest.raises(SettingError, match="CLAMD_URL"):
            load_settings({"CLAMD_URL": wrong, "DEMO": "1"})
    assert load_settings({"CLAMD_URL": "tcp://127.0.0.1:3310", "SECRET_KEY": "x" * 40}).clamd_url
