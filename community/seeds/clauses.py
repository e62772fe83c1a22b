"""The demo's clauses: every version proposed and validated at its date, what waits for review, what was withdrawn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from community.content.clauses.actions import propose_change, propose_clause
from community.content.clauses.fields import NAMES, TEXTS
from community.content.clauses.models import Clause, ClauseVersion
from community.content.clauses.reviewing import refuse, retire, take_in_review, validate
from community.content.clauses.variables import PARTS, variables_in
from community.core.clock import at
from community.core.db import db
from community.people.communities.models import Community

if TYPE_CHECKING:
    from community.seeds.tell import Story

RELATIONS = ("requires", "excludes", "variant_of")


def tell_clauses(story: Story) -> None:
    """The clauses that others name come first; of two that exclude each other, the second one says it."""
    labels = {tag["slug"]: tag["label"] for tag in story.read("tags")}
    records = story.read("clauses")
    waiting = sorted(records, key=lambda record: sum(len(record.get(name, ())) > 0 for name in RELATIONS))
    told: list[tuple[float, Any]] = []
    for record in waiting:
        _tell_clause(story, record, labels)
        told.append((record.get("retired_days_ago", 0), record))
    for _days, record in told:
        if record["state"] == "retired":
            _tell_withdrawal(story, record)


def _tell_clause(story: Story, record: dict[str, Any], labels: dict[str, str]) -> None:
    clause: Clause | None = None
    for told in sorted(record["version"], key=lambda told: told["number"]):
        data = _data(story, record, told, labels)
        user = story.user(told["proposed_by"])
        state = told.get("state", "validated")
        with at(story.days_ago(told["days_ago"] + (6 if state == "validated" else 0))):
            if clause is None:
                community = db.session.get(Community, story.communities[record["community"]])
                version = propose_clause(user, community, data, note=told["change_note"], submit=state != "draft")
                clause = version.clause
                story.clauses[record["key"]] = clause.id
            else:
                version = propose_change(
                    clause, user, clause.current_number, data, told["change_note"], submit=state != "draft"
                )
                version.clause = clause
        _tell_review(story, record, told, version, state)


def _tell_review(
    story: Story, record: dict[str, Any], told: dict[str, Any], version: ClauseVersion, state: str
) -> None:
    reviewer = story.user(told.get("validated_by", record["curator"]))
    if state in ("in_review", "refused", "validated"):
        with at(story.days_ago(told["days_ago"]) + (timedelta(days=1) if state != "validated" else timedelta(0))):
            take_in_review(version, reviewer)
    if state == "refused":
        with at(story.days_ago(record["refused_days_ago"])):
            refuse(version, reviewer, _clean(record["refused_reason"]))
    if state == "validated":
        with at(story.days_ago(told["days_ago"])):
            validate(
                version,
                reviewer,
                review_due=_due(story, record, told),
                curator_id=story.members[record["curator"]],
                trust_level=told.get("trust_level", record["trust_level"]),
            )


def _tell_withdrawal(story: Story, record: dict[str, Any]) -> None:
    clause = db.session.get(Clause, story.clauses[record["key"]])
    successor = db.session.get(Clause, story.clauses[record["successor"]]) if record.get("successor") else None
    with at(story.days_ago(record["retired_days_ago"])):
        retire(clause, story.user(record["curator"]), _clean(record["retired_reason"]), successor)


def _due(story: Story, record: dict[str, Any], told: dict[str, Any]) -> date:
    """The last version carries the record's date; an older one was to be looked at a year later."""
    last = max(version["number"] for version in record["version"] if version.get("state", "validated") == "validated")
    if told["number"] == last and record.get("review_due"):
        return record["review_due"]
    return (story.days_ago(told["days_ago"]) + timedelta(days=365)).date()


def _data(story: Story, record: dict[str, Any], told: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    data = {name: _clean(told.get(name, record.get(name))) for name in NAMES}
    data["variables"] = _variables(story, data)
    data["tags"] = [labels[slug] for slug in record.get("tags", ())]
    for name in ("requires", "excludes"):
        data[name] = [story.clauses[key] for key in record.get(name, ()) if key in story.clauses]
    data["variant_of"] = story.clauses.get(record.get("variant_of", ""))
    return data


def _variables(story: Story, data: dict[str, Any]) -> list[dict[str, str]]:
    """The definitions of the variables that this version's texts have."""
    names = variables_in("\n".join(data[name] or "" for name in TEXTS))
    return [dict(zip(PARTS, (name, *story.variables[name]), strict=True)) for name in names if name in story.variables]


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
