"""Documents that are an address: looked at every week; twice without an answer on different days, and it is dead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import or_, select

from community.content.documents.models import Document
from community.core.clock import now
from community.core.db import db, release
from community.core.fetch import Fetched, FetchError, fetch
from community.core.outbox import emit
from community.permissions import is_out

#: statuses of a page that is there, but not for machines or not today
THERE = (401, 402, 403, 405, 406, 407, 408, 409, 423, 425, 429, 451, 999)
EVERY = timedelta(days=6, hours=12)
AGAIN = timedelta(hours=20)
MOST = 200

Fetch = Callable[[str], Fetched]


def links_due() -> list[int]:
    """Documents whose address is to be looked at now: not for a week, or not since it failed the day before."""
    doubtful = (Document.link_state == "failing") & (Document.link_checked_at < now() - AGAIN)
    old = or_(Document.link_checked_at.is_(None), Document.link_checked_at < now() - EVERY)
    query = select(Document.id).where(Document.url.is_not(None), is_out(Document), or_(doubtful, old))
    return list(
        db.session.scalars(query.order_by(Document.link_checked_at.is_not(None), Document.link_checked_at).limit(MOST))
    )


def what_is_wrong(url: str, look: Fetch = fetch) -> str:
    """Empty when the address answers; else why not: a status of HTTP, or a reason of FetchError."""
    try:
        status = look(url).status
    except FetchError as error:
        return error.reason
    return "" if status < 400 or status in THERE else str(status)


def note_link(document: Document, url: str, wrong: str) -> None:
    """Keep what a look at a document's address gave. Its author is told when it dies, once."""
    if document.url != url:
        return
    today, before = now().date(), document.link_failed_on
    document.link_checked_at, document.link_reason = now(), wrong
    if not wrong:
        document.link_state, document.link_failed_on = "alive", None
    elif before is None:
        document.link_state, document.link_failed_on = "failing", today
    elif before < today and document.link_state != "dead":
        document.link_state = "dead"
        emit("document.link_dead", document)


def look_at_link(id: int, look: Fetch = fetch) -> None:
    """Ask an address and keep what it gave; nothing is locked while one waits for the answer."""
    url = db.session.scalar(select(Document.url).where(Document.id == id))
    release()
    if url is None:
        return
    wrong = what_is_wrong(url, look)
    document = db.session.get(Document, id)
    if document is not None:
        note_link(document, url, wrong)
