"""The demo's moderation: rules, reports that wait, texts held before publication, contested decisions, a year of work."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.abilities.comments.actions import comment_on
from community.abilities.comments.models import Comment
from community.abilities.flags.actions import Subject, report
from community.content.questions.actions import answer_question, ask_question
from community.content.questions.models import Question
from community.core.clock import at, now
from community.core.db import db
from community.core.outbox import emit
from community.people.accounts.models import Member, Organisation
from community.people.communities.actions import add_member
from community.people.communities.models import Community
from community.seeds import DEMO_PASSWORD
from community.services.moderation.appeals import appeal
from community.services.moderation.decisions import Wanted, decide
from community.services.moderation.holds import release
from community.services.moderation.models import Hold
from community.services.moderation.rules import save_rules

if TYPE_CHECKING:
    from community.seeds.tell import Story

Record = dict[str, Any]


def tell_moderation(story: Story) -> None:
    """Told last of all: its rules would hold what newcomers of the story said before them."""
    chapters = {
        "past": _tell_past,
        "newcomer": _tell_newcomer,
        "rules": _tell_rules,
        "decision": _tell_decision,
        "text": _tell_text,
        "question": _tell_question,
        "member": _tell_member,
    }
    records = story.read("moderation")
    for chapter, tell in chapters.items():
        for record in records:
            if record["chapter"] == chapter:
                tell(story, record)
                db.session.flush()


def _tell_rules(story: Story, record: Record) -> None:
    place = story.communities.get(record["community"])  # none: the platform
    rules: dict[str, Record] = {}
    if "first_posts" in record:
        rules["first_posts"] = {"count": record["first_posts"]}
    if "words" in record:
        rules["words"] = {"words": record["words"]}
    if "repeated" in record:
        rules["repeated"] = {"days": record["repeated"]}
    rules |= {kind: {} for kind in ("links", "language") if record.get(kind)}
    with at(story.days_ago(record["days_ago"])):
        save_rules(db.session.get(Community, place) if place else None, story.user(record["by"]), rules)


def _tell_newcomer(story: Story, record: Record) -> None:
    with at(story.days_ago(record["days_ago"])):
        organisation = Organisation(
            name=record["organisation"], type=record["organisation_type"], territory=record["territory"]
        )
        member = Member(
            email=record["email"],
            display_name=record["display_name"],
            password_hash=PasswordHasher().hash(DEMO_PASSWORD),
            organisation=organisation,
            job=record["job"],
            quality=record["quality"],
            state="active",
            email_verified_at=now(),
        )
        db.session.add(member)
        db.session.flush()
        add_member(db.session.get(Community, story.communities[record["community"]]), member.id)
        emit("member.confirmed", member, actor=member)
    story.members[record["key"]] = member.id


def _tell_text(story: Story, record: Record) -> None:
    question = _question(story, record["question"])
    user, written = story.user(record["author"]), story.days_ago(record["hours_ago"] / 24)
    with at(written):
        comment = comment_on(question, user, record["comment"]) if "comment" in record else None
        answer = None if comment else answer_question(question, user, record["body"].strip())
    if "released_by" in record:
        with at(written + timedelta(hours=2)):
            hold = db.session.scalars(select(Hold).where(Hold.contribution_id == answer.id)).one()  # type: ignore[union-attr]
            release(hold, story.user(record["released_by"]))
    item = answer or question
    _report_all(story, Subject(user.id, item, comment), record, written + timedelta(hours=3))


def _tell_question(story: Story, record: Record) -> None:
    written = story.days_ago(record["hours_ago"] / 24)
    community = db.session.get(Community, story.communities[record["community"]])
    with at(written):
        question = ask_question(story.user(record["author"]), community, record["title"], record["body"].strip())
    _report_all(story, Subject(question.author_id, question), record, written + timedelta(hours=1))


def _tell_member(story: Story, record: Record) -> None:
    reported = story.days_ago(record["hours_ago"] / 24)
    _report_all(story, Subject(story.members[record["member"]]), record, reported)


def _tell_decision(story: Story, record: Record) -> None:
    """A comment hidden or removed, which its author contests: another person has to answer."""
    question = _question(story, record["question"])
    author, said = story.user(record["author"]), story.days_ago(record["days_ago"])
    told = record["report"]
    with at(said):
        comment = comment_on(question, author, record["comment"])
    with at(said + timedelta(hours=4)):
        subject = Subject(author.id, question, comment)
        case = report(subject, story.user(told["by"]), told["reason"], told.get("words", ""))
    with at(said + timedelta(hours=11)):
        wanted = Wanted(record["action"], record["message"].strip())
        decision = decide(case, wanted, story.user(record["decided_by"]))
    with at(said + timedelta(hours=30)):
        appeal(decision, record["appeal"])


def _tell_past(story: Story, record: Record) -> None:
    """Reports of the past months, on first comments or answers that are still there: looked at, and left in place."""
    for key, reporter, reason, days, hours in sorted(record["reports"], key=lambda told: -told[3]):
        question = _question(story, key)
        slug = next(slug for slug, id in story.communities.items() if id == question.community_id)
        remark = db.session.scalars(select(Comment).where(Comment.contribution_id == question.id).limit(1)).first()
        subject = Subject((remark or question).author_id, question, remark)
        with at(story.days_ago(days)):
            case = report(subject, story.user(reporter), reason)
        with at(story.days_ago(days - hours / 24)):
            decide(case, Wanted("keep"), story.user(record["by"][slug]))


def _question(story: Story, key: str) -> Question:
    query = select(Question).where(Question.id == story.questions[key]).options(joinedload(Question.community))
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _report_all(story: Story, subject: Subject, record: Record, since: Any) -> None:
    """Each report an hour after the one before; the case opens with the first."""
    for number, told in enumerate(record.get("reports", ())):
        instant = min(since + timedelta(hours=number), story.started - timedelta(minutes=15))
        with at(instant):
            report(subject, story.user(told["by"]), told["reason"], told.get("words", ""))
    db.session.flush()
