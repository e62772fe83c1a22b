"""Use cases of experience sheets: begun as a draft, filled in little by little, published, edited."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from community.abilities.citations.actions import record_citations
from community.abilities.follows.actions import follow
from community.abilities.links.actions import add_link
from community.abilities.revisions.actions import record_revision
from community.abilities.tags.actions import set_codes, set_tags
from community.content.questions.models import Question
from community.content.sheets.checking import confirm, confirm_more, findings_of, left_to_answer
from community.content.sheets.fields import ROWS, clean_rows, missing
from community.content.sheets.models import Sheet
from community.contributions.actions import (
    add_once,
    counts,
    is_of_another,
    mark_edited,
    publish,
    touch,
    when_published,
    write_texts,
)
from community.core.audit import record
from community.core.clock import now
from community.core.db import db
from community.core.errors import Conflict, Invalid
from community.core.outbox import emit
from community.core.redaction import Unanswered
from community.core.text import CitationRef
from community.people.accounts.models import Member, Organisation
from community.people.communities.actions import join_by_posting
from community.people.communities.models import Community

LABELS = ("tags", "cpv", "dimensions")


def begin_sheet(user: Any, community: Community, title: str = "", *, once: str | None = None, **fields: Any) -> Sheet:
    """Open a draft that its author alone sees, with what is known of the author's own organisation."""
    sheet = Sheet(community=community, author_id=user.id, title=title[:200], state="draft", once=once or None)
    given = {name: value for name, value in fields.items() if value not in (None, "", [])}
    _fill(sheet, dict.fromkeys((*Sheet.texts, "summary", "body"), "") | _employer(user, given) | given)
    add_once(sheet)
    _write(sheet, fields)
    return sheet


def save_sheet(sheet: Sheet, user: Any, community: Community | None = None, **fields: Any) -> Sheet:
    """Keep a draft as it stands, however little it holds."""
    if sheet.published_at is not None:
        raise Conflict(_("Cette fiche est publiée : enregistrez-la comme une modification."))
    if community is not None:
        sheet.community = community
    _fill(sheet, fields)
    _write(sheet, fields)
    sheet.updated_at = now()
    return sheet


def publish_sheet(sheet: Sheet, user: Any) -> Sheet:
    """Put a draft out. Title, summary, context and lessons must be there; its author follows it."""
    if sheet.published_at is not None:
        return sheet
    lacking = missing(sheet)
    if lacking:
        raise Invalid(
            _("Pour publier, il manque encore : %(what)s.", what=", ".join(str(words) for words, _s in lacking))
        )
    left = left_to_answer(sheet)
    if left:
        raise Unanswered(left)
    join_by_posting(user, sheet.community)
    record_revision(sheet, user)
    publish(sheet, user)
    follow(sheet, user)
    return sheet


@when_published("sheet")
def _come_out(sheet: Sheet, user: Any) -> None:
    sheet.state = "published"
    _link_to_its_question(sheet, user)
    if sheet.contributors:
        emit("sheet.credited", sheet, actor=user, member_ids=[credit["member_id"] for credit in sheet.contributors])


def share_sheet(user: Any, community: Community, title: str, lessons: str, **fields: Any) -> Sheet:
    """Write and publish a sheet in one go (seeds, imports): whoever does it has seen what it says, and answers for it."""
    sheet = begin_sheet(user, community, title, lessons=lessons, **fields)
    confirm(sheet, user, {one.digest for one in findings_of(sheet)})
    return publish_sheet(sheet, user)


def edit_sheet(
    sheet: Sheet, user: Any, revision: int, note: str = "", confirmed: Collection[str] = (), **fields: Any
) -> Sheet:
    """Change a published sheet, keeping what it said. ``revision``: the one the editor started from, else Conflict.

    ``confirmed``: the findings of the redaction check that may be read; Unanswered when there are others.
    """
    if revision != sheet.revisions_count:
        raise Conflict(_("Quelqu’un a modifié cette fiche pendant que vous écriviez. Comparez avant d’enregistrer."))
    _fill(sheet, fields)
    lacking = missing(sheet)
    if lacking:
        raise Invalid(
            _("Une fiche publiée garde au moins : %(what)s.", what=", ".join(str(words) for words, _s in lacking))
        )
    confirm_more(sheet, user, confirmed)
    if left := left_to_answer(sheet):
        raise Unanswered(left)
    _write(sheet, fields)
    record_revision(sheet, user, note)
    mark_edited(sheet, user)
    if is_of_another(sheet.author_id, user):
        record(user, "content.edited", sheet)
    return sheet


def _fill(sheet: Sheet, fields: dict[str, Any]) -> None:
    """Give a sheet its columns; ``lessons`` is its body. Labels are written once the sheet has its id."""
    for name, value in fields.items():
        if name in ROWS:
            value = clean_rows(name, value)
        if name not in LABELS:
            setattr(sheet, "body" if name == "lessons" else name, value)


def _write(sheet: Sheet, fields: dict[str, Any]) -> None:
    """Render the texts and file the sheet under its tags and codes."""
    write_texts(sheet)
    if "clauses_used" in fields:
        used = [
            CitationRef("clause", row["clause_id"], row.get("version"))
            for row in sheet.clauses_used
            if row.get("clause_id")
        ]
        record_citations(sheet.id, used, how="used")
    if "tags" in fields:
        set_tags(sheet, fields["tags"])
    for name, scheme in (("cpv", "cpv"), ("dimensions", "dimension")):
        if name in fields:
            set_codes(sheet, scheme, fields[name])


def _employer(user: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The author's organisation, as the first words about who bought; nothing when the purchase is another buyer's."""
    query = (
        select(Organisation.name, Organisation.type, Organisation.territory, Organisation.population_band)
        .join(Member, Member.organisation_id == Organisation.id)
        .where(Member.id == user.id)
    )
    row = db.session.execute(query).one_or_none()
    if row is None or given.get("organisation_name", row.name) != row.name:
        return {}
    return {
        "organisation_name": row.name,
        "organisation_type": row.type,
        "territory": row.territory,
        "population_band": row.population_band,
    }


def _link_to_its_question(sheet: Sheet, user: Any) -> None:
    """A sheet drawn from a thread and its question point at each other, as a link that nobody has to confirm."""
    question = db.session.get(Question, sheet.from_question_id) if sheet.from_question_id else None
    if question is None or not question.is_published:
        return
    add_link(question, sheet, user, _("fiche tirée de ce fil"))
    touch(question)


@counts("sheet")
def _count_sheets(sheet: Sheet) -> None:
    """Keep the community's counter of sheets that are out."""
    community_id = sheet.community_id
    out = (Sheet.community_id == community_id, Sheet.removed_at.is_(None), Sheet.published_at.is_not(None))
    total = select(func.count()).select_from(Sheet).where(*out).scalar_subquery()
    counter = update(Community).where(Community.id == community_id).values(sheets_count=total)
    db.session.execute(counter.execution_options(synchronize_session=False))
