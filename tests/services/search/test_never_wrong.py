"""Random communities, roles, moves and changes of visibility: nobody is shown a word, a count or a reason too many.

Each post carries a word of its own, so that one who may not see it and meets the word anywhere has met a leak; and each
author finds each of their own posts.
"""

from __future__ import annotations

import os
import random

import pytest
from sqlalchemy import delete, select

from community.contributions.models import Contribution
from community.core.db import db
from community.core.outbox import drain, emit
from community.people.accounts.identity import Visitor, identity_of
from community.people.communities.models import Community, Membership
from community.permissions import can_see_community, reader_tokens
from community.services.search.completion import proposals
from community.services.search.index import index
from community.services.search.results import Query, closest, search
from community.services.search.views import close_content

VISIBILITIES = ("public", "platform", "members")
SUBJECT = "allotissement des denrées"
LETTERS = "bdfgklmnprtvz"
#: every run plays the same rounds; SEED and ROUNDS in the environment play others, or more
SEED = int(os.environ.get("SEED", "20261122"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))


@pytest.fixture
def world(make):
    """Four communities, six members with random places, fourteen posts."""

    def build(chance: random.Random) -> tuple[list[int], dict[int, str]]:
        slugs = [make_one(chance, number) for number in range(4)]
        members = [make.member(communities=places(chance, slugs)) for _ in range(6)]
        posts: dict[int, str] = {}
        for number in range(14):
            word = "".join(chance.choice(LETTERS) + chance.choice("ou") for _ in range(5)) + LETTERS[number % 13]
            author, slug = chance.choice(members), chance.choice(slugs)
            if number % 3:
                id = make.question(author, slug, title=f"{SUBJECT} {word} ?", body=f"Le {word}.", tags=[word])
            else:
                id = make.sheet(
                    author, slug, title=f"{SUBJECT} {word}", summary=f"Le {word} et rien d’autre, ou presque."
                )
            posts[id] = word
        return members, posts

    def make_one(chance: random.Random, number: int) -> str:
        make.community(f"cercle{number}", access="open", visibility=chance.choice(VISIBILITIES))
        return f"cercle{number}"

    def places(chance: random.Random, slugs: list[str]) -> dict[str, str]:
        return {slug: chance.choice(("member", "expert", "moderator")) for slug in slugs if chance.random() < 0.5}

    return build


def change_something(chance: random.Random, members: list[int]) -> None:
    """Somebody joins or leaves, a community opens or closes, a post is withdrawn or moved: with the events of the product."""
    communities = list(db.session.scalars(select(Community)))
    for _ in range(4):
        community, member = chance.choice(communities), chance.choice(members)
        place = (Membership.community_id == community.id, Membership.member_id == member)
        if db.session.scalar(
            select(Membership.id if hasattr(Membership, "id") else Membership.member_id).where(*place)
        ):
            db.session.execute(delete(Membership).where(*place))
        else:
            db.session.add(Membership(community_id=community.id, member_id=member, role="member"))
    community = chance.choice(communities)
    community.visibility = chance.choice(VISIBILITIES)
    emit("community.edited", community)
    post = chance.choice(list(db.session.scalars(select(Contribution).where(Contribution.thread_id.is_(None)))))
    post.community_id = chance.choice(communities).id
    emit("contribution.edited", post)
    db.session.commit()


def shown_to(user, word: str) -> str:
    """All that search tells this person when they type a word or the common subject."""
    told: list[object] = []
    for text in (word, SUBJECT, f"etiquette:{word}"):
        answer = search(user, Query(text=text))
        told += [hit.title for hit in answer.hits] + [hit.passages for hit in answer.hits]
        told += [group.choices for group in answer.facets] + [answer.found.facets, answer.closest]
        if text == word:
            told += [answer.found.total and f"{word}: {answer.found.total}"]
    told += closest(index(), f"{word[:-1]} xyz", reader_tokens(user))
    for text in (word[:5], f"etiquette:{word[:4]}"):
        told += proposals(user, text)
    near = close_content(user, f"{SUBJECT} {word}", "")
    told += [(hit.title, hit.reasons) for _words, hits in near for hit in hits]
    return repr(told)


def test_no_outsider_meets_a_word_and_authors_find_their_posts(app, world):
    chance = random.Random(SEED)
    members, posts = world(chance)
    with app.test_request_context("/"):
        for _round in range(ROUNDS):
            change_something(chance, members)
            drain()
            for user in (Visitor(), *(identity_of(id) for id in members)):
                _check(user, posts, f"seed {SEED}")
                db.session.rollback()
        db.session.remove()


def _check(user, posts: dict[int, str], seed: str) -> None:
    query = select(Contribution, Community).join(Community).where(Contribution.id.in_(posts))
    for post, community in db.session.execute(query):
        word = posts[post.id]
        told = shown_to(user, word)
        if not can_see_community(user, community):
            assert word not in told, f"{seed}: {user.id} meets {word}"
        else:
            assert f"{word}: 1" in told, f"{seed}: {user.id} does not find {word} (post of {post.author_id})"
