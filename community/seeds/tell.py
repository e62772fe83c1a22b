"""Tell the demo's story (story/*.toml) through the actions, at the instants when it happened."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from community.abilities.tags.models import Tag
from community.core.clock import now
from community.core.db import db
from community.core.outbox import drain
from community.core.slugs import slugify
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.seeds.arrivals import tell_arrivals
from community.seeds.clause_uses import tell_baskets, tell_uses
from community.seeds.clauses import tell_clauses
from community.seeds.documents import tell_documents
from community.seeds.moderation import tell_moderation
from community.seeds.people import tell_communities, tell_members
from community.seeds.personal_data import tell_departures
from community.seeds.questions import tell_links, tell_questions
from community.seeds.safety import tell_safety
from community.seeds.sheets import tell_sheets
from community.services.notifications.actions import recount
from community.services.notifications.models import Notification

STORY = Path(__file__).parent / "story"


def seed_if_empty(say: Callable[[str], None]) -> None:
    """Fill an empty database with the demo; a database with a member in it is left alone."""
    if db.session.scalar(select(Member.id).limit(1)) is not None:
        db.session.rollback()
        return
    started = time.monotonic()
    say("Première fois : la démonstration se met en place…")
    tell()
    handled = drain(100_000, lane="quick")  # files are read by the worker, once the site is up
    read_old_news()
    say(f"  {handled} événements traités, prêt en {time.monotonic() - started:.0f} s.")


def read_old_news() -> None:
    """The people of the story have read what is older than three weeks; the rest rings their bell."""
    with current_app.test_request_context("/", method="POST"):
        old = update(Notification).where(Notification.created_at < now() - timedelta(days=21))
        db.session.execute(old.values(read_at=now()).execution_options(synchronize_session=False))
        recount(db.session.scalars(select(Member.id)).all())
        db.session.commit()


def tell() -> Story:
    """Tell everything, in one transaction per chapter. Returns the ids by key."""
    story = Story()
    with current_app.test_request_context("/", method="POST"):
        for chapter in (
            tell_communities,
            tell_members,
            tell_arrivals,
            tell_tags,
            tell_clauses,
            tell_sheets,
            tell_documents,
            tell_questions,
            tell_links,
            tell_uses,
            tell_baskets,
            tell_safety,
            tell_moderation,
            tell_departures,
        ):
            chapter(story)
            db.session.commit()
    return story


class Story:
    """What was told so far: ids by key, and the instants of the past."""

    def __init__(self) -> None:
        self.started = now()
        self.communities: dict[str, int] = {}
        self.members: dict[str, int] = {}
        self.questions: dict[str, int] = {}
        self.sheets: dict[str, int] = {}
        self.documents: dict[str, int] = {}
        self.clauses: dict[str, int] = {}
        self._identities: dict[str, Any] = {}

    def read(self, name: str) -> list[dict[str, Any]]:
        """The records of story/<name>.toml, or of every file of story/<name>/."""
        path = STORY / name
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path.with_suffix(".toml")]
        records: list[dict[str, Any]] = []
        for file in files:
            (kind_records,) = tomllib.loads(file.read_text(encoding="utf-8")).values()
            records += [{"community": file.stem, **record} for record in kind_records]
        return records

    @cached_property
    def variables(self) -> dict[str, list[str]]:
        """What each variable of the clauses means: label, unit, example."""
        return tomllib.loads((STORY / "variables.toml").read_text(encoding="utf-8"))["variables"]

    def user(self, key: str) -> Any:
        """The identity of a member of the story, places included."""
        if key not in self._identities:
            self._identities[key] = identity_of(self.members[key])
        return self._identities[key]

    def forget_identity(self, key: str) -> None:
        """Read this identity again at the next look: it has just changed (a pseudonym taken)."""
        self._identities.pop(key, None)

    def with_citations(self, told: dict[str, Any]) -> str:
        """A text and, each on its own line, what it cites (« clause:delai-recolte-livraison@3 », « sheet:bacs-inox »)."""
        cited = []
        for reference in told.get("cites", ()):
            kind, _colon, place = reference.partition(":")
            key, at, version = place.partition("@")
            ids = {"clause": self.clauses, "sheet": self.sheets, "document": self.documents}[kind]
            cited.append(f"[[{kind}:{ids[key]}{at}{version}]]")
        return "\n\n".join([told["body"].strip(), *cited])

    def days_ago(self, days: float) -> Any:
        return self.started - timedelta(days=days)


def tell_tags(story: Story) -> None:
    for tag in story.read("tags"):
        # The story's own short names stay in the story: here a tag's slug is what its label gives, as for any member's.
        row = {"slug": slugify(tag["label"])[:60], "label": tag["label"], "description": tag.get("description", "")}
        db.session.add(Tag(**row, curated=True))
    db.session.flush()
