"""Members, their sign-ins and the one-time tokens sent by mail. Their organisations are in organisation_models.py."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from community.core.clock import now
from community.core.db import Instant, Model
from community.core.slugs import slugify
from community.people.accounts.organisation_models import Organisation

__all__ = ["Expertise", "MailToken", "Member", "Organisation", "SignIn"]


class Member(Model):
    """A person. ``email`` is kept in lower case; ``state`` says whether the person may come in.

    ``name_key`` is the name without accents or capitals, a hyphen before every word: searched and sorted by.
    """

    __tablename__ = "member"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    #: how the organisation is known to be the member's: "domain" (a confirmed address), "moderator", or "" (not yet)
    organisation_proof: Mapped[str] = mapped_column(String(10), default="", server_default="")
    organisation_proved_at: Mapped[datetime | None] = mapped_column(Instant)
    #: agent, elected, firm or other (vocab.QUALITIES)
    quality: Mapped[str] = mapped_column(String(10), default="agent", server_default="agent")
    job: Mapped[str] = mapped_column(String(120), default="")
    bio: Mapped[str] = mapped_column(Text, default="")
    can_help: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[str] = mapped_column(String(20), default="never")
    digest_sent_at: Mapped[datetime | None] = mapped_column(Instant)
    platform_role: Mapped[str] = mapped_column(String(20), default="member")
    state: Mapped[str] = mapped_column(String(20), default="pending")
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    email_verified_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    unread_count: Mapped[int] = mapped_column(default=0)
    #: contributions that peers found useful, accepted or certified: what rights come with (trust.py)
    useful_count: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        CheckConstraint("quality IN ('agent', 'elected', 'firm', 'other')", name="quality"),
        CheckConstraint("organisation_proof IN ('', 'domain', 'moderator')", name="organisation_proof"),
    )

    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    expertise: Mapped[list[Expertise]] = relationship(
        lazy="raise", order_by="Expertise.label", back_populates="member", foreign_keys="Expertise.member_id"
    )

    @validates("display_name")
    def _keep_name_key(self, _field: str, name: str) -> str:
        self.name_key = f"-{slugify(name)}"
        return name

    @property
    def slug(self) -> str:
        return slugify(self.display_name)

    @property
    def initials(self) -> str:
        words = [word for word in self.display_name.replace("-", " ").split() if word]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


class Expertise(Model):
    """A field a member knows: a label as people write it, declared by the member or endorsed by a peer."""

    __tablename__ = "expertise"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(60))
    slug: Mapped[str] = mapped_column(String(70), index=True)
    phase: Mapped[str | None] = mapped_column(String(20))
    endorsed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    member: Mapped[Member] = relationship(lazy="raise", foreign_keys=[member_id], back_populates="expertise")
    __table_args__ = (UniqueConstraint("member_id", "slug"),)


class SignIn(Model):
    """One open session of a member. The cookie holds a random key; only its hash is kept here."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    remembered: Mapped[bool] = mapped_column(default=False)
    device: Mapped[str] = mapped_column(String(200), default="")
    #: the last day on which it served; kept by day: the hours of somebody's work are nobody's business
    seen_on: Mapped[date | None] = mapped_column(Date)
    #: how it was opened: "password", "sso"
    way: Mapped[str] = mapped_column(String(10), default="password", server_default="password")
    #: the provider's id_token, sealed, that its sign-out asks back
    id_token: Mapped[str] = mapped_column(Text, default="", server_default="")


class MailToken(Model):
    """A link sent by mail: confirm an address, change it, reset a password. Used once, then useless."""

    __tablename__ = "mail_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
