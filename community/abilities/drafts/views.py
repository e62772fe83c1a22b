"""Drafts and previews: what the editor asks of the server while somebody writes."""

from __future__ import annotations

import re

from flask import Blueprint, jsonify, request
from flask_babel import format_time
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.drafts.actions import Fields, draft_for, drop_draft, is_published, save_draft
from community.core import ports
from community.core.clock import now
from community.core.db import commit
from community.core.errors import Invalid
from community.core.limits import limiter
from community.core.text import render_markdown
from community.people.accounts.queries import names_of

bp = Blueprint("drafts", __name__)
TARGET = re.compile(r"[a-z]+:[a-z0-9]+(:[a-z]+)?\Z")
NOT_KEPT = {"csrf_token", "once", "target", "suggestions_seen", "step"}


@bp.get("/brouillons")
@login_required
def show():
    """The fields kept for one form, so that a page opened elsewhere can offer them."""
    return jsonify(fields=draft_for(current_user, _target(request.args.get("target", ""))))


@bp.post("/brouillons")
@login_required
@limiter.limit("60 per minute")
def save():
    target = _target(request.form.get("target", ""))
    fields: Fields = {
        name: values[0] if len(values) == 1 else values for name, values in request.form.lists() if name not in NOT_KEPT
    }
    if not is_published(current_user, request.form.get("once", "")):
        kept = save_draft(current_user, target, fields)
        commit()
        if kept is None and any("".join(value).strip() for value in fields.values()):
            return jsonify(error=_("Ce texte est trop long pour être gardé comme brouillon.")), 413
    return jsonify(saved_at=format_time(now(), "short"))


@bp.post("/brouillons/retrait")
@login_required
def discard():
    drop_draft(current_user, _target(request.form.get("target", "")))
    commit()
    return "", 204


@bp.post("/apercu")
@login_required
@limiter.limit("60 per minute")
def preview():
    """The text as it would be published (an HTML fragment, rendered by the same function)."""
    rendered = render_markdown(request.form.get("body", "")[:60_000], "preview-", names_of)
    html = ports.call("expand_citations", current_user, rendered.html, default=rendered.html)
    return jsonify(html=html, notices=list(rendered.notices))


def _target(target: str) -> str:
    if not TARGET.match(target) or len(target) > 60:
        raise Invalid()
    return target
