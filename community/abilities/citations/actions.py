"""Keep what a text cites, each time it is written."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from community.abilities.citations.models import Citation
from community.contributions.models import Contribution
from community.core import ports
from community.core.db import db
from community.core.text import CitationRef


@ports.provide("record_citations")
def record_citations(
    source_id: int, references: Iterable[CitationRef], comment_id: int | None = None, how: str = "cited"
) -> None:
    """Replace what this text cites. What points at nothing, or at itself, is left out."""
    wanted = {ref for ref in references if ref.id != source_id}
    old = delete(Citation).where(Citation.source_id == source_id, Citation.how == how)
    db.session.execute(old.where(Citation.comment_id == comment_id))
    if not wanted:
        return
    ids = {ref.id for ref in wanted if ref.id < 2**31}
    query = select(Contribution.id, Contribution.kind).where(Contribution.id.in_(ids))
    known = {(row.kind, row.id) for row in db.session.execute(query)}
    for ref in sorted(wanted, key=str):
        if (ref.kind, ref.id) in known:
            row = Citation(source_id=source_id, comment_id=comment_id, target_id=ref.id, version=ref.version, how=how)
            db.session.add(row)
    db.session.flush()
