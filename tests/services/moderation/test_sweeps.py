"""A spammer's work is taken away in one act, and put back exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from moderation_reads import column, last
from sqlalchemy import func, select, update

from community.abilities.comments.models import Comment
from community.abilities.votes.models import Vote
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.people.accounts.models import Member
from community.services.moderation import sweep_pieces
from community.services.moderation.models import Sweep, SweepItem
from community.services.moderation.sweeps import forget_pieces, go_on
from community.services.moderation.tasks import do_sweeps
from community.services.notifications.models import Notification

COUNTED = (Contribution, Comment, Vote, Notification, Member)
#: what differs between two readings without anything having changed
ALIVE = {"updated_at", "last_activity_at", "useful_count", "id"}


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    """Two pieces a transaction, so that every sweep here takes several."""
    monkeypatch.setattr(sweep_pieces, "AT_ONCE", 2)


@pytest.fixture
def work(app, drain):
    """What the worker does: the sweeps asked for, then the events."""

    def run() -> None:
        with app.app_context():
            do_sweeps()
            db.session.remove()
        drain()

    return run


def picture(app) -> dict[str, list]:
    """Every row of what a sweep touches, as it stands."""
    with app.app_context():
        found = {}
        for model in COUNTED:
            table = model.__table__
            columns = [column for column in table.c if column.name not in ALIVE]
            found[table.name] = sorted(repr(tuple(row)) for row in db.session.execute(select(*columns)))
        db.session.remove()
    return found


def spam(make, place, client_of, drain) -> int:
    spammer = make.member("Sam Spam", communities={"cantines": "member", "numerique": "member"})
    make.question(spammer, title="Achetez nos frigos pas chers, vite")
    make.question(spammer, community="numerique", title="Achetez nos serveurs pas chers, vite")
    make.answer(place.question, spammer, f"Nos frigos ! @[René Lecteur](member:{place.reader})")
    make.comment(place.answer, spammer, "Nos frigos, encore.")
    client_of(spammer).post(f"/contributions/{place.answer}/vote")
    drain()
    return spammer


def test_everything_goes_and_comes_back_exactly(app, make, place, client_of, drain, visitor, work):
    spammer = spam(make, place, client_of, drain)
    before = picture(app)
    client = client_of(place.administrator)
    fields = {"since": "1", "reason": "Publicité en rafale", "suspend": "y"}
    assert client.post(f"/membres/{spammer}/moderation", fields).status_code == 303
    assert column(app, Member, spammer, "state") == "suspended", "at once, so that nothing more comes"
    waiting = client.get(f"/membres/{spammer}/moderation")
    assert "<progress" in waiting.text and waiting.headers["Refresh"] == "3" and "Tout retirer" not in waiting.text
    assert client.post(f"/membres/{spammer}/moderation", fields).status_code == 409, "one at a time"
    work()
    page = visitor.get(f"/questions/{place.question}", follow_redirects=True).text
    assert "frigos" not in page
    assert column(app, Contribution, place.answer, "score") == 0
    assert last(app, select(func.count()).select_from(Notification).where(Notification.actor_id == spammer)) == 0
    assert column(app, Member, place.reader, "unread_count") < 4
    swept = client.get(f"/membres/{spammer}/moderation")
    assert "Tout remettre" in swept.text and "Refresh" not in swept.headers
    assert client.post("/moderation/nettoyages/1/annulation").status_code == 303
    work()
    assert picture(app) == before
    assert client.post("/moderation/nettoyages/1/annulation").status_code == 303, "repeating changes nothing"


def killed_after(app, steps: int) -> None:
    """The worker does so many transactions, begins another, and dies."""
    with app.app_context():
        for _step in range(steps):
            assert go_on(1)
            db.session.commit()
        go_on(1)
        db.session.rollback()
        db.session.remove()


def test_killed_in_the_middle_it_goes_on_and_is_undone_as_one(app, make, place, client_of, drain, work):
    spammer = spam(make, place, client_of, drain)
    before = picture(app)
    client = client_of(place.administrator)
    client.post(f"/membres/{spammer}/moderation", {"since": "0", "reason": "Publicité en rafale", "suspend": "y"})
    killed_after(app, 2)
    assert "sur" in client.get(f"/membres/{spammer}/moderation").text
    work()
    theirs = select(func.count()).select_from(Contribution).where(Contribution.author_id == spammer)
    assert last(app, theirs.where(Contribution.removed_at.is_(None))) == 0
    client.post("/moderation/nettoyages/1/annulation")
    killed_after(app, 1)
    work()
    assert picture(app) == before
    assert last(app, select(func.count()).select_from(SweepItem)) == 0


def test_stopped_before_its_end_it_puts_back_what_it_took(app, make, place, client_of, drain, work):
    spammer = spam(make, place, client_of, drain)
    before = picture(app)
    client = client_of(place.administrator)
    client.post(f"/membres/{spammer}/moderation", {"since": "0", "reason": "Publicité en rafale"})
    killed_after(app, 1)
    assert "Arrêter et tout remettre" in client.get(f"/membres/{spammer}/moderation").text
    assert client.post("/moderation/nettoyages/1/annulation").status_code == 303
    work()
    assert picture(app) == before


def test_what_was_told_anew_meanwhile_does_not_stop_the_undo(app, make, place, client_of, drain, work):
    """A comment that comes back is told about by the worker, maybe before its former notification comes back."""
    spammer = spam(make, place, client_of, drain)
    client = client_of(place.administrator)
    client.post(f"/membres/{spammer}/moderation", {"since": "1", "reason": "Publicité en rafale"})
    work()
    client.post("/moderation/nettoyages/1/annulation")
    with app.app_context():
        taken = db.session.scalars(select(SweepItem).where(SweepItem.kind == "notifications")).first().data
        db.session.add(Notification(member_id=taken["member_id"], event=taken["event"], key=taken["key"]))
        db.session.commit()
        db.session.remove()
    work()
    assert last(app, select(Sweep.state)) == "undone"


def test_undoing_leaves_the_suspension_that_a_colleague_decided_since(app, make, place, client_of, drain, work):
    spammer = spam(make, place, client_of, drain)
    client = client_of(place.administrator)
    client.post(f"/membres/{spammer}/moderation", {"since": "0", "reason": "Publicité en rafale", "suspend": "y"})
    work()
    colleague = client_of(make.member("Autre Admin", platform_role="administrator"))
    day = (now() + timedelta(days=90)).date().isoformat()
    fields = {"until": day, "reason": "Récidive, après deux rappels."}
    assert colleague.post(f"/membres/{spammer}/suspension", fields).status_code == 303
    client.post("/moderation/nettoyages/1/annulation")
    work()
    assert column(app, Member, spammer, "state") == "suspended"


def test_what_was_taken_is_listed_no_longer_than_it_may_be_put_back(app, make, place, client_of, drain, work):
    spammer = spam(make, place, client_of, drain)
    client_of(place.administrator).post(f"/membres/{spammer}/moderation", {"since": "0", "reason": "Publicité"})
    work()
    with app.app_context():
        assert forget_pieces() == 0
        db.session.execute(update(Sweep).values(ended_at=now() - timedelta(minutes=61)))
        assert forget_pieces() > 4
        db.session.rollback()
        db.session.remove()


def test_a_moderator_sweeps_where_they_moderate_only(app, make, place, client_of, drain, work):
    spammer = spam(make, place, client_of, drain)
    fields = {"since": "0", "reason": "Publicité en rafale", "suspend": "y"}
    assert client_of(place.moderator).post(f"/membres/{spammer}/moderation", fields).status_code == 303
    work()
    left = last(
        app, select(Contribution.title).where(Contribution.author_id == spammer, Contribution.removed_at.is_(None))
    )
    assert left == "Achetez nos serveurs pas chers, vite"
    assert column(app, Member, spammer, "state") == "active", "suspending is for administrators"
    assert client_of(place.elsewhere).post("/moderation/nettoyages/1/annulation").status_code == 404


def test_what_is_older_than_the_hour_stays_and_the_undo_ends(app, make, place, client_of, drain, work):
    spammer = spam(make, place, client_of, drain)
    with app.app_context():
        old = update(Contribution).where(Contribution.kind == "answer", Contribution.author_id == spammer)
        db.session.execute(old.values(published_at=now() - timedelta(hours=3)))
        db.session.commit()
        db.session.remove()
    client = client_of(place.administrator)
    client.post(f"/membres/{spammer}/moderation", {"since": "1", "reason": "Publicité"})
    work()
    kept = select(Contribution.kind).where(Contribution.author_id == spammer, Contribution.removed_at.is_(None))
    assert last(app, kept) == "answer"
    with app.app_context():
        db.session.execute(update(Sweep).values(ended_at=now() - timedelta(minutes=61)))
        db.session.commit()
        db.session.remove()
    assert client.post("/moderation/nettoyages/1/annulation").status_code == 409


def test_what_somebody_else_removed_stays_removed(app, make, place, client_of, drain, work):
    spammer = spam(make, place, client_of, drain)
    client = client_of(place.administrator)
    client.post(f"/membres/{spammer}/moderation", {"since": "0", "reason": "Publicité"})
    work()
    with app.app_context():
        mine = update(Contribution).where(Contribution.author_id == spammer, Contribution.kind == "answer")
        db.session.execute(mine.values(removed_by_id=place.other))
        db.session.commit()
        db.session.remove()
    client.post("/moderation/nettoyages/1/annulation")
    work()
    gone = select(Contribution.kind).where(Contribution.author_id == spammer, Contribution.removed_at.is_not(None))
    assert last(app, gone) == "answer"


def test_who_may_look_at_a_member_so(place, client_of):
    assert client_of(place.reader).get(f"/membres/{place.author}/moderation").status_code == 404
    assert client_of(place.moderator).get(f"/membres/{place.author}/moderation").status_code == 200
    assert client_of(place.administrator).get("/membres/98765/moderation").status_code == 404
    mine = client_of(place.administrator).post(
        f"/membres/{place.administrator}/moderation", {"since": "1", "reason": "Pour voir"}
    )
    assert mine.status_code == 403
    short = client_of(place.moderator).post(f"/membres/{place.author}/moderation", {"since": "1", "reason": ""})
    assert short.status_code == 422
