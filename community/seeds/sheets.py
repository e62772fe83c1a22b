"""The demo's experience sheets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from community.abilities.comments.actions import comment_on
from community.abilities.votes.actions import vote
from community.content.sheets.actions import share_sheet
from community.core.clock import at
from community.core.db import db
from community.people.communities.models import Community

if TYPE_CHECKING:
    from community.seeds.tell import Story

FIELDS = (
    "summary", "context", "need", "difficulties", "organisation_type", "population_band", "territory", "contract_type",
    "procedure", "techniques", "amount_band", "duration_months", "lots", "bids_received", "notified_on",
    "social_considerations", "environmental_considerations", "sourcing_done", "sourcing_note", "award_criteria", "results",
    "would_repeat", "dispute", "contact", "phase", "dimensions", "cpv", "trust_level",
)  # fmt: skip


def tell_sheets(story: Story) -> None:
    labels = {tag["slug"]: tag["label"] for tag in story.read("tags")}
    for record in sorted(story.read("sheets"), key=lambda record: -record["published_days_ago"]):
        _tell_sheet(story, record, labels)


def _tell_sheet(story: Story, record: dict[str, Any], labels: dict[str, str]) -> None:
    published = story.days_ago(record["published_days_ago"])
    fields = {name: _clean(record[name]) for name in FIELDS if name in record}
    fields["clauses_used"] = [
        {"clause_id": story.clauses[used["clause"]], "version": used["version"], "adapted": used["adapted"]}
        for used in record.get("clauses_used", ())
    ]
    with at(published):
        sheet = share_sheet(
            story.user(record["author"]),
            db.session.get(Community, story.communities[record["community"]]),
            record["title"],
            record["lessons"].strip(),
            organisation_name=record.get("organisation", ""),
            tags=[labels[slug] for slug in record.get("tags", ())],
            **fields,
        )
    story.sheets[record["key"]] = sheet.id
    for key in record.get("votes_by", ()):
        if key != record["author"]:
            vote(sheet, story.user(key))
    for told in record.get("comment", ()):
        when = published + timedelta(days=told.get("days_after", 2))
        with at(min(when, story.started - timedelta(minutes=30))):
            comment_on(sheet, story.user(told["author"]), told["body"].strip())


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
