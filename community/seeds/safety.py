"""The demo's safeguards: a member kept silent for a while in one community. Discretion and embargo are in the questions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from community.core.clock import at
from community.core.db import db
from community.people.communities.models import Community
from community.people.communities.sanctions import silence_in

if TYPE_CHECKING:
    from community.seeds.tell import Story


def tell_safety(story: Story) -> None:
    """Told last: whoever is silenced has said what the story makes them say."""
    for record in story.read("safety"):
        community = db.session.get(Community, story.communities[record["community"]])
        with at(story.days_ago(record["days_ago"])):
            until = story.started + timedelta(days=record["days_left"])
            silence_in(community, story.members[record["member"]], until, record["reason"], story.user(record["by"]))
