"""What the worker does for search: nightly repair, and the searches that find nothing written down."""

from community.core.db import commit
from community.core.jobs import job, periodic
from community.services.search.index import repair, settle, tidy
from community.services.search.misses import count_miss, forget_old_misses


@periodic("repair_index", hour="3", minute="10")
def repair_index() -> None:
    """Compare index and database, mend, say what was mended."""
    repair()


@periodic("tidy_index", hour="3", minute="40")
def tidy_index() -> None:
    """One segment and no deleted entry left: the searches of the day read less."""
    tidy()


@periodic("settle_index", minute="*/5")
def settle_index() -> None:
    """When nothing waits: the merges that a post would have had to wait for."""
    settle()


@periodic("tidy_misses", hour="3", minute="20")
def tidy_misses() -> None:
    forget_old_misses()
    commit()


@job("search_miss")
def note_miss(text: str) -> None:
    """One more search for these words found nothing."""
    count_miss(text)
    commit()
