"""The kinds of pages that are served here: what each says of itself, on its model, is all that the site knows of it."""

from __future__ import annotations

from community.contributions.models import PAGES, Contribution
from community.features import FEATURES


def pages() -> dict[str, type[Contribution]]:
    """The kinds that have a page of their own, by name, in the order of features.py."""
    return dict(sorted(PAGES.items(), key=lambda item: FEATURES.index(item[1].__module__.rpartition(".")[0])))


def kept_beside(kind: str) -> dict[str, type[Contribution]]:
    """The kinds whose pages are linked with pages of this kind: those with most links first, its own after its equals."""
    return dict(sorted(pages().items(), key=lambda item: (-item[1].linked, item[0] == kind)))
