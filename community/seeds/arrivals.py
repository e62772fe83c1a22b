"""The demo's doors: rules of registration, organisations with their mail domains, who waits to come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from sqlalchemy import select

from community.core.clock import at
from community.core.db import db
from community.core.options import set_option
from community.people.accounts.domains import domain_of
from community.people.accounts.models import Member
from community.people.accounts.organisations import prove_by_domain, set_domains, vouch_for
from community.people.accounts.registrations import (
    Registration,
    add_member,
    admit,
    application_of,
    invite_to_platform,
    refuse_application,
)
from community.seeds import DEMO_PASSWORD

if TYPE_CHECKING:
    from community.seeds.tell import Story

ADMINISTRATOR = "anne-le-goff"
#: whose organisation has no record of its mail domain: a small town's letter box, a house of employment
UNKNOWN = ("gwenaelle-le-bihan", "beatrice-fontaine", "karim-haddad", "olivier-dumas")
#: who knows them, and said so
VOUCHED = {"karim-haddad": "anne-le-goff", "beatrice-fontaine": "anne-le-goff"}
RULES = {"mode": "approval", "organisations": True, "free_mail": "approval"}


def tell_arrivals(story: Story) -> None:
    """Organisations are looked after, most members proved by their address; two people wait, one was refused."""
    anne = story.user(ADMINISTRATOR)
    with at(story.days_ago(90)):
        set_option("registration", RULES, anne)
        _tell_domains(story)
        for key, who in VOUCHED.items():
            vouch_for(db.session.get_one(Member, story.members[key]), story.user(who))
    password = PasswordHasher().hash(DEMO_PASSWORD)
    for record in story.read("arrivals"):
        _tell_arrival(story, record, password)
    with at(story.days_ago(4)):
        invite_to_platform(
            anne, "achats@ville-brumeval.example", "Suite à notre échange au salon : vous serez chez vous."
        )


def _tell_domains(story: Story) -> None:
    ids = [id for key, id in story.members.items() if key not in UNKNOWN]
    for member in db.session.scalars(select(Member).where(Member.id.in_(ids)).order_by(Member.id)):
        if member.organisation_id is not None:
            set_domains(member.organisation_id, [domain_of(member.email)])
            prove_by_domain(member)
    db.session.flush()


def _tell_arrival(story: Story, record: dict[str, Any], password: str) -> None:
    names = ("email", "quality", "organisation", "organisation_type", "territory", "job", "reason")
    given = Registration(display_name=record["name"], password="", **{name: record[name] for name in names})
    with at(story.days_ago(record["days_ago"])):
        member = add_member(given, password)
        assert member is not None
        admit(member)
    if record.get("refused"):
        with at(story.days_ago(record["days_ago"] - 1)):
            refuse_application(application_of(member.id), story.user(ADMINISTRATOR), record["refused"])
