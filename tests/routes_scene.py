"""The scene of test_routes.py: one public community and one that only its members know, each with something of everything,
and somebody of every role. An address takes its parameters from here (FILL): say there what a new kind of address is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from community.core.clock import now
from community.core.db import db
from community.core.slugs import slugify

PUBLIC, HIDDEN = "place", "cercle"
MOVED = {"members": [], "domains": [], "siret": False}
#: a copy that is ready lasts longer than the test
LATER = datetime(2100, 1, 1, tzinfo=UTC)
#: how an address begins → which thing of the scene each of its parameters names; the longest beginning wins.
#: A slug beside an id is that thing's own; what is not named here may be anything.
FILL: dict[str, dict[str, str]] = {
    "/questions/<": {"id": "question"},
    "/reponses/<": {"id": "answer"},
    "/fiches/<": {"id": "sheet"},
    "/clauses/<": {"id": "clause", "number": "one"},
    "/clauses/propositions/<": {"id": "proposal"},
    "/clauses/articles/<": {"change_id": "article_change", "id": "clause"},
    "/contributions/<": {"id": "question", "number": "one"},
    "/commentaires/<": {"id": "comment"},
    "/liens/<": {"id": "link"},
    "/communautes/<": {"slug": "place"},
    "/communautes/<slug>/demandes/<": {"slug": "place", "id": "request"},
    "/communautes/<slug>/membres/<": {"slug": "place", "id": "asker"},
    "/communautes/<slug>/invitations/<": {"slug": "place", "id": "invitation"},
    "/invitations/<int:id>": {"id": "invitation"},
    "/etiquettes/<": {"slug": "tag"},
    "/membres/<": {"id": "asker"},
    "/notifications/<": {"id": "notification"},
    "/panier/<": {"id": "basket", "clause_id": "clause"},
    "/panier/partage/<": {"key": "share_key"},
    "/recherche/suivies/<": {"id": "followed_search"},
    "/moderation/recherches/<": {"id": "miss"},
    "/moderation/recherches/epingles/<": {"id": "pin"},
    "/moderation/synonymes/<": {"id": "synonym"},
    "/compte/sessions/<": {"id": "session"},
    "/compte/donnees/copie/<": {"id": "export"},
    "/documents/<": {"id": "document"},
    "/fichiers/<": {"id": "file", "name": "file_name", "number": "one"},
    "/decisions/<": {"id": "decision"},
    "/moderation/decisions/<": {"id": "decision"},
    "/moderation/contestations/<": {"id": "appeal"},
    "/moderation/dossiers/<": {"id": "case"},
    "/moderation/retenues/<": {"id": "hold"},
    "/moderation/nettoyages/<": {"id": "sweep"},
    "/moderation/membres/<": {"id": "asker"},
    "/moderation/fichiers/<": {"id": "file"},
    "/communautes/<slug>/mesures/<": {"slug": "place", "id": "sanction"},
    "/compte/droits/<": {"id": "silence"},
    "/compte/fournisseurs/<": {"id": "identity"},
    "/admin/evenements/<": {"id": "event"},
    "/admin/inscriptions/<": {"id": "applicant"},
    "/admin/inscriptions/invitations/<": {"id": "platform_invitation"},
    "/admin/membres/<": {"id": "asker"},
    "/admin/organisations/<": {"id": "organisation"},
    "/admin/organisations/reunions/<": {"id": "merge"},
    "/admin/suspensions/<": {"id": "suspension"},
    "/admin/donnees/departs/<": {"id": "erasure"},
    "/admin/donnees/mentions/<": {"id": "mention"},
    # what a letter's link holds is nobody's to guess: an unknown one
    "/inscription/confirmation/<": {"token": "no_token"},
    "/mot-de-passe/<": {"token": "no_token"},
    "/resume/<": {"token": "no_token"},
    "/compte/adresse/confirmation/<": {"token": "no_token"},
    "/invitations/<token>": {"token": "no_token"},
}
#: parameters that choose a form or a direction, not a thing
ANY = {"form": "docx", "way": "monter", "field": "text", "number": 1, "slug": "x", "action": "keep", "state": "upheld"}
#: things of the member of the scene alone (a basket, a notification…), wherever they are
OWN = frozenset({"notification", "basket", "followed_search", "session", "export", "silence", "identity"})


@dataclass
class RouteScene:
    """Things by name for each place, and each role's cookie and form token."""

    app: Flask
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    connection: Any = None

    def address(self, rule: Rule, place: str) -> str:
        """The address of a rule, about the things of this place. Fails when nobody said what it is about."""
        names = self.filling(rule)
        things = self.things[place]
        values: dict[str, Any] = {}
        for argument in rule.arguments:
            if argument in names:
                values[argument] = things[names[argument]]
            elif argument == "slug" and "id" in names:
                values[argument] = things.get(f"{names['id']}_slug", "x")
            else:
                assert argument in ANY, f"{rule.rule}: say in FILL (routes_scene.py) what « {argument} » is about"
                values[argument] = ANY[argument]
        return re.sub(r"<(?:[^:>]+(?:\([^)]*\))?:)?(\w+)>", lambda found: str(values[found.group(1)]), rule.rule)

    def filling(self, rule: Rule) -> dict[str, str]:
        starts = [start for start in FILL if rule.rule.startswith(start)]
        return FILL[max(starts, key=len)] if starts else {}

    def is_in_place(self, rule: Rule) -> bool:
        """Whether the address is about something of the community (and not of the site, or of one member alone)."""
        first = self.filling(rule).get("id") or self.filling(rule).get("slug") or self.filling(rule).get("key")
        return first is not None and self.things[PUBLIC][first] != self.things[HIDDEN][first] and first not in OWN


def build_scene(app: Flask, make: Any, drain: Any) -> RouteScene:
    """Everything, through the builders and the product's actions; then the sessions."""
    scene = RouteScene(app)
    make.community(PUBLIC)
    make.community(HIDDEN, access="invitation", visibility="members")
    both = {role: {PUBLIC: role, HIDDEN: role} for role in ("member", "expert", "moderator")}
    people = {role: make.member(role, places) for role, places in both.items()}
    people["member elsewhere"] = make.member("ailleurs", {"autre-part": "member"})
    people["moderator elsewhere"] = make.member("anime ailleurs", {"autre-part": "moderator"})
    people["administrator"] = make.member("administre", platform_role="administrator")
    people["pending"] = make.member("attend", {PUBLIC: "member", HIDDEN: "member"}, state="pending")
    people["suspended"] = make.member("suspendu", {PUBLIC: "moderator", HIDDEN: "moderator"}, state="suspended")
    asker = make.member("demande", {PUBLIC: "member", HIDDEN: "member"})
    for place in (PUBLIC, HIDDEN):
        scene.things[place] = _content(make, place, asker, people)
    drain()
    with app.test_request_context("/", method="POST"):
        own = _belongings(people, asker, scene.things)
        for place in (PUBLIC, HIDDEN):
            scene.things[place] |= own | {"asker": asker, "asker_slug": "demande", "one": 1, "no_token": "inconnu"}
            scene.things[place] |= _rows(people, asker, scene.things[place], place)
        db.session.commit()
        db.session.remove()
    _open_sessions(scene, people)
    return scene


def _content(make: Any, place: str, asker: int, people: dict[str, int]) -> dict[str, Any]:
    expert, moderator = people["expert"], people["moderator"]
    titles = {
        "question": "Comment allotir le pain ?",
        "sheet": "Le pain en douze lots",
        "clause": "Pain livré frais",
        "document": "Guide du pain",
    }
    question = make.question(asker, place, titles["question"], tags=[f"pain {place}"])
    clause = make.clause(asker, moderator, place, title=titles["clause"])
    file = make.file(asker, content=f"Un guide pour {place}.", read=["Un guide."])
    return {
        "place": place,
        "tag": slugify(f"pain {place}"),
        "question": question,
        "answer": make.answer(question, expert),
        "comment": make.comment(question, asker),
        "sheet": make.sheet(asker, place, titles["sheet"]),
        "clause": clause,
        "proposal": make.proposal(asker, place),
        "file": file,
        "file_name": "guide.txt",
        "document": make.document(asker, place, titles["document"], file=file),
        **{f"{kind}_slug": slugify(title) for kind, title in titles.items()},
    }


def _belongings(people: dict[str, int], asker: int, things: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What is the member's alone, and what moderators keep for search."""
    from community.content.baskets.actions import add_to_basket, create_basket, share_basket
    from community.content.clauses.actions import current_version
    from community.core.outbox import Event
    from community.people.accounts.identity import identity_of
    from community.people.accounts.models import Member, Organisation, SignIn
    from community.people.accounts.organisation_models import OrganisationMerge
    from community.people.accounts.security_models import Application, ExternalIdentity, PlatformInvitation
    from community.people.communities.models import Sanction
    from community.services.notifications.models import Notification
    from community.services.personal_data.models import DataExport, ErasureMention, ErasureRequest
    from community.services.search.models import FollowedSearch, PinnedResult, SearchMiss, SearchSynonym

    member, administrator = people["member"], people["administrator"]
    applicant = Member(email="candidat@ville.example", password_hash="!", display_name="Candidat", state="waiting")
    db.session.add(applicant)
    db.session.flush()
    db.session.add(Application(member_id=applicant.id))
    organisation = db.session.get(Member, asker).organisation_id
    merged = Organisation(name="Ville en double", type="commune", territory="83", merged_into_id=organisation)
    db.session.add(merged)
    db.session.flush()
    basket = create_basket(identity_of(member), "Mon marché")
    add_to_basket(basket, current_version(things[PUBLIC]["clause"]))
    share_basket(basket, True)
    erasure = ErasureRequest(member_id=asker, due_at=now())
    db.session.add(erasure)
    db.session.flush()
    rows = {
        "notification": Notification(
            member_id=member, event="answer.published", key="scene", contribution_id=things[PUBLIC]["question"],
            thread_id=things[PUBLIC]["question"],
        ),
        "followed_search": FollowedSearch(member_id=member, words="pain", signature="pain"),
        "session": SignIn(key_hash="0" * 64, member_id=member, expires_at=now()),
        "miss": SearchMiss(key="gluten", words="gluten"),
        "pin": PinnedResult(key="pain", words="pain", contribution_id=things[PUBLIC]["question"]),
        "synonym": SearchSynonym(expressions=["pain", "baguette"]),
        "export": DataExport(member_id=member, state="ready", storage_key="exports/0.zip", expires_at=LATER),
        "identity": ExternalIdentity(issuer="https://idp.example", subject="1", member_id=member),
        "event": Event(name="essai", subject_type="member", subject_id=member, parked_at=now()),
        "platform_invitation": PlatformInvitation(
            email="invite2@ville.example", token_hash="p", invited_by_id=administrator, expires_at=now()
        ),
        "merge": OrganisationMerge(kept_id=organisation, merged_id=merged.id, by_id=administrator, moved=MOVED),
        "suspension": Sanction(kind="suspension", member_id=people["suspended"], shown_id=people["suspended"],
                               reason="Essai", by_id=administrator),
        "mention": ErasureMention(erasure_id=erasure.id, contribution_id=things[PUBLIC]["question"]),
    }  # fmt: skip
    db.session.add_all(rows.values())
    db.session.flush()
    ids = {name: row.id for name, row in rows.items()}
    return ids | {
        "basket": basket.id,
        "share_key": basket.share_key,
        "erasure": erasure.id,
        "applicant": applicant.id,
        "organisation": organisation,
    }


def _rows(people: dict[str, int], asker: int, things: dict[str, Any], place: str) -> dict[str, Any]:
    """What stands in one place: a link, a request to come in, an invitation, an article that changed."""
    from community.abilities.flags.models import Flag, FlagCase
    from community.abilities.links.models import Link
    from community.content.clauses.models import ArticleChange, ArticleCheck
    from community.people.communities.models import Community, Invitation, JoinRequest, Sanction
    from community.services.moderation.models import Appeal, Decision, Hold, Sweep

    community = db.session.scalars(select(Community.id).where(Community.slug == place)).one()
    link = db.session.scalars(
        select(Link).where(Link.source_id == things["question"], Link.target_id == things["sheet"])
    ).one_or_none() or Link(source_id=things["question"], target_id=things["sheet"], reasons=["pain"])
    change = ArticleChange(article="R. 2111-10", declared_by_id=people["moderator"])
    rows = {
        "link": link,
        "request": JoinRequest(community_id=community, member_id=people["member elsewhere"], message="Bonjour"),
        "invitation": Invitation(
            community_id=community, email="invite@ville.example", token_hash=place, invited_by_id=people["moderator"],
            expires_at=now(),
        ),
        "article_change": change,
        "sanction": Sanction(kind="silence", member_id=asker, shown_id=asker, community_id=community, reason="Essai",
                             by_id=people["administrator"]),
        "case": FlagCase(subject=f"post:{things['answer']}", contribution_id=things["answer"], author_id=people["expert"]),
        "decision": Decision(contribution_id=things["question"], member_id=asker, community_id=community, action="warn",
                             decided_by_id=people["administrator"]),
        "hold": Hold(contribution_id=things["sheet"]),
        "sweep": Sweep(member_id=asker, by_id=people["administrator"], state="done", ended_at=now()),
    }  # fmt: skip
    db.session.add_all(rows.values())
    db.session.flush()
    rows["appeal"] = Appeal(decision_id=rows["decision"].id, words="Je conteste.")
    rows["silence"] = rows["sanction"]
    db.session.add_all([rows["appeal"], Flag(case_id=rows["case"].id, reporter_id=people["member"], reason="spam")])
    db.session.flush()
    db.session.add(ArticleCheck(change_id=change.id, contribution_id=things["clause"]))
    return {name: row.id for name, row in rows.items()}


def _open_sessions(scene: RouteScene, people: dict[str, int]) -> None:
    """Each role's cookie, with a form token inside: requests are sent without a jar, so that none leaks into the next."""
    from client import Client

    name = scene.app.config["SESSION_COOKIE_NAME"]
    for role, id in {"visitor": None, **people}.items():
        client = Client(scene.app)
        if id is not None:
            client.signed_in_as(id)
        scene.tokens[role] = client.token()
        cookie = client.http.get_cookie(name)
        assert cookie is not None
        scene.cookies[role] = f"{name}={cookie.value}"
