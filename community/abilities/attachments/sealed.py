"""Files under a text signed by a pseudonym: nobody else gets one that says who wrote it.

The worker puts a copy without traces in its place (reading.sealing); what cannot be cleaned stays closed to others.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, select

from community.abilities.attachments.models import Attachment
from community.abilities.comments.models import Comment
from community.contributions.models import Contribution
from community.core.db import db

#: traces that name nobody (a clean copy keeps what is hidden)
NAMELESS = {"hidden_sheets", "hidden_rows", "hidden_columns", "hidden_slides", "hidden_text", "speaker_notes"}
NAMELESS |= {"revisions", "time_spent"}

_post = select(Contribution.author_id).where(Contribution.id == Attachment.contribution_id)
_comment = select(Comment.author_id).where(Comment.id == Attachment.comment_id)
_signed = case(
    (Attachment.comment_id.is_(None), _post.correlate(Attachment).scalar_subquery()),
    else_=_comment.correlate(Attachment).scalar_subquery(),
)
#: whether the text that names a file is signed by a pseudonym (their ids are negative)
SEALED = case((_signed < 0, True), else_=False)


def names_somebody(blob: Any) -> bool:
    """Whether a content (blob or row) may say who wrote it: a trace that was found, or a format that was not searched."""
    if blob.media_type.startswith(("image/", "text/")):
        return False
    traces = (blob.facts or {}).get("traces")
    if traces is None or blob.state_reason in ("unreadable", "too_heavy"):
        return True
    return bool(naming(traces))


def naming(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [trace for trace in traces if trace["kind"] not in NAMELESS]


def is_sealed(attachment: Attachment) -> bool:
    """Whether others must not get this file as it is (it comes with its blob)."""
    if not names_somebody(attachment.blob):
        return False
    return bool(db.session.scalar(select(SEALED).select_from(Attachment).where(Attachment.id == attachment.id)))
