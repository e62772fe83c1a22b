"""Who may do what: every ``can_*(user, item)``, and ``visible_to(user)``, the SQL twin of ``can_see``.

The rules are written once, here. ``user`` is an Identity or a Visitor; ``item`` is a row whose ``community`` (and
``thread``, for what lives on another page) is loaded. Objects reach a view only through ``get_visible()``: what one may
not see does not exist. Every other refusal goes through ``require()``.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from community.contributions.models import Contribution
from community.core.db import db
from community.core.errors import Forbidden, NotFound
from community.people.accounts import trust
from community.people.accounts.models import Member
from community.people.accounts.pseudonyms import is_pseudonym
from community.people.communities.models import Community, Membership, Sanction

C = TypeVar("C", bound=Contribution)
#: Columns under names of their own, made once: making an alias for every query cost more than running it.
_COMMUNITY: Any = Community.__table__.alias("seen_community").c
_THREAD: Any = Contribution.__table__.alias("seen_thread").c


# --- seeing -----------------------------------------------------------------------------------------------------------


def can_see_community(user: Any, community: Community) -> bool:
    """A community is known to all, to the platform's members, or to its own members only (and administrators)."""
    if community.visibility == "public" or user.is_administrator:
        return True
    if community.visibility == "platform":
        return user.is_authenticated
    return user.is_member_of(community.id)


def community_visible_to(user: Any, community: Any = Community) -> ColumnElement[bool]:
    """The SQL twin of can_see_community(), on Community (or an alias of it)."""
    if user.is_administrator:
        return true()
    if not user.is_authenticated:
        return community.visibility == "public"
    return or_(community.visibility.in_(("public", "platform")), community.id.in_(list(user.places)))


def sees_community(community: Community) -> ColumnElement[bool]:
    """can_see_community() the other way round, on Member: the active members who may know of this community."""
    active = Member.state == "active"
    if community.visibility in ("public", "platform"):
        return active
    has_place = exists().where(Membership.community_id == community.id, Membership.member_id == Member.id)
    banned = exists().where(
        Sanction.community_id == community.id,
        Sanction.member_id == Member.id,
        Sanction.kind == "ban",
        Sanction.lifted_at.is_(None),
    )
    welcome = Member.quality.not_in(community.barred) if community.barred else true()
    return and_(active, or_(Member.platform_role == "administrator", and_(has_place, ~banned, welcome)))


def can_see(user: Any, item: Contribution) -> bool:
    """Published and not removed, in a community that one may know; its author and moderators see a little more."""
    if not can_see_community(user, item.community):
        return False
    return _may_open(user, item) and (item.thread_id is None or _may_open(user, item.thread))


def _may_open(user: Any, item: Contribution) -> bool:
    if item.published_at is not None and (item.removed_at is None or user.is_administrator):
        return True
    if user.owns(item.author_id):
        return True
    return item.published_at is not None and user.is_moderator_in(item.community_id)


def visible_to(user: Any, spine: Any = Contribution) -> ColumnElement[bool]:
    """The SQL twin of can_see(), on Contribution (or an alias of it); the query around may join the same tables."""
    seen_community = exists().where(_COMMUNITY.id == spine.community_id, community_visible_to(user, _COMMUNITY))
    open_thread = exists().where(_THREAD.id == spine.thread_id, _opens(user, _THREAD))
    return and_(seen_community, _opens(user, spine), or_(spine.thread_id.is_(None), open_thread))


def _opens(user: Any, spine: Any) -> ColumnElement[bool]:
    published = spine.published_at.is_not(None)
    if user.is_administrator:
        return or_(published, mine(user, spine))
    out = and_(published, spine.removed_at.is_(None))
    if not user.is_authenticated:
        return out
    moderated = spine.community_id.in_(user.moderated_ids) if user.moderated_ids else false()
    return or_(out, mine(user, spine), and_(published, moderated))


def mine(user: Any, spine: Any = Contribution) -> ColumnElement[bool]:
    """The SQL twin of user.owns(): what this person wrote, under their name or a pseudonym of theirs."""
    ids = user.own_ids
    return spine.author_id == ids[0] if len(ids) == 1 else spine.author_id.in_(ids)


def is_out(spine: Any = Contribution) -> ColumnElement[bool]:
    """What lists show: published and not removed. Always together with visible_to()."""
    return and_(spine.published_at.is_not(None), spine.removed_at.is_(None))


def get_visible(model: type[C], id: int, user: Any, *load: Any) -> C:
    """The contribution with this id if this person may see it, with community, author and thread; else NotFound."""
    options = [joinedload(model.community), joinedload(model.author), joinedload(model.thread), *load]
    query = select(model).where(model.id == id, visible_to(user, model)).options(*options)
    item = db.session.scalars(query).unique().one_or_none()
    if item is None:
        raise NotFound()
    return item


def get_visible_community(slug: str, user: Any) -> Community:
    """The community with this slug if this person may know of it; else NotFound."""
    community = db.session.scalars(
        select(Community).where(Community.slug == slug, community_visible_to(user))
    ).one_or_none()
    if community is None:
        raise NotFound()
    return community


def require(allowed: bool, message: object = None) -> None:
    """Refuse with 403 what this person may see but not do."""
    if not allowed:
        raise Forbidden(message)


def access_tokens(community: Community) -> frozenset[str]:
    """What the search index keeps to know who may find what a community published; the twin of reader_tokens()."""
    wide = {"public": "public", "platform": "members"}.get(community.visibility)
    return frozenset({wide or f"c{community.id}", "administrator"})


def reader_tokens(user: Any) -> frozenset[str]:
    """The tokens that open entries of the index to this person."""
    if user.is_administrator:
        return frozenset({"administrator"})
    if not user.is_authenticated:
        return frozenset({"public"})
    return frozenset({"public", "members", *(f"c{id}" for id in user.places)})


# --- the platform -----------------------------------------------------------------------------------------------------


def can_administer(user: Any) -> bool:
    """The pages under /admin: to anybody else they do not exist."""
    return user.is_administrator


def can_vouch_for(user: Any, member_id: int, community_ids: Any) -> bool:
    """Say that somebody works where they say: administrators, and moderators of one of the person's communities."""
    if not user.is_authenticated or user.owns(member_id):
        return False
    return user.is_administrator or any(user.is_moderator_in(id) for id in community_ids)


# --- communities ------------------------------------------------------------------------------------------------------


def can_create_community(user: Any) -> bool:
    return user.is_administrator


def can_manage_community(user: Any, community: Community) -> bool:
    """Presentation, charter, requests, roles: its moderators, and administrators."""
    return user.is_administrator or user.is_moderator_in(community.id)


def can_rename_community(user: Any, community: Community) -> bool:
    """Name and visibility are the administrators': a name already taken would betray a hidden community."""
    return user.is_administrator


def can_archive_community(user: Any, community: Community) -> bool:
    return user.is_administrator


def can_see_members(user: Any, community: Community) -> bool:
    """The list of a community's members is for people of the platform who may know the community."""
    return user.is_authenticated and can_see_community(user, community)


def can_join(user: Any, community: Community) -> bool:
    """Walk in: only where the door is open."""
    return _may_come(user, community) and community.access == "open"


def can_request_to_join(user: Any, community: Community) -> bool:
    return _may_come(user, community) and community.access == "request"


def _may_come(user: Any, community: Community) -> bool:
    if not user.is_authenticated or community.archived_at is not None or is_kept_out(user, community):
        return False
    return not user.is_member_of(community.id)


def is_kept_out(user: Any, community: Community) -> bool:
    """Banned from it, or of a quality that it does not welcome (an administrator's quality bars nothing)."""
    barred = user.quality in (community.barred or ()) and not user.is_administrator
    return barred or community.id in user.banned_ids


def can_leave(user: Any, community: Community) -> bool:
    """Give up one's place, also where a bar has made it useless."""
    return user.is_member_of(community.id) or community.id in user.kept_out_ids


def can_invite(user: Any, community: Community) -> bool:
    return can_manage_community(user, community) and community.archived_at is None


def can_answer_invitation(user: Any, invitation: Any) -> bool:
    """An invitation is for the person whose verified address received it, nobody else."""
    return user.is_authenticated and user.email == invitation.email and not is_kept_out(user, invitation.community)


# --- contributing -----------------------------------------------------------------------------------------------------


def can_post_in(user: Any, community: Community) -> bool:
    """Members post; in an open community anybody signed in may, and becomes a member by doing so."""
    if not may_write(user, community) or community.archived_at is not None:
        return False
    return user.is_member_of(community.id) or (community.access == "open" and can_see_community(user, community))


def may_write(user: Any, community: Community) -> bool:
    """Nothing was decided against this person's writing, voting or commenting there: silence, ban, or a barred quality."""
    return user.is_authenticated and not user.is_silenced_in(community.id) and not is_kept_out(user, community)


def can_edit(user: Any, item: Contribution) -> bool:
    """Authors edit what is theirs while they may write there; moderators edit what is published in their community."""
    if item.published_at is None:
        return _is_author(user, item)
    return (_is_author(user, item) and may_write(user, item.community)) or _moderates(user, item)


def can_tag(user: Any, item: Contribution) -> bool:
    return can_edit(user, item) or user.is_expert_in(item.community_id)


def can_remove(user: Any, item: Contribution) -> bool:
    return item.removed_at is None and (_is_author(user, item) or _moderates(user, item))


def can_restore(user: Any, item: Contribution) -> bool:
    """Undo a removal: whoever removed it, or a moderator. An author cannot undo a moderator's removal."""
    return item.removed_at is not None and (user.owns(item.removed_by_id) or _moderates(user, item))


def can_comment(user: Any, item: Contribution) -> bool:
    return item.is_published and can_post_in(user, item.community)


def can_edit_comment(user: Any, comment: Any, item: Contribution) -> bool:
    return user.owns(comment.author_id) and may_write(user, item.community)


def can_remove_comment(user: Any, comment: Any, item: Contribution) -> bool:
    return user.owns(comment.author_id) or _moderates(user, item)


def can_vote(user: Any, item: Contribution) -> bool:
    """Anybody signed in who may read it, except its author."""
    return item.is_published and not user.owns(item.author_id) and may_write(user, item.community)


def can_follow(user: Any, item: Contribution) -> bool:
    return user.is_authenticated and item.is_published


def can_read_notification(user: Any, notification: Any) -> bool:
    return user.is_authenticated and notification.member_id == user.id


def can_upload(user: Any) -> bool:
    """Anybody signed in sends files; new members a few a day (trust.py)."""
    return user.is_authenticated and trust.uploads_left(user)


# --- questions and answers --------------------------------------------------------------------------------------------


def can_answer(user: Any, question: Any) -> bool:
    return question.is_published and question.closed_at is None and can_post_in(user, question.community)


def can_accept(user: Any, answer: Any) -> bool:
    """The asker alone says which answer helped."""
    return user.owns(answer.question.author_id) and answer.is_published


def can_certify(user: Any, answer: Any) -> bool:
    """Experts of the community certify, never their own answer."""
    return answer.is_published and user.is_expert_in(answer.community_id) and not user.owns(answer.author_id)


def can_withdraw_certification(user: Any, answer: Any) -> bool:
    return answer.certified_at is not None and user.is_expert_in(answer.community_id)


def can_close(user: Any, question: Any) -> bool:
    by_author = _is_author(user, question) and may_write(user, question.community)
    return question.is_published and (by_author or _moderates(user, question))


def can_mark_duplicate(user: Any, question: Any) -> bool:
    return can_close(user, question) or (question.is_published and user.is_expert_in(question.community_id))


def can_change_embargo(user: Any, question: Any) -> bool:
    """Its author publishes an embargoed question at once, or chooses another day, as long as it is not out."""
    waits = question.embargo is not None and question.published_at is None and question.removed_at is None
    return waits and _is_author(user, question)


def can_open_seal(user: Any, item: Contribution) -> bool:
    """Moderators of its community learn who asked, with a reason that is recorded and told to the author."""
    return is_pseudonym(item.author_id) and _moderates(user, item) and not user.owns(item.author_id)


# --- sanctions --------------------------------------------------------------------------------------------------------


def can_sanction_in(user: Any, community: Community) -> bool:
    """Silence and ban are decided by who looks after the community."""
    return can_manage_community(user, community)


def can_suspend(user: Any, member: Any) -> bool:
    """Administrators suspend an account; never their own, nor another administrator's before that role is taken away."""
    return user.is_administrator and not user.owns(member.id) and member.platform_role != "administrator"


def can_lift_sanction(user: Any, sanction: Any) -> bool:
    """Whoever could have decided it; nobody lifts what was decided against them."""
    if user.owns(sanction.member_id):
        return False
    return user.is_administrator if sanction.community is None else can_manage_community(user, sanction.community)


# --- sheets -----------------------------------------------------------------------------------------------------------


def can_turn_into_sheet(user: Any, question: Any, answers: Any) -> bool:
    """Those who made the thread (asker, authors of its answers) and those who look after it (experts, moderators).

    Not by right of a pseudonym: the sheet bears a name, and would say who asked.
    """
    if not question.is_published or not can_post_in(user, question.community):
        return False
    wrote = user.id in {question.author_id, *(answer.author_id for answer in answers)}
    return wrote or user.is_expert_in(question.community_id) or _moderates(user, question)


def can_publish_sheet(user: Any, sheet: Any) -> bool:
    """The author alone; the community that it goes to is checked with can_post_in()."""
    return _is_author(user, sheet) and sheet.removed_at is None


# --- documents --------------------------------------------------------------------------------------------------------


def can_publish_document(user: Any, document: Any) -> bool:
    """The author alone; the community that it goes to is checked with can_post_in()."""
    return _is_author(user, document) and document.removed_at is None


def can_add_version(user: Any, document: Any) -> bool:
    """Whoever may edit a document that is out gives it another file; one that is an address has none."""
    return document.is_published and document.url is None and can_edit(user, document)


def can_settle_version(user: Any, version: Any) -> bool:
    """A file that waits is its sender's: to check, to replace, to give up; nobody else reads it before."""
    return version.published_at is None and user.owns(version.uploaded_by_id)


def can_withdraw_version(user: Any, document: Any, version: Any) -> bool:
    """Close one version alone to readers: the author of the document, or a moderator."""
    return document.is_published and version.withdrawn_at is None and can_remove(user, document)


def can_restore_version(user: Any, document: Any, version: Any) -> bool:
    """Undo it: whoever withdrew it, or a moderator. An author cannot undo a moderator's withdrawal."""
    mine = user.owns(version.withdrawn_by_id) or _moderates(user, document)
    return document.is_published and version.withdrawn_at is not None and mine


# --- clauses ----------------------------------------------------------------------------------------------------------


def can_propose_clause(user: Any, community: Community) -> bool:
    """Whoever may post in a community may propose a clause to it."""
    return can_post_in(user, community)


def can_propose_change(user: Any, clause: Any) -> bool:
    return clause.is_published and clause.retired_at is None and can_post_in(user, clause.community)


def can_review_clauses(user: Any, community_id: int) -> bool:
    """The review desk is its moderators'."""
    return user.is_moderator_in(community_id)


def can_see_proposal(user: Any, version: Any) -> bool:
    """What is validated is seen like its clause; a draft, proposal or refused text by its author, experts and moderators."""
    clause = version.clause
    if clause.removed_at is not None or not can_see_community(user, clause.community):
        return False
    if version.is_settled:
        return can_see(user, clause)
    return _is_proposer(user, version) or user.role_in(clause.community_id) in ("expert", "moderator")


def proposals_visible_to(user: Any, version: Any, spine: Any) -> ColumnElement[bool]:
    """The SQL twin of can_see_proposal(), on versions that are not settled (``spine`` is their clause, joined)."""
    if not user.is_authenticated:
        return false()
    looked_after = [place.community_id for place in user.places.values() if place.role in ("expert", "moderator")]
    community = aliased(Community, flat=True)
    seen_community = exists().where(community.id == spine.community_id, community_visible_to(user, community))
    mine = or_(version.proposed_by_id == user.id, spine.community_id.in_(looked_after))
    return and_(seen_community, spine.removed_at.is_(None), mine)


def can_edit_proposal(user: Any, version: Any) -> bool:
    """A proposal is its author's alone; reviewers ask for changes."""
    community = version.clause.community
    return (
        version.is_pending
        and _is_proposer(user, version)
        and community.archived_at is None
        and may_write(user, community)
    )


def can_remark(user: Any, version: Any) -> bool:
    return version.is_pending and may_write(user, version.clause.community) and can_see_proposal(user, version)


def can_review_proposal(user: Any, version: Any) -> bool:
    """Take, ask for changes, refuse: moderators of the community, once it was handed over; not the author."""
    waits = version.state in ("proposed", "in_review")
    return waits and can_review_clauses(user, version.clause.community_id) and not _is_proposer(user, version)


def can_validate(user: Any, version: Any) -> bool:
    """Moderators validate; their own proposal only where the community does not ask for two persons."""
    if version.state not in ("proposed", "in_review") or not can_review_clauses(user, version.clause.community_id):
        return False
    return not _is_proposer(user, version) or not version.clause.community.two_person_review


def can_retire(user: Any, clause: Any) -> bool:
    return clause.is_published and clause.retired_at is None and can_review_clauses(user, clause.community_id)


def can_put_back_in_force(user: Any, clause: Any) -> bool:
    """A withdrawal that was a mistake is undone by those who could have made it."""
    return clause.is_published and clause.retired_at is not None and can_review_clauses(user, clause.community_id)


def can_declare_article_change(user: Any) -> bool:
    """Moderators of any community: the law is the same for all."""
    return bool(user.moderated_ids)


def can_tell_use(user: Any, clause: Any) -> bool:
    return clause.is_published and may_write(user, clause.community)


def can_use_basket(user: Any, basket: Any) -> bool:
    """A basket is its owner's: fill it, order it, name it, share it."""
    return user.is_authenticated and basket.owner_id == user.id


def can_open_shared_basket(user: Any, basket: Any, hidden: int) -> bool:
    """Its link opens it to members who may see every clause in it; the owner opens it anyway."""
    return user.is_authenticated and (basket.owner_id == user.id or (basket.share_key is not None and hidden == 0))


def _is_proposer(user: Any, version: Any) -> bool:
    return user.is_authenticated and version.proposed_by_id == user.id


# --- search -----------------------------------------------------------------------------------------------------------


def can_follow_search(user: Any) -> bool:
    """Any member may be told of what a search of theirs will find."""
    return user.is_authenticated


def can_curate_search(user: Any) -> bool:
    """Moderators of any community answer searches that find nothing: synonyms and chosen results serve everybody."""
    return user.is_administrator or bool(user.moderated_ids)


# --- links ------------------------------------------------------------------------------------------------------------


def can_judge_links(user: Any, question: Any) -> bool:
    """The asker, experts and moderators say whether a proposed link helps."""
    if not may_write(user, question.community):
        return False
    return _is_author(user, question) or user.is_expert_in(question.community_id) or _moderates(user, question)


def can_add_link(user: Any, question: Any) -> bool:
    return question.is_published and may_write(user, question.community)


# --- reports and moderation -------------------------------------------------------------------------------------------


def can_flag(user: Any, item: Contribution, comment: Any = None) -> bool:
    """Whoever may read it may report it, a visitor too; not its own author."""
    return item.is_published and not user.owns((comment or item).author_id)


def can_flag_member(user: Any, member_id: int) -> bool:
    return user.is_authenticated and not user.owns(member_id)


def can_open_desk(user: Any) -> bool:
    """The moderation desk is for those who look after a community, and administrators."""
    return user.is_administrator or bool(user.moderated_ids)


def can_moderate(user: Any, community_id: int | None, author_id: int) -> bool:
    """Decide on a text of one's community; on a member (no community), administrators; never on oneself."""
    if user.owns(author_id):
        return False
    return user.is_administrator or (community_id is not None and user.is_moderator_in(community_id))


def can_undo_decision(user: Any, decision: Any) -> bool:
    """Whoever decided changes their mind; somebody else's decision is reversed by an appeal."""
    return decision.undone_at is None and user.owns(decision.decided_by_id)


def can_appeal(user: Any, decision: Any) -> bool:
    """The person concerned, while the decision stands."""
    return user.owns(decision.member_id) and decision.undone_at is None and decision.action != "keep"


def can_decide_appeal(user: Any, decision: Any, alone: bool = False) -> bool:
    """Another moderator than the one who decided (or an administrator), and not the person concerned.

    An account was suspended by an administrator: another administrator answers, whatever text it was about. ``alone``:
    nobody else may answer (queries.nobody_else()); then whoever decided looks again, and everybody concerned is told so.
    """
    if decision.action == "suspend" and not user.is_administrator:
        return False
    mine = user.owns(decision.decided_by_id)
    return can_moderate(user, decision.community_id, decision.member_id) and (alone or not mine)


def can_edit_hold_rules(user: Any, community_id: int | None) -> bool:
    """What waits before publication: a community's rules are its moderators', the platform's its administrators'."""
    return user.is_administrator or (community_id is not None and user.is_moderator_in(community_id))


def can_sweep(user: Any, member: Any) -> bool:
    """Take away all that a member published lately, where one moderates; nobody's own, no administrator's."""
    return can_open_desk(user) and not user.owns(member.id) and member.platform_role != "administrator"


def can_read_journal(user: Any, community_id: int | None) -> bool:
    """The record of acts: the whole of it for administrators, a community's own for its moderators."""
    return can_edit_hold_rules(user, community_id)


def _is_author(user: Any, item: Contribution) -> bool:
    return user.owns(item.author_id)


def _moderates(user: Any, item: Contribution) -> bool:
    return user.is_administrator or user.is_moderator_in(item.community_id)
