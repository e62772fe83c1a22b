"""The charter and the privacy notice: versioned, edited by administrators, accepted by members.

Version 0 is the text that ships with the platform (texts/*.md; *.en.md is a courtesy). A member accepts at registration;
when a new version is published, members are asked at their next sign-in, by a notice that stands on the page and stops
nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from community.core import ports
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict
from community.core.i18n import language
from community.core.text import render_markdown
from community.people.accounts.models import Member
from community.services.personal_data.models import TEXTS, Consent, LegalText

TITLES = {"charter": _l("Charte d’Entrepairs"), "privacy": _l("Vos données personnelles sur Entrepairs")}
SHIPPED = Path(__file__).with_name("texts")


@dataclass(frozen=True)
class Current:
    """The text in force."""

    name: str
    version: int
    body: str
    html: str
    note: str = ""
    published_at: datetime | None = None

    @property
    def title(self) -> Any:
        return TITLES[self.name]


@ports.provide("legal_text")
def text_to_read(name: str) -> Current:
    """The version in force; the shipped one has a courtesy translation, what administrators write has none."""
    text, translated = current_text(name), SHIPPED / f"{name}.{language()}.md"
    if text.version or not translated.exists():
        return text
    body = translated.read_text(encoding="utf-8")
    return Current(name, 0, body, render_markdown(body, f"{name}-").html)


def current_text(name: str) -> Current:
    """The version in force of « charter » or « privacy »."""
    latest = select(LegalText).where(LegalText.name == name).order_by(LegalText.version.desc()).limit(1)
    row = db.session.scalars(latest).one_or_none()
    if row is not None:
        return Current(name, row.version, row.body, row.body_html, row.note, row.published_at)
    body = (SHIPPED / f"{name}.md").read_text(encoding="utf-8")
    return Current(name, 0, body, render_markdown(body, f"{name}-").html)


def versions_of(name: str) -> Sequence[Any]:
    """Every version, the latest first, with who published it and how many accepted it."""
    accepted = (
        select(func.count())
        .select_from(Consent)
        .where(Consent.name == LegalText.name, Consent.version == LegalText.version)
        .scalar_subquery()
    )
    query = (
        select(
            LegalText.version, LegalText.note, LegalText.published_at, Member.display_name, accepted.label("accepted")
        )
        .outerjoin(Member, Member.id == LegalText.published_by_id)
        .where(LegalText.name == name)
        .order_by(LegalText.version.desc())
    )
    return db.session.execute(query).all()


def publish_text(name: str, body: str, note: str, base: int, user: Any) -> LegalText | None:
    """Put a new version in force; the same words change nothing. Raises Conflict when somebody published meanwhile."""
    current = current_text(name)
    if body.strip() == current.body.strip():
        return None
    if base != current.version:
        raise Conflict(_("Quelqu’un a publié une nouvelle version entre-temps : relisez-la avant de publier la vôtre."))
    html = render_markdown(body, f"{name}-").html
    text = LegalText(
        name=name, version=current.version + 1, body=body, body_html=html, note=note, published_by_id=user.id
    )
    db.session.add(text)
    record(user, "text.published", text, f"{name} {text.version}")
    return text


@ports.provide("accept_texts")
def accept_texts(member_id: int) -> None:
    """Write down that this member accepts both texts in force. Repeating it changes nothing."""
    known = set(db.session.execute(select(Consent.name, Consent.version).where(Consent.member_id == member_id)))
    for name, version in _versions().items():
        if (name, version) not in known:
            db.session.add(Consent(member_id=member_id, name=name, version=version, at=now()))
    db.session.flush()


@ports.provide("texts_to_accept")
def texts_to_accept(member_id: int) -> list[str]:
    """Names of the texts whose version in force this member has not accepted yet. Version 0 was accepted by registering."""
    newest = {name: version for name, version in _versions().items() if version > 0}
    if not newest:
        return []
    query = select(Consent.name, Consent.version).where(Consent.member_id == member_id, Consent.name.in_(newest))
    accepted = set(db.session.execute(query))
    return [name for name, version in newest.items() if (name, version) not in accepted]


def _versions() -> dict[str, int]:
    rows = db.session.execute(select(LegalText.name, func.max(LegalText.version)).group_by(LegalText.name))
    return dict.fromkeys(TEXTS, 0) | {row.name: row[1] for row in rows}
