"""What the nights forget, by periods that administrators choose; accounts that nobody uses."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from builders import PASSWORD
from client import Client
from sqlalchemy import func, select

from community.core.db import db
from community.core.mail import MailMessage
from community.core.storage import storage
from community.people.accounts.models import Member, SignIn
from community.services.notifications.models import Notification
from community.services.personal_data import retention
from community.services.personal_data.models import ErasureRequest, Presence, RetentionRun
from community.services.personal_data.tasks import apply_retention, erase_accounts


@pytest.fixture
def travel(time_machine):
    start = datetime.now(UTC)
    return lambda days: time_machine.move_to(start + timedelta(days=days), tick=True)


def count(app, model) -> int:
    with app.app_context():
        found = db.session.scalar(select(func.count()).select_from(model))
        db.session.remove()
    return found


def test_mails_notifications_and_sessions_go_when_their_time_has_come(app, make, life, drain, worker, travel):
    with app.test_request_context("/", method="POST"):
        from community.core.clock import now
        from community.core.mail import send_mail

        send_mail("claire@ville.example", "Bonjour", "accounts/password_changed", name="Claire", link="/")
        for row in db.session.scalars(select(Notification)):
            row.read_at = now()
        db.session.commit()
        db.session.remove()
    drain()
    worker(apply_retention)
    assert count(app, MailMessage) and count(app, Notification)
    travel(31)
    worker(apply_retention)
    assert not count(app, MailMessage) and count(app, Notification)
    travel(181)
    worker(apply_retention)
    assert not count(app, Notification) and not count(app, SignIn)


def test_a_mail_that_is_not_sent_yet_stays(app, make, worker, travel):
    with app.test_request_context("/", method="POST"):
        from community.core.mail import send_mail

        send_mail("a@ville.example", "Bonjour", "accounts/password_changed", name="Claire", link="/")
        db.session.commit()
        db.session.remove()
    travel(400)
    worker(apply_retention)
    assert count(app, MailMessage) == 1


def test_an_unused_account_is_warned_then_leaves(app, life, client_of, worker, travel):
    worker(apply_retention)
    travel(729)
    worker(apply_retention)
    assert count(app, ErasureRequest) == 0
    travel(731)
    client_of(life["paul"])  # Paul came this very day
    worker(apply_retention)
    worker(apply_retention)
    with app.app_context():
        mails = db.session.scalars(
            select(MailMessage.recipient).where(MailMessage.subject.contains("ne sert plus"))
        ).all()
    assert mails.count("claire@ville.example") == 1 and "paul@velay.example" not in mails
    assert "anne@admin.example" not in mails, "administrators are never counted"
    travel(731 + 61)
    worker(apply_retention)
    worker(erase_accounts)
    with app.app_context():
        states = dict(db.session.execute(select(Member.id, Member.state)).all())
    assert (states[life["claire"]], states[life["paul"]], states[life["anne"]]) == ("erased", "active", "active")


def test_coming_back_after_the_warning_keeps_the_account(app, life, client_of, worker, travel):
    worker(apply_retention)
    travel(731)
    worker(apply_retention)
    travel(740)
    client_of(life["claire"])
    worker(apply_retention)
    travel(800)
    worker(apply_retention)
    with app.app_context():
        assert db.session.get(Presence, life["claire"]).warned_at is None
        assert not db.session.scalars(select(ErasureRequest).where(ErasureRequest.member_id == life["claire"])).all()


def test_who_signs_in_and_out_the_same_day_is_not_absent(app, life, client_of, worker, travel):
    """Signing out forgets the session: the night finds none, and yet the account is used."""
    worker(apply_retention)
    travel(731)
    worker(apply_retention)
    travel(740)
    client = Client(app)
    fields = {"email": "claire@ville.example", "password": PASSWORD}
    assert client.submit("/connexion", fields).status_code == 303
    assert client.post("/deconnexion").status_code == 303
    worker(apply_retention)
    travel(802)
    worker(apply_retention)
    with app.app_context():
        assert not db.session.scalars(select(ErasureRequest).where(ErasureRequest.member_id == life["claire"])).all()


def test_an_archive_that_no_row_names_goes_in_a_day(app, worker, time_machine, tmp_path):
    """A worker that dies after keeping a copy and before saying so leaves somebody's data behind."""
    (tmp_path / "copy.zip").write_bytes(b"PK")
    with app.app_context():
        storage().put("exports/7-dead.zip", tmp_path / "copy.zip")
    worker(apply_retention)
    with app.app_context():
        assert list(storage().keys("exports/")) == ["exports/7-dead.zip"]
        old = time.time() - 2 * 24 * 3600
        os.utime(storage().local_path("exports/7-dead.zip"), (old, old))
    worker(apply_retention)
    with app.app_context():
        assert list(storage().keys("exports/")) == []


def test_one_rule_that_fails_stops_no_other_and_is_told(app, life, client_of, worker, monkeypatch):
    def fail() -> int:
        raise RuntimeError("no")

    rules = tuple((name, label, fail if name == "mails" else rule) for name, label, rule in retention.RULES)
    monkeypatch.setattr(retention, "RULES", rules)
    with app.app_context():
        db.session.add(SignIn(key_hash="1" * 64, member_id=life["claire"], expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
        db.session.commit()
        db.session.remove()
    worker(apply_retention)
    with app.app_context():
        run = db.session.scalars(select(RetentionRun)).one()
        assert (run.counts, run.failed) == ({"sign_ins": 1}, "mails")
    page = client_of(life["anne"]).get("/admin/donnees").text.replace("\xa0", " ")
    assert "1 sessions et liens" in page and "échec : mails" in page


def test_periods_are_chosen_within_bounds_and_shown_everywhere(life, client_of):
    client = client_of(life["anne"])
    assert client.submit("/admin/donnees/durees", {"retention__exports": "3", "erasure__delay": "7"}).status_code == 303
    assert client.submit("/admin/donnees/durees", {"erasure__delay": "0"}).status_code == 422
    assert client.submit("/admin/donnees/durees", {"retention__exports": "beaucoup"}).status_code == 422
    assert "disponible 3 jours" in client.get("/compte/donnees").text.replace("\xa0", " ")
    register = client.get("/admin/registre.md").text.replace("\xa0", " ")
    assert "Copies : 3 jours" in register and "Effacement : 7 jours" in register


def test_a_visitor_s_address_goes_without_an_answer_too(app, life, visitor, worker, travel, client_of):
    fields = {"reason": "wrong", "email": "passant@ailleurs.example"}
    assert visitor.post(f"/contributions/{life['answered']}/signalement", fields).status_code == 303
    from community.abilities.flags.models import Flag

    def addresses() -> list:
        with app.app_context():
            found = list(db.session.scalars(select(Flag.email)))
            db.session.remove()
        return found

    travel(89)
    worker(apply_retention)
    assert addresses() == ["passant@ailleurs.example"]
    travel(91)
    worker(apply_retention)
    assert addresses() == [None], "the report itself stays for the desk"


def test_closed_invitations_to_the_platform_go_too(app, life, worker, travel):
    from community.people.accounts.identity import identity_of
    from community.people.accounts.registrations import invite_to_platform
    from community.people.accounts.security_models import PlatformInvitation

    with app.test_request_context("/", method="POST"):
        invite_to_platform(identity_of(life["anne"]), "invite@ailleurs.example")
        db.session.commit()
        db.session.remove()
    travel(364)
    worker(apply_retention)
    assert count(app, PlatformInvitation) == 1
    travel(366)
    worker(apply_retention)
    assert count(app, PlatformInvitation) == 0


def test_the_register_has_every_field_of_every_line(life, client_of):
    from community.services.personal_data.register import register, titled

    client = client_of(life["anne"])
    page, text = client.get("/admin/registre"), client.get("/admin/registre.md")
    assert page.status_code == 200 and "registre-des-traitements.md" in text.headers["Content-Disposition"]
    with client.app.test_request_context("/"):
        for line in register():
            assert f"## {line.name}" in text.text
            assert all(value for _title, value in titled(line))


def test_the_administrators_page_costs_the_same_whatever_waits(life, make, client_of, statements):
    client = client_of(life["anne"])
    counts = []
    for _round in range(2):
        for _each in range(3):
            client_of(make.member()).post("/compte/donnees/copie")
        with statements() as counted:
            assert client.get("/admin/donnees").status_code == 200
        counts.append(counted.count)
    assert max(counts) <= 7, counted.statements  # now and then one more: the options are read again
