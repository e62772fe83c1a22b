"""Nightly: compare index and database, mend, say what was mended."""

from community.core.jobs import periodic
from community.services.search.index import repair


@periodic("repair_index", hour="3", minute="10")
def repair_index() -> None:
    repair()
