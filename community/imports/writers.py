"""In whose name imported words appear: the account with the record's address, else an account of the source itself."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from sqlalchemy import select

from community.core.db import db
from community.core.slugs import slugify
from community.imports.question_files import Writer
from community.people.accounts.identity import Identity, identity_of
from community.people.accounts.models import Member
from community.people.communities.actions import add_member
from community.people.communities.models import Community


class Writers:
    """Finds authors once per run. No account is made for a real person: only one for the source, without a way in."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._known: dict[tuple[str, int], Identity] = {}

    def identity(self, writer: Writer, community: Community) -> Identity:
        """An identity that may post in this community."""
        key = (writer.email, community.id)
        if key not in self._known:
            member_id = self._member(writer)
            add_member(community, member_id)
            identity = identity_of(member_id)
            assert identity is not None
            self._known[key] = identity
        return self._known[key]

    def forget(self) -> None:
        """After a record was rolled back: an account made for it is gone too."""
        self._known.clear()

    def _member(self, writer: Writer) -> int:
        if writer.email:
            known = select(Member.id).where(
                Member.email == writer.email, Member.state == "active", Member.email_verified_at.is_not(None)
            )
            if (id := db.session.scalar(known)) is not None:
                return id
        return self._own_account()

    def _own_account(self) -> int:
        """The account of the source; its password is a random text that nobody is told."""
        email = f"import-{slugify(self.source)[:60]}@import.invalid"
        member = db.session.scalars(select(Member).where(Member.email == email)).one_or_none()
        if member is None:
            member = Member(
                email=email,
                password_hash=PasswordHasher().hash(secrets.token_urlsafe(32)),
                display_name=f"Import {self.source}"[:80],
                state="active",
            )
            db.session.add(member)
            db.session.flush()
        return member.id
