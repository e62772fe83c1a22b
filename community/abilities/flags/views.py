"""Report a contribution, a comment or a member; see what became of one's reports."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy import select

from community.abilities.comments.models import Comment
from community.abilities.flags.actions import Subject, report
from community.abilities.flags.forms import FlagForm, VisitorFlagForm
from community.abilities.flags.queries import my_flags
from community.contributions.models import Contribution
from community.contributions.permalink import url_for_item, url_for_kind
from community.core.db import db
from community.core.errors import NotFound
from community.core.limits import limiter
from community.core.web import saved
from community.people.accounts.queries import find_member
from community.permissions import can_flag, can_flag_member, get_visible, require, visible_to

bp = Blueprint("flags", __name__)
often = limiter.limit("20 per hour", methods=["POST"])
as_visitor = limiter.limit("5 per hour", methods=["POST"], exempt_when=lambda: current_user.is_authenticated)


@bp.route("/contributions/<int:id>/signalement", methods=["GET", "POST"])
@often
@as_visitor
def contribution(id: int):
    item = get_visible(Contribution, id, current_user)
    require(can_flag(current_user, item))
    place = url_for_item(item)
    return _report(Subject(item.author_id, item), item.title or (item.thread.title if item.thread else ""), place)


@bp.route("/commentaires/<int:id>/signalement", methods=["GET", "POST"])
@often
@as_visitor
def comment(id: int):
    remark = _comment(id)
    item = get_visible(Contribution, remark.contribution_id, current_user)
    require(can_flag(current_user, item, remark))
    place = url_for_item(item).partition("#")[0] + f"#c{id}"
    title = item.title or (item.thread.title if item.thread else "")
    return _report(Subject(remark.author_id, item, remark), title, place)


@bp.route("/membres/<int:id>/signalement", methods=["GET", "POST"])
@login_required
@often
def member(id: int):
    person = find_member(id)
    require(can_flag_member(current_user, id))
    return _report(Subject(id), person.display_name, url_for_kind("member", id, person.display_name))


@bp.get("/signalements")
@login_required
def mine():
    return render_template("flags/mine.html", page=my_flags(current_user, request.args.get("page")))


def _comment(id: int) -> Comment:
    """A comment that stands under what this person may see; one statement whether it exists or not."""
    query = select(Comment).join(Contribution, Contribution.id == Comment.contribution_id)
    standing = (Comment.id == id, Comment.removed_at.is_(None), visible_to(current_user))
    remark = db.session.scalars(query.where(*standing)).one_or_none()
    if remark is None:
        raise NotFound()
    return remark


def _report(subject: Subject, title: str, place: str):
    """The form, then the report; both for whoever may see what is reported."""
    form = (FlagForm if current_user.is_authenticated else VisitorFlagForm)(about_member=subject.item is None)
    if not form.validate_on_submit():
        page = render_template("flags/form.html", form=form, subject=subject, title=title, place=place)
        return page, 422 if request.method == "POST" else 200
    email = form.email.data if isinstance(form, VisitorFlagForm) else ""
    report(subject, current_user, form.reason.data, form.words.data or "", email)
    return saved(
        place,
        _("Merci. Un animateur va regarder, et vous saurez ce qui a été décidé. L’auteur ne saura pas que c’est vous."),
    )


@bp.app_template_global()
def may_flag(item: Any) -> bool:
    """Whether whoever reads the page may report this: a contribution, or a row that stands for one."""
    return can_flag(current_user, item)


@bp.app_template_global()
def flag_url(item_id: int | None = None, comment_id: int | None = None, member_id: int | None = None) -> str:
    """The address of the form that reports this."""
    if comment_id is not None:
        return url_for("flags.comment", id=comment_id)
    if member_id is not None:
        return url_for("flags.member", id=member_id)
    return url_for("flags.contribution", id=item_id)
