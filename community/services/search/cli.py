"""``flask reindex``: build the whole index beside the live one and swap."""

import time

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.models import Member
from community.services.search.index import rebuild, repair


@click.command("reindex")
@with_appcontext
def reindex() -> None:
    """Rebuild the search index beside the live one, then swap (progress and estimate shown)."""
    pages = select(func.count()).select_from(Contribution).where(Contribution.thread_id.is_(None))
    total = (db.session.scalar(pages) or 0) + (db.session.scalar(select(func.count()).select_from(Member)) or 0)
    db.session.rollback()
    started = time.monotonic()

    def show(done: int) -> None:
        elapsed = time.monotonic() - started
        left = elapsed / done * max(0, total - done) if done else 0
        click.echo(f"\r{done} / {total} — encore {left:.0f} s   ", nl=False)

    count = rebuild(show)
    repair()  # what the worker wrote to the old index meanwhile
    click.echo(f"\r{count} entrées indexées en {time.monotonic() - started:.1f} s.          ")
