"""Moderators' pages of search: what found nothing, synonyms, chosen results."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.contributions.models import Contribution
from community.core.db import commit
from community.core.errors import NotFound
from community.core.web import row_id, saved, see_other
from community.permissions import can_curate_search, get_visible, require
from community.services.search.curation import (
    add_group,
    change_group,
    get_group,
    preview,
    set_active,
    synonym_groups,
)
from community.services.search.forms import PinForm, SynonymForm
from community.services.search.misses import get_miss, misses_page, reopen, solve
from community.services.search.pins import pin, pins_seen, unpin
from community.services.search.views import bp
from search_index.backend import SearchUnavailable

TASKS = {"question": "questions.new", "fiche": "sheets.new"}


@bp.get("/moderation/recherches")
@login_required
def misses():
    require(can_curate_search(current_user))
    solved = request.args.get("vue") == "traitees"
    page = misses_page(solved, request.args.get("page"))
    return render_template("search/misses.html", page=page, solved=solved, active="moderation")


@bp.post("/moderation/recherches/<int:id>/ignorer")
@login_required
def ignore_miss(id: int):
    require(can_curate_search(current_user))
    solve(get_miss(id), current_user, "ignored")
    return saved(url_for("search.misses"))


@bp.post("/moderation/recherches/<int:id>/reouverture")
@login_required
def reopen_miss(id: int):
    require(can_curate_search(current_user))
    reopen(get_miss(id))
    return saved(url_for("search.misses"))


@bp.post("/moderation/recherches/<int:id>/tache")
@login_required
def answer_miss_with_task(id: int):
    """Mark these words as being answered by hand, and open the form, filled in with them."""
    require(can_curate_search(current_user))
    miss = get_miss(id)
    endpoint = TASKS.get(request.form.get("ecrire", ""), "questions.new")
    solve(miss, current_user, "task")
    words = miss.words
    return saved(url_for(endpoint, title=words))


@bp.get("/moderation/recherches/epingles")
@login_required
def pins():
    require(can_curate_search(current_user))
    form = PinForm(formdata=None, data={"words": request.args.get("mots", "")[:200]})
    return _show_pins(form)


@bp.post("/moderation/recherches/epingles")
@login_required
def create_pin():
    """Show a page first for these words."""
    require(can_curate_search(current_user))
    form = PinForm()
    page = _page_of(form) if form.validate() else None
    if page is None:
        return _show_pins(form), 422
    pin(form.words.data, page, current_user)
    _solve_asked("pin")
    return saved(
        url_for("search.pins"), _("Cette page vient désormais en premier pour « %(words)s ».", words=form.words.data)
    )


@bp.post("/moderation/recherches/epingles/<int:id>/retrait")
@login_required
def remove_pin(id: int):
    require(can_curate_search(current_user))
    unpin(id, current_user)
    return saved(url_for("search.pins"))


@bp.get("/moderation/synonymes")
@login_required
def synonyms():
    require(can_curate_search(current_user))
    return render_template("search/synonyms.html", groups=synonym_groups(), active="moderation")


@bp.get("/moderation/synonymes/nouveau")
@login_required
def new_synonym():
    require(can_curate_search(current_user))
    return _show_synonym(SynonymForm(formdata=None, data={"expressions": request.args.get("mots", "")[:200]}))


@bp.post("/moderation/synonymes/nouveau")
@login_required
def create_synonym():
    """Save a group; with « apercu », only show what it would change."""
    require(can_curate_search(current_user))
    form = SynonymForm()
    if not form.validate():
        return _show_synonym(form), 422
    if "apercu" in request.form:
        return _show_synonym(form, preview=_preview(form))
    add_group(form.groups, current_user)
    _solve_asked("synonym")
    commit()
    return _saved()


@bp.get("/moderation/synonymes/<int:id>/modifier")
@login_required
def edit_synonym(id: int):
    require(can_curate_search(current_user))
    group = get_group(id)
    return _show_synonym(SynonymForm(formdata=None, data={"expressions": "\n".join(group.expressions)}), group)


@bp.post("/moderation/synonymes/<int:id>/modifier")
@login_required
def update_synonym(id: int):
    """Change a group; with « apercu », only show what that would change."""
    require(can_curate_search(current_user))
    group, form = get_group(id), SynonymForm()
    if not form.validate():
        return _show_synonym(form, group), 422
    if "apercu" in request.form:
        return _show_synonym(form, group, _preview(form, group.id))
    change_group(group, form.groups)
    commit()
    return _saved()


@bp.post("/moderation/synonymes/<int:id>/etat")
@login_required
def switch_synonym(id: int):
    """Put a group in force, or out of it."""
    require(can_curate_search(current_user))
    set_active(get_group(id), request.form.get("active") == "1")
    commit()
    return _saved()


def _saved() -> Any:
    flash(_("Enregistré : les recherches en tiennent compte dans quelques secondes."), "success")
    return see_other(url_for("search.synonyms"))


def _show_synonym(form: SynonymForm, group: Any = None, preview: Any = None) -> str:
    miss = request.values.get("recherche", type=row_id)
    return render_template(
        "search/synonym.html", form=form, group=group, preview=preview, miss=miss, active="moderation"
    )


def _show_pins(form: PinForm) -> str:
    miss = request.values.get("recherche", type=row_id)
    rows = pins_seen(current_user)
    return render_template("search/pins.html", form=form, rows=rows, miss=miss, active="moderation")


def _preview(form: SynonymForm, editing: int | None = None) -> Any:
    """(changes, how many searches were tried); None when the index cannot answer now."""
    try:
        return preview(current_user, form.groups, editing)
    except SearchUnavailable:
        return None


def _page_of(form: PinForm) -> Contribution | None:
    """The page named in the form, when it is out and this moderator may see it."""
    try:
        page = get_visible(Contribution, form.ref or 0, current_user)
    except NotFound:
        page = None
    if page is None or page.thread_id is not None or not page.is_published:
        form.page.errors = [*form.page.errors, _("Cette page n’existe pas, ou pas pour vous.")]
        return None
    return page


def _solve_asked(outcome: str) -> None:
    """The search that led here, if one did, is answered."""
    asked = request.values.get("recherche", type=row_id)
    if asked is not None and 0 < asked < 2**31:
        solve(get_miss(asked), current_user, outcome)
