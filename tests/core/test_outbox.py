"""What was acknowledged is handled at least once, whatever fails in between."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from community.core import outbox
from community.core.db import db
from community.core.outbox import Event, emit, on
from community.people.communities.models import Community


@pytest.fixture
def handlers():
    """Handlers registered by a test go away with it."""
    kept = {name: list(found) for name, found in outbox._handlers.items()}
    yield
    outbox._handlers.clear()
    outbox._handlers.update(kept)


def happen(context, name: str, times: int = 1) -> None:
    community = Community(slug=f"c{name[-4:]}", name=name, kind="thematic")
    db.session.add(community)
    for number in range(times):
        emit(name, community, number=number)
    db.session.commit()


def test_an_event_lives_and_dies_with_its_transaction(context):
    community = Community(slug="x", name="X", kind="thematic")
    db.session.add(community)
    emit("test.rolled_back", community)
    db.session.rollback()
    assert db.session.scalars(select(Event)).all() == []


def test_events_are_handled_in_order_and_once(context, handlers):
    seen: list[int] = []
    on("test.order")(lambda events: seen.extend(event.payload["number"] for event in events))
    happen(context, "test.order", 5)
    assert outbox.drain() == 5
    assert outbox.drain() == 0
    assert seen == [0, 1, 2, 3, 4]
    assert outbox.pending() == 0


def test_one_bad_event_stops_no_other_and_is_tried_again(context, handlers):
    seen: list[int] = []

    def picky(events):
        for event in events:
            if event.payload["number"] == 1 and event.tries == 0:
                raise RuntimeError("not now")
            seen.append(event.payload["number"])

    on("test.picky")(picky)
    happen(context, "test.picky", 3)
    outbox.drain()
    kept = db.session.scalars(select(Event)).one()
    assert (kept.payload["number"], kept.tries) == (1, 1)
    assert "not now" in kept.error
    assert set(seen) >= {0, 2}
    db.session.execute(update(Event).values(due_at=kept.created_at))
    db.session.commit()
    assert outbox.drain() == 1
    assert 1 in seen


def test_a_handler_that_worked_is_not_run_again_for_another_that_failed(context, handlers):
    runs: list[str] = []

    def works(events):
        runs.append("works")

    def fails(events):
        runs.append("fails")
        raise RuntimeError

    on("test.pair")(works)
    on("test.pair")(fails)
    happen(context, "test.pair")
    outbox.drain()
    db.session.execute(update(Event).values(due_at=db.session.scalars(select(Event.created_at)).one()))
    db.session.commit()
    outbox.drain()
    assert runs.count("works") == 1
    assert runs.count("fails") == 2


def test_an_event_is_parked_after_its_last_try(context, handlers):
    def fails(events):
        raise RuntimeError("never")

    on("test.parked")(fails)
    happen(context, "test.parked")
    for _try in range(outbox.LAST_TRY + 2):
        db.session.execute(update(Event).values(due_at=db.session.scalars(select(Event.created_at)).one()))
        db.session.commit()
        outbox.drain()
    parked = db.session.scalars(select(Event)).one()
    assert parked.parked_at is not None
    assert parked.tries == outbox.LAST_TRY
    assert outbox.pending() == 0
