"""A copy of one's data: everything, for its owner alone, made by the worker even when it dies on the way."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from builders import PASSWORD
from sqlalchemy import delete, select, update

from community.core.clock import now
from community.core.db import db
from community.core.mail import MailMessage
from community.core.storage import storage
from community.people.accounts.models import SignIn
from community.services.notifications.models import Notification
from community.services.personal_data.exports import claim_export
from community.services.personal_data.models import DataExport
from community.services.personal_data.tasks import make_exports


@pytest.fixture
def copy_of(app, client_of, worker):
    """``copy_of(member)``: ask for a copy, let the worker make it, give its id."""

    def ask(member: int) -> int:
        assert client_of(member).post("/compte/donnees/copie").status_code == 303
        worker(make_exports)
        with app.app_context():
            return db.session.scalars(
                select(DataExport.id).where(DataExport.member_id == member).order_by(DataExport.id.desc())
            ).first()

    return ask


def opened(response) -> zipfile.ZipFile:
    assert response.status_code == 200, response.status_code
    return zipfile.ZipFile(io.BytesIO(response.data))


def test_the_copy_holds_everything_and_no_secret(life, client_of, copy_of):
    client = client_of(life["claire"])
    id = copy_of(life["claire"])
    page = client.get("/compte/donnees").text
    assert "prête" in page
    archive = opened(client.post(f"/compte/donnees/copie/{id}", {"current_password": PASSWORD}))
    data = json.loads(archive.read("donnees.json"))
    everything = archive.read("donnees.json").decode()
    assert data["Compte"]["email"] == "claire@ville.example"
    for word in (
        "Un brouillon de Claire",
        "Marché de pain",
        "Merci Paul",
        "Une fiche commencée",
        "followed_search",
        "vote",
    ):
        assert word in everything, word
    titles = {item["title"] for item in data["Contributions"]["contribution"]}
    assert {"Comment allotir le pain de la cantine ?", "Une fiche commencée", "Le pain en douze lots"} <= titles
    for secret in ("password_hash", "argon2", "key_hash", "paul@velay.example"):
        assert secret not in everything
    texts = "\n".join(archive.read(name).decode() for name in archive.namelist() if name.startswith("textes/"))
    assert "Deux jours chez nous." in texts and "Merci Paul" in texts
    assert "Voyez ce que dit" not in texts, "what others wrote is theirs"


def test_a_place_that_one_left_is_not_named_any_more(app, make, client_of, copy_of):
    """One's own words are one's own; what is said today behind a door that closed is not."""
    make.community("secrete", visibility="members", name="Cellule secrète")
    make.community("cantines")
    paul = make.member("Paul", {"secrete": "member"})
    claire = make.member("Claire", {"secrete": "member"}, email="claire@ville.example")
    question = make.question(paul, community="secrete", title="Un titre confidentiel ?")
    make.comment(make.answer(question, claire, "Mes propres mots."), claire, "Ma remarque.")
    with app.test_request_context("/", method="POST"):
        from community.people.communities.models import Membership

        db.session.execute(delete(Membership).where(Membership.member_id == claire))
        db.session.commit()
        db.session.remove()
    fields = {"current_password": PASSWORD}
    archive = opened(client_of(claire).post(f"/compte/donnees/copie/{copy_of(claire)}", fields))
    everything = "\n".join(name + archive.read(name).decode() for name in archive.namelist())
    assert "Mes propres mots." in everything and "Ma remarque." in everything
    assert "confidentiel" not in everything and "Cellule secrète" not in everything


def test_pseudonymous_posts_are_in_one_s_own_copy(app, make, life, client_of, copy_of):
    with app.test_request_context("/", method="POST"):
        from community.content.questions.models import Question
        from community.people.accounts.pseudonyms import take_pseudonym
        from community.people.communities.models import Community

        seal = take_pseudonym(life["claire"])
        place = db.session.scalars(select(Community.id).where(Community.slug == "cantines")).one()
        row = Question(
            community_id=place, author_id=seal.member_id, title="Sous pseudonyme", body="Secret.", state="open"
        )
        row.published_at = now()
        db.session.add(row)
        db.session.flush()
        seal.thread_id = row.id
        db.session.commit()
        db.session.remove()
    client = client_of(life["claire"])
    archive = opened(client.post(f"/compte/donnees/copie/{copy_of(life['claire'])}", {"current_password": PASSWORD}))
    assert "Sous pseudonyme" in archive.read("donnees.json").decode()


def test_nobody_else_downloads_it_not_even_an_administrator(life, client_of, visitor, copy_of):
    id = copy_of(life["claire"])
    for member in (life["paul"], life["anne"]):
        response = client_of(member).post(f"/compte/donnees/copie/{id}", {"current_password": PASSWORD})
        assert response.status_code == 404
    assert visitor.post(f"/compte/donnees/copie/{id}", {"current_password": PASSWORD}).status_code == 401


def test_the_password_is_asked_again(life, client_of, copy_of):
    id = copy_of(life["claire"])
    for typed in ("", "faux mot de passe"):
        response = client_of(life["claire"]).post(f"/compte/donnees/copie/{id}", {"current_password": typed})
        assert response.status_code == 422
        assert "entrepairs-mes-donnees" not in response.headers.get("Content-Disposition", "")


def test_an_account_without_password_proves_itself_by_a_recent_sign_in(app, life, client_of, copy_of):
    id = copy_of(life["claire"])
    client = client_of(life["claire"])
    with app.app_context():
        from community.people.accounts.models import Member

        db.session.execute(update(Member).where(Member.id == life["claire"]).values(password_hash=""))
        db.session.commit()
        db.session.remove()
    assert opened(client.post(f"/compte/donnees/copie/{id}")).testzip() is None
    with app.app_context():
        from datetime import timedelta

        db.session.execute(update(SignIn).values(created_at=now() - timedelta(hours=1)))
        db.session.commit()
        db.session.remove()
    assert client.post(f"/compte/donnees/copie/{id}").status_code == 422


def test_its_owner_is_told_by_mail_and_notification(app, life, client_of, copy_of):
    copy_of(life["claire"])
    with app.app_context():
        told = db.session.scalars(select(Notification).where(Notification.event == "export.ready")).all()
        mails = db.session.scalars(select(MailMessage).where(MailMessage.recipient == "claire@ville.example")).all()
    assert [row.member_id for row in told] == [life["claire"]]
    assert any("copie de vos données" in mail.subject for mail in mails)
    assert "La copie de vos données est prête" in client_of(life["claire"]).get("/notifications").text


def test_asking_twice_makes_one(app, life, client_of):
    client = client_of(life["claire"])
    for _time in range(2):
        assert client.post("/compte/donnees/copie").status_code == 303
    with app.app_context():
        assert len(db.session.scalars(select(DataExport)).all()) == 1
    assert "en attente" in client.get("/compte/donnees").text


def test_three_a_day(life, client_of, copy_of):
    for _time in range(3):
        copy_of(life["claire"])
    assert client_of(life["claire"]).post("/compte/donnees/copie").status_code == 409


def test_what_a_dead_worker_left_is_taken_up_again(app, life, client_of, worker, time_machine):
    """Killed while making it: after ten minutes of silence, another pass makes it."""
    client_of(life["claire"]).post("/compte/donnees/copie")

    def die():
        assert claim_export() is not None
        db.session.commit()

    worker(die)
    worker(make_exports)
    with app.app_context():
        assert db.session.scalars(select(DataExport.state)).one() == "running"
    from datetime import UTC, datetime, timedelta

    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=11), tick=True)
    worker(make_exports)
    with app.app_context():
        assert db.session.scalars(select(DataExport.state)).one() == "ready"


def test_a_copy_that_cannot_be_made_is_said(app, life, client_of, worker, monkeypatch):
    client = client_of(life["claire"])
    client.post("/compte/donnees/copie")
    with app.app_context():
        root = storage().root
    (root / "exports").parent.mkdir(parents=True, exist_ok=True)
    (root / "exports").write_text("a file where a folder should be")
    worker(make_exports)
    with app.app_context():
        assert db.session.scalars(select(DataExport.state)).one() == "failed"
    assert "n’a pas pu être faite" in client.get("/compte/donnees").text
    (root / "exports").unlink()


def test_it_goes_after_some_days(app, life, client_of, copy_of, worker, time_machine):
    from datetime import UTC, datetime, timedelta

    from community.services.personal_data.tasks import apply_retention

    id = copy_of(life["claire"])
    with app.app_context():
        assert list(storage().keys("exports/"))
    time_machine.move_to(datetime.now(UTC) + timedelta(days=8), tick=True)
    client = client_of(life["claire"])
    assert client.post(f"/compte/donnees/copie/{id}", {"current_password": PASSWORD}).status_code == 404
    worker(apply_retention)
    with app.app_context():
        assert list(storage().keys("exports/")) == []
        assert db.session.get(DataExport, id).state == "gone"


def test_the_page_costs_few_statements(life, client_of, copy_of, statements):
    copy_of(life["claire"])
    client = client_of(life["claire"])
    with statements() as counted:
        assert client.get("/compte/donnees").status_code == 200
    assert counted.count <= 7, counted.statements
