"""A file under a question asked under a pseudonym does not say who asked."""

from __future__ import annotations

import io
import zipfile
from importlib import import_module

from files import make_file
from sqlalchemy import delete, select
from test_previews_and_copies import tracked_docx  # noqa: F401

from community.core.audit import AuditEntry
from community.core.db import db
from community.core.outbox import Event


def ask(client, body: str) -> str:
    fields = {"title": "Une question posée sans dire mon nom ?", "community": "cantines", "discreet": "y"}
    asked = client.submit("/questions/nouvelle", fields | {"body": body})
    assert asked.status_code == 303, asked.text
    return asked.headers["Location"]


def test_a_discreet_question_s_file_loses_its_names(
    make,
    examined,
    client_of,
    visitor,
    claire,
    drain,
    known,
    without_office,
    tracked_docx,  # noqa: F811
):
    found = examined(tracked_docx, "cctp.docx")
    url = f"/fichiers/{found.id}/cctp.docx"
    ask(client_of(claire), f"Voici la pièce : [cctp]({url}) Qu’en pensez-vous ?")
    moderator = client_of(make.member(communities={"cantines": "moderator"}))
    assert moderator.get(url).status_code == visitor.get(url).status_code == 404
    assert client_of(claire).get(url).status_code == 200
    drain()
    for reader in (moderator, visitor):
        got = reader.get(url)
        assert got.status_code == 200
        with zipfile.ZipFile(io.BytesIO(got.data)) as package:
            everything = b"".join(package.read(name) for name in package.namelist())
        assert b"Claire Martin" not in everything


def test_a_format_that_keeps_its_author_stays_closed(make, examined, client_of, visitor, claire, drain):
    found = examined(make_file("doc"), "vieux.doc")
    url = f"/fichiers/{found.id}/vieux.doc"
    page = ask(client_of(claire), f"Voici la pièce : [vieux]({url}) Qu’en pensez-vous ?")
    drain()
    assert visitor.get(url).status_code == 404
    assert client_of(claire).get(url).status_code == 200
    assert "remplacez-le par un PDF" in client_of(claire).get(page).text
    assert "remplacez-le par un PDF" in client_of(claire).get("/fichiers").text


def test_closing_one_does_not_tell_the_log_who_asked(app, examined, client_of, claire):
    """Moderators read the log of their community: the pseudonym acts there, not the person."""
    found = examined(b"Des notes de travail.", "notes.txt")
    ask(client_of(claire), f"Voici la pièce : [notes](/fichiers/{found.id}/notes.txt) Qu’en pensez-vous ?")
    for act in ("fermeture", "reouverture"):
        assert client_of(claire).post(f"/fichiers/{found.id}/{act}").status_code == 303
    with app.app_context():
        acts = select(AuditEntry.actor_id).where(AuditEntry.act.in_(("file.withheld", "file.reopened")))
        actors = list(db.session.scalars(acts))
        db.session.remove()
    assert len(actors) == 2 and max(actors) < 0


def test_one_that_was_there_before_is_opened_by_the_upgrade(
    app,
    make,
    examined,
    client_of,
    visitor,
    claire,
    drain,
    without_office,
    tracked_docx,  # noqa: F811
):
    """Nobody has to save anything again: the migration asks the worker for what nobody had asked."""
    found = examined(tracked_docx, "cctp.docx")
    url = f"/fichiers/{found.id}/cctp.docx"
    ask(client_of(claire), f"Voici la pièce : [cctp]({url}) Qu’en pensez-vous ?")
    upgrade = import_module("community.migrations.versions.0009_documents_second")
    with app.app_context():
        db.session.execute(delete(Event).where(Event.name.like("file.%")))
        db.session.commit()
        db.session.remove()
    drain()
    assert visitor.get(url).status_code == 404
    with app.app_context(), db.engine.begin() as connection:
        upgrade.ask_again(connection)
    drain()
    assert visitor.get(url).status_code == 200
