"""The one address of every contribution: /questions/12-slug, and an answer's place on its question's page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, request, url_for

from community.contributions.models import PAGES
from community.core.slugs import slugify

#: pages that are no contribution's
OTHERS = {"member": "members.show"}


def url_for_item(item: Any, **values: Any) -> str:
    """The address of a contribution (or a row with kind, id, title, thread_id; an answer's row also thread_title)."""
    if item.kind in PAGES:
        return url_for_kind(item.kind, item.id, item.title, **values)
    thread = getattr(item, "thread", None) if "thread" in getattr(item, "__dict__", {}) else None
    title = thread.title if thread is not None else getattr(item, "thread_title", "")
    return url_for(
        "questions.show", id=item.thread_id, slug=slugify(title) if title else None, _anchor=f"p{item.id}", **values
    )


def url_for_kind(kind: str, id: int, title: str, **values: Any) -> str:
    """The address of a page of this kind, from its columns alone."""
    endpoint = str(PAGES[kind].endpoint) if kind in PAGES else OTHERS[kind]
    return url_for(endpoint, id=id, slug=slugify(title), **values)


def right_address(item: Any, slug: str | None):
    """None when the address is the right one, else the 301 to it (old titles and bare ids keep working)."""
    if slug == item.slug:
        return None
    if request.method != "GET":
        abort(404)
    asked = urlencode(list(request.args.items(multi=True)))
    return redirect(f"{url_for_item(item)}?{asked}" if asked else url_for_item(item), 301)
