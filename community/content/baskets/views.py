"""The basket of clauses: fill it, order it, fill in its variables, keep several, share one, leave with a document."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.content.baskets.actions import (
    add_to_basket,
    create_basket,
    delete_basket,
    duplicate_basket,
    fill_in,
    move_item,
    open_basket,
    open_basket_of,
    record_copy,
    record_export,
    rename_basket,
    share_basket,
    take_out,
)
from community.content.baskets.documents import FORMS
from community.content.baskets.forms import NameForm
from community.content.baskets.models import Basket
from community.content.baskets.outline import outline_of
from community.content.baskets.queries import Entry, basket_of, baskets_of, content_of, shared_basket
from community.content.clauses.models import Clause
from community.content.clauses.queries import version_of
from community.content.clauses.variable_names import words_of
from community.core.db import commit
from community.core.errors import NotFound
from community.core.limits import limiter
from community.core.slugs import slugify
from community.core.web import back, row_id, saved, see_other
from community.permissions import can_open_shared_basket, can_use_basket, get_visible, require

bp = Blueprint("baskets", __name__)
bp.add_app_template_filter(slugify, "slug")


@bp.get("/panier")
@login_required
def current():
    """The open basket; before the first clause there is none, and that is said."""
    baskets = baskets_of(current_user)
    opened = next((row for row in baskets if row.is_open), None)
    return basket_page(basket_of(current_user, opened.id) if opened else None, baskets)


@bp.get("/panier/<int:id>")
@login_required
def show(id: int):
    basket = basket_of(current_user, id)
    return redirect(url_for("baskets.current")) if basket.is_open else basket_page(basket, baskets_of(current_user))


@bp.post("/panier")
@login_required
def create():
    form = NameForm()
    require(current_user.is_authenticated)
    if not form.validate_on_submit():
        flash(_("Donnez un nom au panier."), "error")
        return see_other(url_for("baskets.current"))
    create_basket(current_user, form.name.data)
    return saved(url_for("baskets.current"))


@bp.post("/clauses/<int:id>-<slug>/v<int:number>/panier")
@login_required
def add(id: int, slug: str, number: int):
    """Put a version in the open basket, or in the one that the form names."""
    clause = get_visible(Clause, id, current_user)
    require(clause.is_published)
    named = request.form.get("basket", type=row_id)
    basket = _mine(named) if named else open_basket_of(current_user)
    carried = add_to_basket(basket, version_of(id, number))
    commit()
    flash(_("Ajoutée à « %(basket)s ».", basket=basket.name), "good")
    for old, new in carried.items():
        names = {"old": words_of(old), "new": words_of(new)}
        flash(_("La valeur de « %(old)s » est reprise pour « %(new)s ».", **names), "good")
    return back(url_for("clauses.show_version", id=id, slug=clause.slug, number=number))


@bp.post("/clauses/<int:id>-<slug>/v<int:number>/copie")
@limiter.limit("20 per minute")
def copied(id: int, slug: str, number: int):
    """The text of a version was copied from its page: counted, and told about to a member when it changes."""
    clause = get_visible(Clause, id, current_user)
    require(clause.is_published)
    record_copy(current_user, version_of(id, number))
    commit()
    return "", 204


@bp.post("/panier/<int:id>/clauses/<int:clause_id>/retrait")
@login_required
def remove(id: int, clause_id: int):
    basket = _mine(id)
    take_out(basket, clause_id)
    commit()
    return _shown(basket)


@bp.post("/panier/<int:id>/clauses/<int:clause_id>/<any(monter, descendre):way>")
@login_required
def move(id: int, clause_id: int, way: str):
    basket = _mine(id)
    for entries in content_of(basket, current_user).parts.values():
        ids = [entry.clause_id for entry in entries]
        move_item(basket, clause_id, -1 if way == "monter" else 1, ids)
    commit()
    return _shown(basket)


@bp.post("/panier/<int:id>/valeurs")
@login_required
def fill(id: int):
    basket = _mine(id)
    content = content_of(basket, current_user)
    names = [key for row in content.asked(basket.values) for key in row.keys]
    former = {key: request.form.get(f"f-{key}", "") for key, _words, _value in content.former(basket.values)}
    fill_in(basket, {name: request.form.get(f"v-{name}", "") for name in names}, names, former)
    commit()
    flash(_("Valeurs enregistrées."), "good")
    return _shown(basket)


@bp.post("/panier/<int:id>/nom")
@login_required
def rename(id: int):
    basket = _mine(id)
    form = NameForm()
    if form.validate_on_submit():
        rename_basket(basket, form.name.data)
        commit()
    return _shown(basket)


@bp.post("/panier/<int:id>/ouverture")
@login_required
def open(id: int):
    basket = _mine(id)
    open_basket(basket)
    return saved(url_for("baskets.current"))


@bp.post("/panier/<int:id>/partage")
@login_required
def share(id: int):
    basket = _mine(id)
    share_basket(basket, request.form.get("shared") == "1")
    commit()
    return _shown(basket)


@bp.post("/panier/<int:id>/copie")
@login_required
def duplicate(id: int):
    duplicate_basket(_mine(id), current_user)
    return saved(url_for("baskets.current"))


@bp.post("/panier/<int:id>/suppression")
@login_required
def delete(id: int):
    delete_basket(_mine(id))
    return saved(url_for("baskets.current"))


@bp.post("/panier/<int:id>/export/<form>")
@login_required
@limiter.limit("30 per minute")
def export(id: int, form: str):
    """The basket as a file. A POST: what one leaves with is counted, and told about when it changes."""
    return _file(_mine(id), form)


@bp.get("/panier/partage/<key>")
@login_required
def shared(key: str):
    """For whom the link opens nothing, one page, whether it never was, was taken back, or holds what they may not see."""
    try:
        basket, content = _opened(key)
    except NotFound:
        return render_template("baskets/closed.html", active="clauses"), 404
    return render_template("baskets/shared.html", basket=basket, content=content, active="clauses")


@bp.post("/panier/partage/<key>/copie")
@login_required
def duplicate_shared(key: str):
    basket, content = _opened(key)
    require(basket.share_key is not None)
    duplicate_basket(basket, current_user, {one for row in content.asked(basket.values) for one in row.keys})
    return saved(url_for("baskets.current"))


def basket_page(basket: Basket | None, baskets: list):
    """At most 6 statements."""
    page = {"basket": basket, "baskets": baskets, "active": "clauses"}
    content = content_of(basket, current_user) if basket else None
    return render_template("baskets/show.html", content=content, forms_of_file=FORMS, **page)


def _file(basket: Basket, form: str) -> Response:
    if form not in FORMS:
        abort(404)
    content = content_of(basket, current_user)
    make, media_type = FORMS[form]
    body = make(outline_of(basket.name, content, basket.values, _address))
    record_export(current_user, content.entries, form)
    commit()
    name = f"{slugify(basket.name)}.{form}"
    return Response(body, mimetype=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _address(entry: Entry) -> str:
    return url_for("clauses.show_version", id=entry.clause_id, slug=entry.slug, number=entry.number, _external=True)


def _mine(id: int) -> Basket:
    basket = basket_of(current_user, id)
    require(can_use_basket(current_user, basket))
    return basket


def _opened(key: str):
    """A shared basket and what it holds, for members who may see every clause of it; for others it does not exist."""
    basket = shared_basket(key)
    content = content_of(basket, current_user)
    if not can_open_shared_basket(current_user, basket, content.hidden):
        raise NotFound()
    return basket, content


def _shown(basket: Basket) -> Response:
    return see_other(url_for("baskets.current") if basket.is_open else url_for("baskets.show", id=basket.id))
