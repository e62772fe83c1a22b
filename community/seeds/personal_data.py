"""The demo's departures: one member asked to leave a few days ago, and may still change their mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from community.core.clock import at
from community.services.personal_data.erasure import ask_erasure

if TYPE_CHECKING:
    from community.seeds.tell import Story

LEAVING = "yann-kervella"


def tell_departures(story: Story) -> None:
    """The administrators' page has somebody on it."""
    with at(story.days_ago(5)):
        ask_erasure(story.members[LEAVING], "keep", story.user(LEAVING))
