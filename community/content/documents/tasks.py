"""Every day: the addresses whose week is over are looked at, and those that failed the day before."""

from community.content.documents.links import links_due, look_at_link
from community.core.db import commit, release
from community.core.jobs import periodic


@periodic("look_at_links", hour="4", minute="10")
def look_at_links() -> None:
    ids = links_due()
    release()
    for id in ids:
        look_at_link(id)
        commit()
