"""Who may do what: can_see() and its SQL twins agree for every role and state, and roles × abilities is one matrix."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from told import told_once

from community import permissions
from community.content.clauses.models import Clause, ClauseVersion
from community.content.documents.models import Document
from community.content.questions.models import Answer, Question
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import db
from community.people.accounts.identity import Visitor, identity_of
from community.people.accounts.models import Member
from community.people.accounts.pseudonyms import take_pseudonym
from community.people.communities.models import Community
from community.permissions import (
    access_tokens,
    can_see,
    can_see_community,
    community_visible_to,
    is_out,
    reader_tokens,
    sees_community,
    visible_to,
)
from community.rights import MATRIX, PLACED, ROLES, TAKEN_BY_BAN, TAKEN_BY_SILENCE
from community.rights_table import as_markdown

VISIBILITIES = ("public", "platform", "members")
READERS = (
    "visitor",
    "outsider",
    "member",
    "expert",
    "moderator",
    "moderator elsewhere",
    "author",
    "author who left",
    "administrator",
)


# --- the agreement ------------------------------------------------------------------------------------------------------


@told_once
def everybody(make, app) -> dict[str, int]:
    """A community of each visibility, with questions and answers of every state; and readers of every kind."""
    for slug in VISIBILITIES:
        make.community(slug, visibility=slug, access="invitation")
    make.community("elsewhere")
    everywhere = {role: dict.fromkeys(VISIBILITIES, role) for role in ("member", "expert", "moderator")}
    ids = {role: make.member(communities=places) for role, places in everywhere.items()}
    ids["author"] = make.member(communities=everywhere["member"])
    ids["outsider"] = make.member()
    ids["author who left"] = make.member()
    ids["moderator elsewhere"] = make.member(communities={"elsewhere": "moderator"})
    ids["administrator"] = make.member(platform_role="administrator")
    with app.test_request_context("/", method="POST"):
        for community in db.session.scalars(select(Community).where(Community.slug.in_(VISIBILITIES))).all():
            for author in ("author", "author who left"):
                _write_everything(community, ids[author], ids)
        db.session.commit()
        db.session.remove()
    return ids


@pytest.fixture
def scene(everybody, context) -> dict[str, int]:
    return everybody


def _write_everything(community: Community, author: int, ids: dict[str, int]) -> None:
    out = {"published_at": now()}
    by_author = out | {"removed_at": now(), "removed_by_id": author}
    by_moderator = out | {"removed_at": now(), "removed_by_id": ids["moderator"]}
    for place in (out, by_author, by_moderator, {}):
        question = Question(community=community, author_id=author, title="Question", state="open", **place)
        db.session.add(question)
        for answered, answerer in (
            (out, ids["member"]),
            (out, author),
            (by_moderator, author),
            (by_author, author),
            ({}, author),
        ):
            answer = {"community": community, "author_id": answerer, "state": "published", **answered}
            db.session.add(Answer(question=question, thread=question, **answer))


def reader(scene: dict[str, int], name: str):
    return Visitor() if name == "visitor" else identity_of(scene[name])


def everything() -> list[Contribution]:
    loaded = (joinedload(Contribution.community), joinedload(Contribution.thread))
    return list(db.session.scalars(select(Contribution).options(*loaded)))


@pytest.mark.parametrize("name", READERS)
def test_can_see_and_visible_to_agree(scene, name):
    user = reader(scene, name)
    listed = set(db.session.scalars(select(Contribution.id).where(visible_to(user))))
    assert listed == {item.id for item in everything() if can_see(user, item)}


@pytest.mark.parametrize("name", READERS)
def test_can_see_community_and_its_twins_agree(scene, name):
    user = reader(scene, name)
    communities = db.session.scalars(select(Community)).all()
    known = {community.slug for community in communities if can_see_community(user, community)}
    assert known == set(db.session.scalars(select(Community.slug).where(community_visible_to(user))))
    if user.is_authenticated:
        here = select(Member.id).where(Member.id == user.id)
        assert known == {c.slug for c in communities if db.session.scalar(here.where(sees_community(c)))}


@pytest.mark.parametrize("name", READERS)
def test_the_index_opens_what_the_database_opens(scene, name):
    """For what is out: an entry's tokens meet a reader's exactly when the community may be known."""
    user = reader(scene, name)
    tokens = reader_tokens(user)
    for item in everything():
        if item.is_published and item.thread_id is None:
            assert can_see(user, item) == (tokens is None or bool(tokens & access_tokens(item.community)))


def test_the_scene_is_not_a_trivial_one(scene):
    """What each reader sees, in numbers: a rule that opens or closes everything would agree with itself."""
    total = len(everything())
    seen = {name: sum(can_see(reader(scene, name), item) for item in everything()) for name in READERS}
    lists = select(Contribution.id).where(is_out(), visible_to(Visitor()))
    assert total == 3 * 2 * 4 * 6
    assert seen["visitor"] < seen["outsider"] < seen["member"] < seen["author"] < seen["moderator"] < total
    assert seen["member"] == seen["expert"]
    assert seen["moderator elsewhere"] == seen["outsider"]
    assert seen["moderator"] <= seen["administrator"] < total
    assert len(db.session.scalars(lists).all()) == seen["visitor"]


# --- the matrix -----------------------------------------------------------------------------------------------------------

# The matrix itself is declared in community/rights.py: a new can_* needs its row there, and a subject below.


@told_once
def placed(make) -> dict[str, int]:
    """Members by role; everybody but the outsider and the administrator has a place in « public » and « hidden »."""
    make.community("public")
    make.community("hidden", visibility="members", access="invitation")
    ids = {}
    for role in PLACED:
        place = role if role in ("expert", "moderator") else "member"
        ids[role] = make.member(communities={"public": place, "hidden": place})
    ids["outsider"] = make.member(email="dehors@ville.example")
    ids["administrator"] = make.member(platform_role="administrator")
    return ids


@pytest.fixture
def people(placed, context):
    return {"visitor": Visitor(), **{role: identity_of(id) for role, id in placed.items()}}


@pytest.fixture
def subjects(people):
    """What abilities are asked about, by the names used in the matrix; each a tuple of arguments."""
    known = {community.slug: community for community in db.session.scalars(select(Community))}
    public = known["public"]

    def post(model: type, role: str, **more):
        values = {"community": public, "author_id": people[role].id, "state": "open", "published_at": now()} | more
        return model(**values)

    question = post(Question, "asker")
    removed = {"removed_at": now(), "removed_by_id": people["moderator"].id}
    comment = SimpleNamespace(author_id=people["member"].id)
    clause = post(Clause, "answerer", state="validated", community_id=public.id)
    trusting = Community(id=904, visibility="public", access="open", two_person_review=False)
    alone = Clause(community=trusting, community_id=public.id, author_id=people["answerer"].id, published_at=now())

    def version(state: str, role: str = "asker", of: Any = clause) -> tuple[ClauseVersion]:
        return (ClauseVersion(clause=of, state=state, proposed_by_id=people[role].id),)

    basket = {"owner_id": people["member"].id, "share_key": None}
    paper = {"nature": "guide", "community_id": public.id, "state": "published"}
    file = {"uploaded_by_id": people["member"].id, "published_at": None}
    document = post(Document, "asker", **paper)
    answer = post(Answer, "answerer", question=question)
    found = {
        "public": (public,),
        "hidden": (known["hidden"],),
        "platform": (Community(id=901, visibility="platform", access="open"),),
        "on_request": (Community(id=902, visibility="public", access="request"),),
        "archived": (Community(id=903, visibility="public", access="open", archived_at=now()),),
        "invitation": (SimpleNamespace(email="dehors@ville.example", community=public),),
        "question": (question,),
        "embargoed": (post(Question, "asker", published_at=None, embargo=date(2100, 1, 1)),),
        "discreet_question": (post(Question, "asker", author_id=_pseudonym()),),
        "somebody": (SimpleNamespace(id=987_654, platform_role="member"),),
        "an_administrator": (SimpleNamespace(id=987_655, platform_role="administrator"),),
        "silence": (SimpleNamespace(member_id=987_654, community=public),),
        "suspension": (SimpleNamespace(member_id=987_654, community=None),),
        "draft": (post(Question, "asker", published_at=None),),
        "closed_question": (post(Question, "asker", closed_at=now()),),
        "removed_question": (post(Question, "asker", **removed),),
        "withdrawn_question": (post(Question, "asker", **removed | {"removed_by_id": people["asker"].id}),),
        "comment": (comment, question),
        "notification": (SimpleNamespace(member_id=people["member"].id),),
        "answer": (answer,),
        "expert_answer": (post(Answer, "expert", question=question),),
        "certified_answer": (post(Answer, "answerer", question=question, certified_at=now()),),
        "thread": (question, [answer]),
        "clause": (clause,),
        "retired_clause": (post(Clause, "answerer", community_id=public.id, state="retired", retired_at=now()),),
        "reviewed": (public.id,),
        "neighbour": (people["member"].id, [public.id]),
        "clause_draft": version("draft"),
        "proposal": version("proposed"),
        "refused": version("refused"),
        "in_force": version("validated"),
        "moderators_own": version("proposed", "moderator"),
        "alone": version("proposed", "moderator", alone),
        "document": (document,),
        "document_draft": (post(Document, "asker", **paper | {"published_at": None}),),
        "link_document": (post(Document, "asker", **paper, url="https://guide.example", link_state="alive"),),
        "version_of_document": (document, SimpleNamespace(withdrawn_at=None, withdrawn_by_id=None)),
        "withdrawn_version": (document, SimpleNamespace(withdrawn_at=now(), withdrawn_by_id=people["moderator"].id)),
        "waiting_file": (SimpleNamespace(**file),),
        "published_file": (SimpleNamespace(**file | {"published_at": now()}),),
        "basket": (SimpleNamespace(**basket),),
        "private_basket": (SimpleNamespace(**basket), 0),
        "shared_basket": (SimpleNamespace(**basket | {"share_key": "x"}), 0),
        "basket_with_hidden": (SimpleNamespace(**basket | {"share_key": "x"}), 1),
        "a_member": (people["member"].id,),
        "case": (public.id, people["asker"].id),
        "member_case": (None, people["asker"].id),
        "case_of_moderator": (public.id, people["moderator"].id),
        "decision": (_decision(public, people["asker"], people["moderator"]),),
        "undone_decision": (_decision(public, people["asker"], people["moderator"], undone_at=now()),),
        "decision_of_administrator": (_decision(public, people["asker"], people["administrator"]),),
        "decision_of_one_alone": (_decision(public, people["asker"], people["moderator"]), True),
        "platform_wide": (None,),
        "member_row": (SimpleNamespace(id=people["member"].id, platform_role="member"),),
        "administrator_row": (SimpleNamespace(id=987_654, platform_role="administrator"),),
        "": (),
    }
    db.session.add_all(value for values in found.values() for value in values if isinstance(value, Question | Answer))
    db.session.flush()
    return found


def _decision(community: Community, author: Any, by: Any, **more: Any) -> SimpleNamespace:
    facts = {"member_id": author.id, "decided_by_id": by.id, "community_id": community.id, "undone_at": None}
    return SimpleNamespace(**facts | {"action": "remove"} | more)


def _pseudonym() -> int:
    """Somebody behind a pseudonym who is none of the roles."""
    member = Member(display_name="Quelqu’un", email="quelquun@ville.example", password_hash="!", state="active")
    db.session.add(member)
    db.session.flush()
    seal = take_pseudonym(member.id)
    assert seal is not None
    return seal.member_id


@pytest.mark.parametrize(("ability", "subject"), MATRIX)
def test_roles_and_abilities(people, subjects, ability, subject):
    rule = getattr(permissions, ability)
    allowed = {role for role in ROLES if rule(people[role], *subjects[subject])}
    assert allowed == MATRIX[ability, subject]


@pytest.mark.parametrize("kind", ["silence", "ban"])
def test_what_a_sanction_takes_away(people, subjects, kind):
    """Asked of those who have a place: what they could do in « public » and cannot any more is exactly what is declared."""
    (public,) = subjects["public"]
    lost = set()
    for role in sorted(PLACED - {"moderator"}):
        user = people[role]
        left = {id: place for id, place in user.places.items() if id != public.id}
        change = {"silenced_ids": {public.id}} if kind == "silence" else {"banned_ids": {public.id}, "places": left}
        sanctioned = replace(user, **{"kept_out_ids": frozenset(), **change})
        for ability, subject in MATRIX:
            rule = getattr(permissions, ability)
            if rule(user, *subjects[subject]) and not rule(sanctioned, *subjects[subject]):
                lost.add(ability)
    assert lost == (TAKEN_BY_SILENCE if kind == "silence" else TAKEN_BY_BAN)


def test_the_document_is_the_matrix():
    """docs/permissions.md is what ``flask permissions --markdown`` prints."""
    kept = Path(permissions.__file__).parent.parent / "docs" / "permissions.md"
    assert kept.read_text(encoding="utf-8") == as_markdown() + "\n"


def test_the_command_prints_every_rule(app):
    printed = app.test_cli_runner().invoke(args=["permissions"]).output
    assert printed.count("\n") == len(MATRIX) + 1
    assert all(role in printed for role in ROLES)


def test_every_ability_is_in_the_matrix():
    rules = {name for name, rule in inspect.getmembers(permissions, inspect.isfunction) if name.startswith("can_")}
    assert rules == {ability for ability, _subject in MATRIX}
