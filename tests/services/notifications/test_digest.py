"""The summary by mail: at the rhythm one chose, once, with titles, and nothing that one may no longer see."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import delete, select, update

from community.core.db import db
from community.core.mail import MailMessage
from community.people.accounts.models import Member
from community.people.communities.models import Community, Membership
from community.services.notifications.tasks import send_digests

PARIS = ZoneInfo("Europe/Paris")
SUNDAY, MONDAY, TUESDAY = (datetime(2026, 11, day, 6, 10, tzinfo=PARIS) for day in (22, 23, 24))


def chooses(app, member: int, rhythm: str, **more: str) -> None:
    change(app, update(Member).where(Member.id == member).values(digest=rhythm, **more))


@pytest.fixture
def claire(app, make, drain) -> int:
    """Claire, whose question Paul answered twice on a Sunday, and commented."""
    with time_machine.travel(SUNDAY, tick=False):
        claire = make.member("Claire", communities={"cantines": "member"})
        paul = make.member("Paul Rey", communities={"cantines": "member"})
        asked = make.question(claire, title="Comment allotir : 3 lots ?")
        for words in ("Chez nous, trois lots par famille de denrées.", "Et voici le détail de nos trois lots."):
            make.answer(asked, paul, words)
        drain()
    chooses(app, claire, "weekly")
    return claire


def run(app, at: datetime) -> list[MailMessage]:
    with time_machine.travel(at, tick=False), app.app_context():
        send_digests()
        sent = list(db.session.scalars(select(MailMessage).order_by(MailMessage.id)))
        db.session.remove()
    return sent


def change(app, statement) -> None:
    with app.app_context():
        db.session.execute(statement)
        db.session.commit()
        db.session.remove()


def test_each_week_on_monday_and_once(app, claire):
    assert run(app, SUNDAY) == []
    (mail,) = run(app, MONDAY)
    assert mail.subject == "2 nouveautés vous attendent"
    assert "Comment allotir\u00a0: 3 lots\u00a0?" in mail.text and mail.text.count("Paul Rey a répondu") == 1
    assert "Comment allotir\u00a0: 3 lots\u00a0?" in mail.html
    assert len(run(app, MONDAY)) == len(run(app, TUESDAY)) == 1


@pytest.mark.parametrize(("rhythm", "mails"), [("daily", 1), ("never", 0)])
def test_the_rhythm_is_the_member_s(app, claire, rhythm, mails):
    chooses(app, claire, rhythm, locale="en")
    sent = run(app, MONDAY)
    assert len(sent) == mails


def test_what_may_no_longer_be_seen_is_not_told(app, claire):
    change(app, update(Community).values(visibility="members"))
    change(app, delete(Membership).where(Membership.member_id == claire))
    assert run(app, MONDAY) == []


def test_nobody_is_written_to_who_did_not_ask(app, make, drain):
    with time_machine.travel(SUNDAY, tick=False):
        asked = make.question(make.member("Nora", communities={"cantines": "member"}))
        make.answer(asked, make.member("Paul Rey", communities={"cantines": "member"}))
        drain()
    assert run(app, MONDAY) == []


def test_its_link_stops_it_without_signing_in(app, claire, visitor):
    (mail,) = run(app, MONDAY)
    path = re.search(r"/resume/[\w=-]+", mail.text)[0]
    assert mail.headers["List-Unsubscribe"].endswith(f"{path}>")
    assert "Ne plus recevoir" in visitor.get(path).text
    with app.app_context():
        assert db.session.get(Member, claire).digest == "weekly", "looking at the page stops nothing"
    assert "plus de résumé" in visitor.submit(path, {}).text
    assert visitor.get(path[:-9] + "abcdefgh=").status_code == 404
    with app.app_context():
        assert db.session.get(Member, claire).digest == "never"
