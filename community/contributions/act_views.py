"""Acts that ask for nothing but themselves: a button, a permission, an action, and back to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template
from flask_login import current_user, login_required

from community.contributions.actions import remove, restore
from community.contributions.permalink import url_for_item
from community.core.db import commit
from community.core.web import is_fragment, origin, saved
from community.permissions import can_remove, can_restore, require


def add_act(
    bp: Blueprint,
    rule: str,
    endpoint: str,
    fetch: Callable[[int], Any],
    may: Callable[[Any, Any], bool],
    act: Callable[[Any, Any], object],
    then: Callable[[Any], str] = url_for_item,
) -> None:
    """POST ``rule`` (with its ``<int:id>``): ``act(item, user)`` on what ``fetch(id)`` gives if ``may(user, item)``, then 303."""

    @login_required
    def view(id: int):
        item = fetch(id)
        require(may(current_user, item))
        act(item, current_user)
        return saved(then(item))

    bp.add_url_rule(rule, endpoint, view, methods=["POST"])


def add_removal(bp: Blueprint, page: str, fetch: Callable[[int], Any]) -> None:
    """Taking a page of this kind away and bringing it back, at ``/retrait`` and ``/retour`` under its address."""
    add_act(bp, f"{page}/retrait", "remove", fetch, can_remove, remove)
    add_act(bp, f"{page}/retour", "restore", fetch, can_restore, restore)


def shown_again(item: Any, part: str, **values: Any):
    """After a change of the part of a page that is drawn by ``part``: that part for a script, the page for everybody else."""
    if is_fragment():
        commit()
        return render_template(part, item=item, **values)
    return saved(origin(url_for_item(item)))
