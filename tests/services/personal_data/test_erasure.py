"""Leaving: asked, called off, done; nothing that names the person is left, and what others built stays."""

from __future__ import annotations

import os
import re
import signal
from datetime import UTC, datetime, timedelta

import pytest
from builders import PASSWORD
from client import Client
from sqlalchemy import String, Text, cast, event, select

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.comments.models import Comment
from community.content.baskets.models import Basket
from community.content.documents.models import DocumentVersion
from community.contributions.models import Contribution
from community.core.db import db
from community.core.mail import MailMessage
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.services.moderation.measures import hide
from community.services.personal_data.models import ErasureMention, ErasureRequest
from community.services.personal_data.tasks import apply_retention, erase_accounts

AFTER = timedelta(days=15)
#: lists that may keep a piece of a page: the name must go from there too
PAGES = ("/", "/questions", "/fiches", "/communautes/cantines", "/recherche?q=allotir+pain")


@pytest.fixture
def leave(life, client_of):
    """``leave("keep")``: Claire asks to go."""

    def ask(own_texts: str = "keep", member: int | None = None):
        fields = {"own_texts": own_texts, "sure": "y", "current_password": PASSWORD}
        return client_of(member or life["claire"]).post("/compte/donnees/depart", fields)

    return ask


@pytest.fixture
def later(time_machine):
    return lambda: time_machine.move_to(datetime.now(UTC) + AFTER, tick=True)


def everywhere(app, word: str, but: tuple[str, ...] = ()) -> list[str]:
    """Columns of the whole database in which a word stands."""
    found = []
    with app.app_context():
        for table in db.metadata.sorted_tables:
            for column in table.columns:
                if f"{table.name}.{column.name}" in but:
                    continue
                holds = cast(column, Text).ilike(f"%{word}%")
                if db.session.execute(select(table.c[column.name]).where(holds).limit(1)).first():
                    found.append(f"{table.name}.{column.name}")
        db.session.remove()
    return found


def test_nothing_happens_before_the_delay(app, life, leave, client_of, worker):
    assert leave().status_code == 303
    worker(erase_accounts)
    assert "Votre compte sera effacé le" in client_of(life["claire"]).get("/compte/donnees").text
    with app.app_context():
        assert db.session.get(Member, life["claire"]).state == "active"
        mails = db.session.scalars(select(MailMessage.subject).where(MailMessage.recipient == "claire@ville.example"))
        assert "Votre compte sera effacé" in mails.all()


def test_it_can_be_called_off(app, life, leave, client_of, worker, later):
    leave()
    client = client_of(life["claire"])
    assert client.post("/compte/donnees/depart/annulation").status_code == 303
    assert client.post("/compte/donnees/depart/annulation").status_code == 303
    later()
    worker(erase_accounts)
    with app.app_context():
        assert db.session.get(Member, life["claire"]).state == "active"
        assert db.session.scalars(select(ErasureRequest.state)).one() == "cancelled"


@pytest.mark.parametrize("missing", ["current_password", "sure"])
def test_password_and_word_are_asked(life, client_of, missing):
    fields = {"own_texts": "keep", "sure": "y", "current_password": PASSWORD}
    fields.pop(missing)
    assert client_of(life["claire"]).post("/compte/donnees/depart", fields).status_code == 422


def test_nothing_is_left_of_the_person(app, life, leave, worker, drain, later, client_of):
    leave()
    drain()
    later()
    worker(erase_accounts)
    drain()
    worker(apply_retention)
    with app.app_context():
        member = db.session.get(Member, life["claire"])
        assert (member.state, member.display_name, member.job, member.password_hash) == (
            "erased",
            "Membre parti",
            "",
            "!",
        )
    assert everywhere(app, "claire@ville") == []
    # Paul's text still names her: it is his, and listed for the administrators
    assert everywhere(app, "claire martin", but=("contribution.body", "contribution.body_html", "revision.data")) == []
    assert everywhere(app, "brouillon de claire") == []
    assert Client(app).post("/connexion", {"email": "claire@ville.example", "password": PASSWORD}).status_code == 422


def test_what_was_published_stays_under_membre_parti(app, life, leave, worker, drain, later, visitor):
    assert any("Claire Martin" in visitor.get(path).text for path in PAGES)
    leave("keep")
    later()
    worker(erase_accounts)
    drain()
    page = visitor.get(f"/questions/{life['answered']}", follow_redirects=True).text
    assert "Membre parti" in page and "Merci Paul" in page
    assert "Comment allotir le pain" in page
    assert "Membre parti" in visitor.get(f"/fiches/{life['sheet']}", follow_redirects=True).text
    for path in PAGES:
        assert "Claire Martin" not in visitor.get(path).text, path
    assert visitor.get(f"/fiches/{life['draft']}").status_code == 404
    found = visitor.get("/recherche?q=allotir+pain").text
    assert "Comment allotir" in re.sub("</?mark>", "", found)


def test_one_s_own_texts_go_when_asked_and_what_others_built_upon_stays(
    app, life, leave, worker, drain, later, visitor
):
    leave("remove")
    later()
    worker(erase_accounts)
    drain()
    with app.app_context():
        rows = {row.id: row for row in db.session.scalars(select(Contribution))}
        comments = db.session.scalars(select(Comment).where(Comment.author_id == life["claire"])).all()
        assert rows[life["alone"]].removed_at and rows[life["alone"]].body == ""
        assert rows[life["mine"]].removed_at and rows[life["mine"]].body == ""
        assert rows[life["sheet"]].removed_at
        assert rows[life["answered"]].removed_at is None, "Paul answered it"
        assert rows[life["clause"]].removed_at is None, "the library belongs to everybody"
        assert life["draft"] not in rows
        assert [comment.body for comment in comments] == [""]
        assert rows[life["answer"]].comments_count == 0
    assert everywhere(app, "Qui a un modèle") == []
    assert everywhere(app, "Deux jours chez nous") == []


def test_what_a_moderator_hid_and_a_version_that_waits_stop_nothing(app, make, life, leave, worker, later):
    """Others answered the question before it was hidden: their answers stay, and the erasure goes to its end."""
    document = make.document(life["claire"], title="Guide du pain", url="https://ville.example/guide")
    with app.test_request_context("/", method="POST"):
        hide(db.session.get(Contribution, life["answered"]), None, identity_of(life["anne"]))
        blob = Blob(sha256="a" * 64, size=1, media_type="application/pdf")
        file = Attachment(sha256=blob.sha256, name="v2.pdf", uploaded_by_id=life["claire"], place="document")
        db.session.add_all([blob, file])
        db.session.flush()
        version = DocumentVersion(document_id=document, number=1, attachment_id=file.id, uploaded_by_id=life["claire"])
        db.session.add(version)
        db.session.commit()
        db.session.remove()
    leave("remove")
    later()
    worker(erase_accounts)
    with app.app_context():
        assert db.session.get(Member, life["claire"]).display_name == "Membre parti"
        assert db.session.get(Contribution, life["answer"]).author_id == life["paul"]
        assert db.session.get(Contribution, life["draft"]) is None
        assert db.session.scalar(select(Attachment.id)) is None


def test_a_shared_basket_stays_and_the_others_go(app, life, leave, worker, later):
    leave()
    later()
    worker(erase_accounts)
    with app.app_context():
        assert db.session.scalars(select(Basket.name)).all() == ["Marché de pain"]


def test_others_texts_that_name_the_person_are_listed_not_rewritten(app, life, leave, worker, later, client_of):
    leave()
    later()
    worker(erase_accounts)
    with app.app_context():
        assert db.session.scalars(select(ErasureMention.contribution_id)).all() == [life["answer"]]
        assert "Claire Martin" in db.session.get(Contribution, life["answer"]).body
    desk = client_of(life["anne"])
    assert "Textes qui nomment encore" in desk.get("/admin/donnees").text
    with app.app_context():
        mention = db.session.scalars(select(ErasureMention.id)).one()
    assert desk.post(f"/admin/donnees/mentions/{mention}").status_code == 303
    assert "Textes qui nomment encore" not in desk.get("/admin/donnees").text


def test_nobody_can_open_the_seal_any_more(app, life, leave, worker, later):
    from community.people.accounts.pseudonyms import aliases_of, owner_of, take_pseudonym

    with app.test_request_context("/", method="POST"):
        alias = take_pseudonym(life["claire"]).member_id
        db.session.commit()
        db.session.remove()
    leave()
    later()
    worker(erase_accounts)
    with app.app_context():
        assert owner_of(alias) is None and aliases_of(life["claire"]) == []
        assert db.session.get(Member, alias) is not None, "the pseudonym goes on signing what it wrote"


def test_a_pseudonym_s_texts_go_on_a_day_of_their_own(app, make, life, leave, worker, later, time_machine, visitor):
    """Asked to go with the account, they do not go the same night: what goes together is somebody's."""
    from community.services.personal_data.models import LateFarewell
    from community.services.personal_data.tasks import take_late_farewells

    asked = make.question(life["claire"], title="Un fournisseur nous menace, que faire ?", discreet=True)
    leave("remove")
    later()
    worker(erase_accounts)
    assert "nous menace" in visitor.get(f"/questions/{asked}", follow_redirects=True).text
    with app.app_context():
        [note] = db.session.scalars(select(LateFarewell)).all()
        due = note.due_at
        assert (note.contribution_id, timedelta(0) < due - datetime.now(UTC) < timedelta(days=16)) == (asked, True)
        db.session.remove()
    worker(take_late_farewells)
    assert visitor.get(f"/questions/{asked}", follow_redirects=True).status_code == 200
    time_machine.move_to(due + timedelta(minutes=1), tick=True)
    worker(take_late_farewells)
    assert visitor.get(f"/questions/{asked}", follow_redirects=True).status_code == 404
    assert not everywhere(app, "nous menace", ("search_miss.words",))
    with app.app_context():
        assert db.session.scalar(select(LateFarewell)) is None
        db.session.remove()


def test_the_last_administrator_cannot_go(app, make, life, leave, worker, later, client_of):
    assert leave(member=life["anne"]).status_code == 409
    assert "dernière personne" in client_of(life["anne"]).get("/compte/donnees/depart").text
    other = make.member("Omar", platform_role="administrator")
    assert leave(member=life["anne"]).status_code == 303
    with app.app_context():
        db.session.get(Member, other).state = "suspended"
        db.session.commit()
        db.session.remove()
    later()
    worker(erase_accounts)
    with app.app_context():
        assert db.session.get(Member, life["anne"]).state == "active"
        assert db.session.scalars(select(ErasureRequest.state)).one() == "blocked"
        db.session.get(Member, other).state = "active"
        db.session.commit()
        db.session.remove()
    worker(erase_accounts)
    with app.app_context():
        assert db.session.get(Member, life["anne"]).state == "erased"


def test_a_step_that_fails_is_taken_up_where_it_stopped(app, life, leave, worker, later, monkeypatch):
    from community.services.personal_data import tasks

    leave()
    later()
    broken = tuple((name, _fail if name == "rows" else step) for name, step in tasks.STEPS)
    monkeypatch.setattr(tasks, "STEPS", broken)
    worker(erase_accounts)
    with app.app_context():
        request = db.session.scalars(select(ErasureRequest)).one()
        assert request.state == "running" and request.steps == ["close", "mentions", "texts", "places"]
    monkeypatch.undo()
    worker(erase_accounts)
    with app.app_context():
        assert db.session.scalars(select(ErasureRequest.state)).one() == "done"
    assert everywhere(app, "claire@ville", but=("mail_message.recipient",)) == []


def _fail(*_args):
    raise RuntimeError("the disk is full")


@pytest.mark.parametrize("statement", [20, 60, 100])
def test_killed_in_the_middle_it_ends_all_the_same(app, life, leave, worker, later, statement):
    """kill -9 after so many statements; the next pass finishes, and what is left is the same."""
    leave("remove")
    later()
    assert _killed(app, statement) == signal.SIGKILL
    worker(erase_accounts)
    with app.app_context():
        assert db.session.scalars(select(ErasureRequest.state)).one() == "done"
        assert db.session.get(Member, life["claire"]).display_name == "Membre parti"
        farewells = select(MailMessage.id).where(MailMessage.subject == "Votre compte est effacé")
        assert len(db.session.scalars(farewells).all()) == 1
    assert everywhere(app, "claire@ville", but=("mail_message.recipient",)) == []


def _killed(app, statement: int) -> int:
    """Run the task in a process of its own, that dies for good after this many statements; the signal that ended it."""
    with app.app_context():
        db.engine.dispose()
    child = os.fork()
    if child == 0:
        left = [statement]

        def count(*_args: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with app.app_context():
                event.listen(db.engine, "after_cursor_execute", count)
                erase_accounts()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] & 0x7F


def test_administrators_act_for_somebody_and_it_is_recorded(app, life, client_of):
    from community.core.audit import AuditEntry

    desk = client_of(life["anne"])
    fields = {"email": "Claire@ville.example", "what": "erasure", "reason": "Courrier du 12 mai, identité vérifiée"}
    assert desk.post("/admin/donnees", fields).status_code == 303
    assert desk.post("/admin/donnees", fields | {"email": "personne@ville.example"}).status_code == 422
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "erasure.asked")).one()
        request = db.session.scalars(select(ErasureRequest)).one()
        assert (entry.actor_id, entry.target_id, request.asked_by_id) == (life["anne"], life["claire"], life["anne"])
        assert "12 mai" in entry.reason
    assert desk.post(f"/admin/donnees/departs/{request.id}/annulation").status_code == 303
    for member in (life["claire"], life["paul"]):
        assert client_of(member).get("/admin/donnees").status_code == 404


def test_every_text_of_a_kind_is_emptied(app):
    """A kind that gets a new text column gets it emptied too: the test lists what would be left."""
    from community.services.personal_data.erasure_texts import CODES, _is_text

    left = []
    for mapper in Contribution.__mapper__.self_and_descendants:
        table = mapper.local_table
        for column in table.columns if table is not Contribution.__table__ else ():
            is_text = isinstance(column.type, String | Text)
            if is_text and not column.primary_key and not column.foreign_keys and not _is_text(column):
                left.append(column.name)
    assert set(left) <= CODES
