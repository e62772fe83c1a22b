"""Reading clauses: the list, a clause, one of its versions. Proposing and reviewing are in their own files."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from flask import Blueprint, render_template, request
from flask_login import current_user
from sqlalchemy.orm import joinedload

from community.abilities.comments.queries import comments_on
from community.abilities.links.queries import links_of
from community.abilities.tags.queries import labels_of
from community.content.clauses.facets import CLAUSES, Filters
from community.content.clauses.fields import legend_of
from community.content.clauses.legal import article_address, is_old
from community.content.clauses.models import Clause, ClauseVersion
from community.content.clauses.queries import around, clauses_page, history_of, version_of
from community.content.clauses.variables import defined, named, shown
from community.content.questions.queries import marks_on
from community.contributions.permalink import right_address
from community.core.clock import now
from community.core.errors import NotFound
from community.core.limits import limiter
from community.permissions import (
    can_add_link,
    can_comment,
    can_follow,
    can_propose_change,
    can_put_back_in_force,
    can_retire,
    can_review_clauses,
    can_vote,
    get_visible,
)

bp = Blueprint("clauses", __name__)
bp.add_app_template_filter(article_address)
bp.add_app_template_filter(lambda html, data: shown(html or "", defined(data)), "with_variables")
bp.add_app_template_filter(lambda text, data: named(text, defined(data)), "in_words")
bp.add_app_template_global(legend_of)
bp.add_app_template_filter(is_old, "checked_long_ago")
bp.add_app_template_filter(lambda text: date.fromisoformat(text) if text else None, "day")


@bp.get("/clauses")
@limiter.limit("5 per second; 120 per minute", exempt_when=lambda: not request.args.get("q"))
def index():
    filters = Filters.from_args(request.args, current_user)
    page = clauses_page(current_user, filters, request.args.get("page"))
    labels = labels_of([row.id for row in page])
    facets = CLAUSES.counted(current_user, filters)
    return render_template(
        "clauses/index.html",
        page=page,
        filters=filters,
        facets=facets,
        labels=labels,
        today=now().date(),
        active="clauses",
    )


@bp.get("/clauses/<int:id>")
@bp.get("/clauses/<int:id>-<slug>")
def show(id: int, slug: str | None = None):
    clause = get_clause(id)
    return right_address(clause, slug) or clause_page(clause, version_of(id, clause.current_number))


@bp.get("/clauses/<int:id>-<slug>/v<int:number>")
def show_version(id: int, slug: str, number: int):
    """A validated version, at the address that citations and exported documents carry."""
    clause = get_clause(id)
    return clause_page(clause, version_of(id, number), own_address=True)


def clause_page(clause: Clause, version: ClauseVersion, own_address: bool = False):
    """A clause at one of its versions. At most 9 statements."""
    comments = comments_on([clause.id], current_user)[clause.id]
    return render_template(
        "clauses/show.html",
        clause=clause,
        version=version,
        data=version.data,
        html=version.html,
        own_address=own_address,
        quoted=quoted(clause, version),
        comments=comments,
        labels=labels_of([clause.id])[clause.id],
        links=links_of(clause, current_user),
        around=around(clause, current_user),
        history=history_of(clause, _sees_proposals(clause)),
        marks=marks_on(current_user, [clause.id], []),
        may=_may(clause),
        today=now().date(),
        active="clauses",
    )


def quoted(clause: Clause, version: ClauseVersion) -> str:
    """The text as a quotation for a post, under it the line that says where it comes from."""
    text = named(version.data["text"], defined(version.data))
    lines = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    return f"{lines}\n\n[[clause:{clause.id}@{version.number}]]\n"


def get_clause(id: int) -> Clause:
    """A clause that was published and that this person may see (its proposals have their own page)."""
    clause = get_visible(Clause, id, current_user, joinedload(Clause.curator))
    if clause.published_at is None or not clause.current_number:
        raise NotFound()
    return clause


def _sees_proposals(clause: Clause) -> bool:
    return current_user.role_in(clause.community_id) in ("expert", "moderator")


def _may(clause: Clause) -> SimpleNamespace:
    """What the person at the screen may do here, for the page's buttons."""
    return SimpleNamespace(
        vote=can_vote(current_user, clause),
        comment=can_comment(current_user, clause),
        follow=can_follow(current_user, clause),
        link=can_add_link(current_user, clause),
        moderate=can_review_clauses(current_user, clause.community_id),
        proposals=_sees_proposals(clause),
        change=can_propose_change(current_user, clause),
        retire=can_retire(current_user, clause),
        put_back=can_put_back_in_force(current_user, clause),
    )
