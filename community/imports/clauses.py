"""Import and export of the clause library. docs/clauses.md describes the form.

Every record has a key of its own inside its source: a second run changes nothing; new versions of a known clause are
added; what members have changed since is left as they want it; a version that was validated never changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from community.content.clauses.actions import (
    current_version,
    propose_change,
    propose_clause,
    save_proposal,
    submit_proposal,
)
from community.content.clauses.fields import NAMES, ROWS
from community.content.clauses.models import Clause, ClauseVersion
from community.content.clauses.reviewing import retire, validate
from community.core.clock import at
from community.core.db import db
from community.core.errors import DomainError
from community.core.slugs import slugify
from community.imports.clause_files import RELATIONS, BadClause, ClauseRecord, VersionRecord, read_clause
from community.imports.models import ImportedItem
from community.imports.report import Refusal, Report
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.people.communities.models import Community


class ClauseImport:
    """One run over one file. ``user`` stands for authors and reviewers whom the file does not name or nobody knows."""

    def __init__(self, source: str, user: Any, default: str | None = None) -> None:
        self.source = slugify(source)[:60]
        self.user = user
        self.communities = {community.slug: community for community in db.session.scalars(select(Community))}
        self.default = default
        self.report = Report()
        self.known = {
            item.key: item
            for item in db.session.scalars(select(ImportedItem).where(ImportedItem.source == self.source))
        }
        self._people: dict[str, Any] = {}

    def run(self, records: list[Any]) -> Iterator[Report]:
        """First every new clause as a draft, so that each may name the others; then their versions; then withdrawals."""
        ready: list[tuple[int, Any, ClauseRecord, ClauseVersion | None]] = []
        for number, raw in enumerate(records, 1):
            record = self._try(number, raw, lambda raw=raw: self._begin(read_clause(raw)))  # type: ignore[misc]
            if record is not None:
                ready.append((number, raw, *record))
        done = []
        for number, raw, record, draft in ready:
            if self._try(number, raw, lambda r=record, d=draft: self._told(r, d)):  # type: ignore[misc]
                done.append((number, raw, record))
        for number, raw, record in done:
            self._try(number, raw, lambda r=record: self._withdraw(r))  # type: ignore[misc]
        yield self.report

    def _told(self, record: ClauseRecord, draft: ClauseVersion | None) -> bool:
        """Tell the versions of one clause; True, so that what failed (None) can be told from what went well."""
        self._tell(record, draft)
        return True

    def _try(self, number: int, raw: Any, step: Any) -> Any:
        """Run one step of one record; a record that cannot go on is undone and listed."""
        try:
            with db.session.begin_nested():
                return step()
        except (BadClause, DomainError) as error:
            reason = str(error) if isinstance(error, BadClause) else str(error.message)
            self.report.refused.append(Refusal(number, getattr(raw, "line", None), reason))
            return None

    def _begin(self, record: ClauseRecord) -> tuple[ClauseRecord, ClauseVersion | None]:
        community = self.communities.get(record.community or self.default or "")
        if community is None:
            raise BadClause(_("la communauté « %(name)s » n’existe pas.", name=record.community or self.default or ""))
        record.community = community.slug
        if record.key in self.known:
            return record, None
        first = record.versions[0]
        same = self._same(record, community)
        if same is not None:
            self._remember(record, same)
            return record, None
        with _at(first.proposed_at or _before(first.validated_at)):
            draft = propose_clause(
                self._who(first.proposed_by), community, first.data, note=first.change_note, submit=False
            )
        self._remember(record, draft.clause)
        self.known[record.key].digest = ""
        return record, draft

    def _same(self, record: ClauseRecord, community: Community) -> Clause | None:
        """A clause of this community that says the same already (the file was exported from here)."""
        last = record.versions[-1]
        query = select(Clause).where(Clause.community_id == community.id, Clause.title == last.data["title"])
        for clause in db.session.scalars(query):
            current = db.session.scalars(
                select(ClauseVersion).where(
                    ClauseVersion.clause_id == clause.id, ClauseVersion.number == clause.current_number
                )
            ).one_or_none()
            if current is not None and _texts(current.data) == _texts(last.data):
                return clause
        return None

    def _tell(self, record: ClauseRecord, draft: ClauseVersion | None) -> None:
        item = self.known[record.key]
        clause = db.session.scalars(
            select(Clause).where(Clause.id == item.contribution_id).options(joinedload(Clause.community))
        ).one()
        if draft is None and item.digest == record.digest:
            self.report.unchanged += 1
            return
        if draft is None and clause.current_number > item.revision:
            self.report.kept += 1
            return
        self._check_settled(record, clause)
        for version in record.versions:
            if version.number is None or version.number > clause.current_number:
                self._add(clause, record, version, draft)
                draft = None
        self.report.created += item.digest == ""
        self.report.updated += item.digest != ""
        if record.review_due is not None:
            clause.review_due = record.review_due
        clause.checked = {**clause.checked, **record.checked}
        item.digest, item.revision = record.digest, clause.current_number

    def _add(self, clause: Clause, record: ClauseRecord, told: VersionRecord, draft: ClauseVersion | None) -> None:
        """Propose and validate one version, at its dates and under its people's names as far as they are known."""
        data = told.data | self._relations(told, clause.id)
        current = current_version(clause.id)
        if draft is None and current is not None and told.number is None and current.data == data:
            return
        author, reviewer = self._who(told.proposed_by), self._who(told.validated_by)
        with _at(told.proposed_at or _before(told.validated_at)):
            if draft is not None:
                draft.clause = clause
                save_proposal(draft, author, data, draft.change_note, 0)
                version = submit_proposal(draft, author)
            else:
                version = propose_change(clause, author, clause.current_number, data, told.change_note)
                version.clause = clause
        with _at(told.validated_at):
            curator = self._who(record.curator).id if record.curator else None
            options = {"review_due": told.review_due, "trust_level": told.trust_level, "curator_id": curator}
            validate(version, reviewer, **options)

    def _check_settled(self, record: ClauseRecord, clause: Clause) -> None:
        query = select(ClauseVersion).where(ClauseVersion.clause_id == clause.id, ClauseVersion.number.is_not(None))
        settled = {version.number: version for version in db.session.scalars(query)}
        for told in record.versions:
            if told.number in settled and _texts(settled[told.number].data) != _texts(told.data):
                raise BadClause(_("la version %(number)d est validée : elle ne change plus.", number=told.number))

    def _withdraw(self, record: ClauseRecord) -> None:
        if record.retired_at is None:
            return
        clause = db.session.get(Clause, self.known[record.key].contribution_id)
        successor = self.known.get(record.successor)
        with _at(record.retired_at):
            retire(
                clause,
                self.user,
                record.retired_reason,
                db.session.get(Clause, successor.contribution_id) if successor else None,
            )  # type: ignore[arg-type]

    def _relations(self, told: VersionRecord, own: int) -> dict[str, Any]:
        ids = {
            name: [self.known[key].contribution_id for key in keys if key in self.known]
            for name, keys in told.relations.items()
        }
        found: dict[str, Any] = {name: [id for id in ids[name] if id != own] for name in ("requires", "excludes")}
        return found | {"variant_of": next(iter(ids["variant_of"]), None)}

    def _remember(self, record: ClauseRecord, clause: Clause) -> None:
        item = ImportedItem(
            source=self.source,
            key=record.key,
            contribution_id=clause.id,
            digest=record.digest,
            revision=clause.current_number,
        )
        db.session.add(item)
        db.session.flush()
        self.known[record.key] = item

    def _who(self, email: str) -> Any:
        """The member with this address, else who runs the import."""
        if email and email not in self._people:
            id = db.session.scalar(select(Member.id).where(Member.email == email.lower(), Member.state == "active"))
            self._people[email] = identity_of(id) if id else self.user
        return self._people.get(email, self.user)


def exported(slug: str | None = None) -> list[dict[str, Any]]:
    """Every published clause with all its validated versions, in the documented form; the keys are stable."""
    query = select(Clause).where(Clause.published_at.is_not(None), Clause.removed_at.is_(None)).order_by(Clause.id)
    query = query.options(joinedload(Clause.community), joinedload(Clause.curator))
    if slug:
        query = query.join(Community, Community.id == Clause.community_id).where(Community.slug == slug)
    keys = {item.contribution_id: item.key for item in db.session.scalars(select(ImportedItem))}
    return [_clause(clause, keys) for clause in db.session.scalars(query)]


def _clause(clause: Clause, keys: dict[int, str]) -> dict[str, Any]:
    people = (joinedload(ClauseVersion.proposed_by), joinedload(ClauseVersion.validated_by))
    query = select(ClauseVersion).where(ClauseVersion.clause_id == clause.id, ClauseVersion.number.is_not(None))
    versions = db.session.scalars(query.options(*people).order_by(ClauseVersion.number))
    return {
        "key": _key(clause.id, keys),
        "community": clause.community.slug,
        "curator": clause.curator.email if clause.curator else "",
        "retired_at": clause.retired_at.isoformat() if clause.retired_at else None,
        "retired_reason": clause.retired_reason,
        "review_due": clause.review_due.isoformat() if clause.review_due else None,
        "checked": clause.checked,
        "successor": _key(clause.successor_id, keys) if clause.successor_id else "",
        "versions": [_exported_version(version, keys) for version in versions],
    }


def _exported_version(version: ClauseVersion, keys: dict[int, str]) -> dict[str, Any]:
    data = {name: version.data.get(name, [] if name in ROWS else "") for name in NAMES}
    for name in ("requires", "excludes"):
        data[name] = [_key(id, keys) for id in data[name]]
    data["variant_of"] = _key(data["variant_of"], keys) if data["variant_of"] else ""
    return data | {
        "number": version.number,
        "change_note": version.change_note,
        "proposed_by": version.proposed_by.email,
        "validated_by": version.validated_by.email if version.validated_by else "",
        "proposed_at": version.proposed_at.isoformat() if version.proposed_at else None,
        "validated_at": version.validated_at.isoformat() if version.validated_at else None,
        "trust_level": version.trust_level,
        "review_due": version.review_due.isoformat() if version.review_due else None,
    }


def _key(id: int, keys: dict[int, str]) -> str:
    return keys.get(id, f"clause-{id}")


def _texts(data: dict[str, Any]) -> dict[str, Any]:
    """What a version says, its relations apart: they are numbers here and keys in a file."""
    return {name: data.get(name) or None for name in NAMES if name not in RELATIONS}


def _at(instant: Any) -> Any:
    return at(instant) if instant else nullcontext()


def _before(instant: Any) -> Any:
    return instant - timedelta(minutes=1) if instant else None
