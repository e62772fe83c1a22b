"""Every ten minutes: publish the questions whose embargo ends today."""

from __future__ import annotations

from community.content.questions.embargo import due, publish_now
from community.core.db import db
from community.core.jobs import periodic
from community.people.accounts.identity import identity_of
from community.people.accounts.pseudonyms import owner_of
from community.permissions import can_post_in


@periodic("publish_embargoed", minute="*/10")
def publish_embargoed() -> None:
    """Each in a transaction of its own. One whose author may not write there any more (suspended, silenced) waits."""
    for question in due():
        owner = owner_of(question.author_id)
        author = identity_of(owner) if owner is not None else None
        if author is not None and can_post_in(author, question.community):
            publish_now(question, author)
        db.session.commit()
