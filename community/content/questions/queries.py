"""Reads of questions: lists (keyset, one statement) and a thread's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, String, Text, case, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from community.abilities.drafts.models import Draft
from community.abilities.follows.models import Follow
from community.abilities.tags.models import Tag, Tagging
from community.abilities.tags.queries import classified, tagged
from community.abilities.votes.models import Vote
from community.content.questions.models import Answer, Question
from community.contributions.models import Contribution
from community.contributions.queries import BY_ACTIVITY, BY_PUBLICATION, cards
from community.core import ports
from community.core.clock import now
from community.core.db import db
from community.core.paging import Key, Page, paginate
from community.core.slugs import slugify
from community.core.vocab import label
from community.people.accounts.models import Expertise, Member, Organisation
from community.people.communities.models import Community
from community.permissions import community_visible_to, is_out, may_write
from community.permissions import mine as written_by

NEVER = "9999-12-31"
#: a question's own columns, for lists that already read the spine
Q = Question.__table__.c
CERTIFIER = aliased(Member, flat=True)
#: views of the list: those that need somebody signed in, and all
PERSONAL = ("followed", "mine", "queue")
VIEWS = ("recent", "unanswered", "unresolved", *PERSONAL)


@dataclass(frozen=True)
class QuestionFilters:
    """What the list may be narrowed by; every field may be empty."""

    view: str = "recent"
    community: str = ""
    tag: str = ""
    phase: str = ""
    cpv: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> QuestionFilters:
        view, tag = args.get("vue", "recent"), args.get("etiquette", "")[:60]
        return cls(
            view if view in VIEWS else "recent",
            args.get("communaute", "")[:80],
            slugify(tag) if tag.strip() else "",
            args.get("phase", "")[:20],
            args.get("cpv", "")[:8],
        )

    def chosen(self, names: Mapping[str, str]) -> list[tuple[str, str]]:
        """(address parameter, words) of the filters in force, for the chips that take them away.

        ``names``: the words of communities and tags, by slug, as far as the page knows them.
        """
        pairs = [
            (name, names.get(slug, slug)) for name, slug in (("communaute", self.community), ("etiquette", self.tag))
        ]
        pairs.append(("phase", label("phase", self.phase)))
        pairs.append(("cpv", f"CPV {self.cpv}" if self.cpv else ""))
        return [(name, words) for name, words in pairs if words]


def questions_page(user: Any, filters: QuestionFilters, cursor: str | None = None) -> Page:
    """One page of question cards for a view and filters, as ``user`` may see them."""
    query = _narrow(_question_cards(user), filters)
    if filters.view == "unanswered":
        return paginate(query.where(*_waiting()), BY_PUBLICATION, cursor)
    if filters.view == "queue":
        return expert_queue(user, query, cursor)
    if filters.view == "unresolved":
        query = query.where(Q.closed_at.is_(None), Q.solved_at.is_(None), Q.certified_at.is_(None))
    if filters.view == "followed":
        query = query.join(Follow, (Follow.contribution_id == Contribution.id) & (Follow.member_id == user.id))
    if filters.view == "mine":
        query = query.where(written_by(user))
    return paginate(query, BY_ACTIVITY, cursor)


def expert_queue(user: Any, query: Select[Any], cursor: str | None = None) -> Page:
    """Unanswered questions in this expert's fields, nearest deadline first, then the oldest.

    A field is a community where the person is an expert, or a tag among the person's declared expertise.
    """
    in_my_fields = exists().where(
        Tagging.contribution_id == Contribution.id,
        Tag.id == Tagging.tag_id,
        Expertise.slug == Tag.slug,
        Expertise.member_id == user.id,
    )
    mine = or_(Contribution.community_id.in_(user.expert_ids), in_my_fields)
    query = query.where(*_waiting(), mine, ~written_by(user))
    keys = (
        Key(_due(), "due", descending=False),
        Key(Contribution.published_at, "published_at", descending=False),
        Key(Contribution.id, "id", descending=False),
    )
    return paginate(query, keys, cursor)


class AnswerOnPage:
    """A row of an answer with its question: enough for permissions to be asked of it, without an entity per answer."""

    removed_at = None
    removed_by_id = None

    def __init__(self, row: Any, question: Question) -> None:
        self._row = row
        self.question = question
        self.community = question.community
        self.is_published = row.published_at is not None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


@ports.provide("waiting_questions")
def waiting_questions(user: Any, limit: int = 5) -> list[Any]:
    """Unanswered questions, nearest deadline first: what the home page asks visitors to look at."""
    query = _question_cards(user).where(*_waiting()).order_by(_due(), Contribution.published_at, Contribution.id)
    return list(db.session.execute(query.limit(limit)))


def answers_of(question: Question, sort: str = "certified", user: Any = None) -> list[AnswerOnPage]:
    """Every published answer, sorted: certified, accepted, useful or recent first. One statement.

    Whoever reads also gets their own answers that moderation keeps unpublished, to know that they wait, and why.
    """
    out = Answer.published_at.is_not(None)
    if user is not None and user.is_authenticated:
        out = or_(out, Answer.author_id.in_(user.own_ids))
    query = (
        select(
            Answer.id,
            Answer.community_id,
            Answer.author_id,
            Answer.body_html,
            Answer.body_notice,
            Answer.score,
            Answer.published_at,
            Answer.updated_at,
            Answer.revisions_count,
            Answer.accepted_at,
            Answer.certified_at,
            Answer.certified_until,
            Answer.contested,
            CERTIFIER.display_name.label("certified_by_name"),
            Answer.certified_by_id,
            Member.display_name.label("author_name"),
            Member.job.label("author_job"),
            Member.organisation_proof,
            Organisation.type.label("organisation_type"),
            Organisation.territory.label("organisation_territory"),
        )
        .join(Member, Member.id == Answer.author_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(CERTIFIER, CERTIFIER.id == Answer.certified_by_id)
        .where(Answer.question_id == question.id, Answer.removed_at.is_(None), out)
        .order_by(*_answer_order(sort))
    )
    return [AnswerOnPage(row, question) for row in db.session.execute(query)]


@ports.provide("is_distinguished")
def is_distinguished() -> Any:
    """Answers that their asker retained or an expert certified, as a condition on Contribution."""
    answer = Answer.__table__.c
    return exists().where(
        answer.id == Contribution.id, or_(answer.accepted_at.is_not(None), answer.certified_at.is_not(None))
    )


def quoted_post(question_id: int, id: int | None) -> Any:
    """The Markdown and author's name of a post of this thread (the question itself or an answer that is out), or None."""
    if id is None:
        return None
    of_thread = or_(Contribution.id == question_id, Contribution.thread_id == question_id)
    query = select(Contribution.body, Member.display_name.label("author_name")).join(
        Member, Member.id == Contribution.author_id
    )
    return db.session.execute(query.where(Contribution.id == id, of_thread, is_out())).one_or_none()


@dataclass(frozen=True)
class Marks:
    """What this person did on a page: votes and follows by contribution id, and the kept drafts by target."""

    voted: frozenset[int] = frozenset()
    followed: frozenset[int] = frozenset()
    drafts: Mapping[str, dict[str, str]] = field(default_factory=dict)


def marks_on(user: Any, ids: list[int], draft_targets: list[str]) -> Marks:
    """Votes, follows and drafts of this person on these contributions, in one statement; nothing for a visitor."""
    if not user.is_authenticated:
        return Marks()
    nothing = literal("")
    votes = select(
        literal("vote").label("what"), Vote.contribution_id.label("id"), nothing.label("target"), nothing.label("data")
    ).where(Vote.member_id == user.id, Vote.contribution_id.in_(ids))
    follows = select(literal("follow"), Follow.contribution_id, nothing, nothing).where(
        Follow.member_id == user.id, Follow.contribution_id.in_(ids)
    )
    drafts = select(literal("draft"), literal(0), Draft.target, cast(Draft.data, Text)).where(
        Draft.member_id == user.id, Draft.target.in_(draft_targets)
    )
    rows = db.session.execute(union_all(votes, follows, drafts)).all()
    return Marks(
        frozenset(row.id for row in rows if row.what == "vote"),
        frozenset(row.id for row in rows if row.what == "follow"),
        {row.target: json.loads(row.data) for row in rows if row.what == "draft"},
    )


def postable_communities(user: Any) -> list[Community]:
    """Communities where this person may post: its own first, then the open ones."""
    if not user.is_authenticated:
        return []
    open_to_me = Community.access == "open"
    if not user.is_administrator:
        open_to_me = open_to_me & Community.visibility.in_(("public", "platform"))
    query = select(Community).where(
        Community.archived_at.is_(None), or_(Community.id.in_(list(user.places)), open_to_me)
    )
    here = [community for community in db.session.scalars(query) if may_write(user, community)]
    return sorted(here, key=lambda community: (community.id not in user.places, community.name))


def communities_to_read(user: Any) -> list[tuple[str, str]]:
    """(slug, name) of the communities that this person may know of, for the filter."""
    query = select(Community.slug, Community.name).where(community_visible_to(user), Community.archived_at.is_(None))
    return [(row.slug, row.name) for row in db.session.execute(query.order_by(Community.name))]


def _question_cards(user: Any) -> Select[Any]:
    columns = (
        Q.answers_count,
        Q.deadline,
        Q.solved_at,
        Q.certified_at,
        Q.closed_at,
        _due().label("due"),
    )
    return cards(user, *columns).join(Question.__table__, Q.id == Contribution.id)


def _waiting() -> tuple[Any, ...]:
    return (Q.answers_count == 0, Q.closed_at.is_(None))


def _due() -> Any:
    """The deadline as text, a far one when there is none: a keyset key may not be NULL."""
    return func.coalesce(cast(Q.deadline, String), NEVER)


def _narrow(query: Select[Any], filters: QuestionFilters) -> Select[Any]:
    if filters.community:
        query = query.where(Community.slug == filters.community)
    if filters.tag:
        query = query.where(tagged(filters.tag))
    if filters.phase:
        query = query.where(Contribution.phase == filters.phase)
    if filters.cpv:
        query = query.where(classified("cpv", filters.cpv.rstrip("0") or "0"))
    return query


def _answer_order(sort: str) -> tuple[Any, ...]:
    certified = case((Answer.certified_at.is_not(None), 0), else_=1)
    accepted = case((Answer.accepted_at.is_not(None), 0), else_=1)
    useful = Answer.score.desc()
    return {
        "accepted": (accepted, certified, useful, Answer.id),
        "useful": (useful, certified, Answer.id),
        "recent": (Answer.published_at.desc(), Answer.id.desc()),
    }.get(sort, (certified, accepted, useful, Answer.id))


def overdue(deadline: Any) -> bool:
    return deadline is not None and deadline < now().date()
