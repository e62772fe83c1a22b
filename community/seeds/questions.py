"""The demo's questions, answers, comments, votes, and the links that people judged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from community.abilities.comments.actions import comment_on
from community.abilities.follows.actions import follow
from community.abilities.links.actions import add_link, judge_link
from community.abilities.votes.actions import vote
from community.content.questions.actions import (
    accept_answer,
    answer_question,
    ask_question,
    certify_answer,
    close_question,
    mark_duplicate,
)
from community.content.questions.models import Answer, Question
from community.contributions.models import Contribution
from community.core.clock import at
from community.core.db import db
from community.people.communities.models import Community
from community.seeds.enclosures import with_files

if TYPE_CHECKING:
    from community.seeds.tell import Story


def tell_questions(story: Story) -> None:
    records = sorted(story.read("questions"), key=lambda record: -record["asked_days_ago"])
    labels = {tag["slug"]: tag["label"] for tag in story.read("tags")}
    for record in records:
        _tell_question(story, record, labels)
    for record in records:
        if record.get("duplicate_of"):
            _tell_duplicate(story, record)


def tell_links(story: Story) -> None:
    """Links that people of the story confirmed, rejected or made by hand."""
    for record in story.read("questions"):
        question = db.session.get(Question, story.questions[record["key"]])
        for told in record.get("sheet_link", ()):
            sheet = db.session.get(Contribution, story.sheets[told["sheet"]])
            for key in told["by"]:
                with at(story.days_ago(max(0.1, record["asked_days_ago"] - 6))):
                    link = add_link(question, sheet, story.user(key))
                    if told["verdict"] == "rejected":
                        judge_link(link, story.user(key), "rejected")


def _tell_question(story: Story, record: dict[str, Any], labels: dict[str, str]) -> None:
    asked = story.days_ago(record["asked_days_ago"])
    days = record.get("deadline_days")
    with at(asked):
        question = ask_question(
            story.user(record["author"]),
            db.session.get(Community, story.communities[record["community"]]),
            record["title"],
            record["body"].strip(),
            tags=[labels[slug] for slug in record.get("tags", ())],
            phase=record.get("phase"),
            cpv=record.get("cpv", []),
            deadline=(asked + timedelta(days=days)).date() if days else None,
            discreet=record.get("discreet", False),
            embargo=_embargo(story, record),
        )
    if record.get("discreet"):
        story.forget_identity(record["author"])
    story.questions[record["key"]] = question.id
    _votes_and_comments(story, question, record, asked)
    for told in sorted(record.get("answer", ()), key=lambda told: told.get("days_after", 1)):
        _tell_answer(story, question, told, asked, record["author"])
    for key in record.get("followers", ()):
        follow(question, story.user(key))
    if record.get("closed"):
        with at(asked + timedelta(days=10)):
            close_question(question, story.user(record.get("closed_by", record["author"])), record["closed"])


def _embargo(story: Story, record: dict[str, Any]) -> date | None:
    days = record.get("embargo_days")
    return (story.started + timedelta(days=days)).date() if days else None


def _tell_answer(story: Story, question: Question, told: dict[str, Any], asked: Any, asker: str) -> None:
    written = min(asked + timedelta(days=told.get("days_after", 1)), story.started - timedelta(minutes=20))
    with at(written):
        author = story.user(told["author"])
        answer = answer_question(question, author, with_files(author, story.with_citations(told), told))
        if told.get("contested"):
            answer.contested = True
    _votes_and_comments(story, answer, told, written)
    settled = min(written + timedelta(hours=20), story.started - timedelta(minutes=10))
    with at(settled):
        if told.get("accepted"):
            accept_answer(answer, story.user(asker))
        if told.get("certified_by"):
            certify_answer(answer, story.user(told["certified_by"]))


def _votes_and_comments(story: Story, item: Question | Answer, record: dict[str, Any], since: Any) -> None:
    for key in record.get("votes_by", ()):
        if story.members[key] != item.author_id:
            vote(item, story.user(key))
    for number, told in enumerate(record.get("comment", ())):
        delay = timedelta(days=told["days_after"]) if "days_after" in told else timedelta(hours=5 * (number + 1))
        with at(min(since + delay, story.started - timedelta(minutes=5))):
            comment_on(item, story.user(told["author"]), told["body"].strip())


def _tell_duplicate(story: Story, record: dict[str, Any]) -> None:
    question = db.session.get(Question, story.questions[record["key"]])
    original = db.session.get(Question, story.questions[record["duplicate_of"]])
    with at(story.days_ago(max(0.2, record["asked_days_ago"] - 1))):
        mark_duplicate(question, original, story.user(record.get("closed_by", record["author"])))
