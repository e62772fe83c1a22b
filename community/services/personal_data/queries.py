"""Reads for the administrators' page: requests under way, what is left to look at, what the nights forgot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.models import Member
from community.services.personal_data.models import DataExport, ErasureMention, ErasureRequest, RetentionRun

MOST = 50


def erasures() -> Sequence[Any]:
    """The latest requests: rows of id, state, own_texts, asked_at, due_at, ended_at, steps, member_id, name."""
    columns = (
        ErasureRequest.id, ErasureRequest.state, ErasureRequest.own_texts, ErasureRequest.asked_at, ErasureRequest.due_at,
        ErasureRequest.ended_at, ErasureRequest.steps, ErasureRequest.member_id, ErasureRequest.asked_by_id,
        Member.display_name.label("name"),
    )  # fmt: skip
    query = select(*columns).join(Member, Member.id == ErasureRequest.member_id).order_by(ErasureRequest.id.desc())
    return db.session.execute(query.limit(MOST)).all()


def exports() -> Sequence[Any]:
    """The latest copies: never their content, only that there was one."""
    columns = (
        DataExport.id,
        DataExport.state,
        DataExport.asked_at,
        DataExport.asked_by_id,
        Member.display_name.label("name"),
    )
    query = select(*columns).join(Member, Member.id == DataExport.member_id).order_by(DataExport.id.desc())
    return db.session.execute(query.limit(MOST)).all()


def mentions() -> Sequence[Any]:
    """Texts that still name somebody who left, not looked at yet: rows that url_for_item() understands."""
    thread = Contribution.__table__.alias("thread")
    columns = (
        ErasureMention.id.label("mention_id"),
        ErasureMention.comment_id,
        Contribution.id,
        Contribution.kind,
        Contribution.title,
        Contribution.thread_id,
        thread.c.title.label("thread_title"),
    )
    query = (
        select(*columns)
        .join(Contribution, Contribution.id == ErasureMention.contribution_id)
        .outerjoin(thread, thread.c.id == Contribution.thread_id)
        .where(ErasureMention.seen_at.is_(None))
        .order_by(ErasureMention.id)
    )
    return db.session.execute(query.limit(MOST)).all()


def runs() -> Sequence[RetentionRun]:
    return db.session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(14)).all()


def find_by_email(email: str) -> Member | None:
    """An account that is still somebody's, by its address."""
    known = (Member.email == email, Member.state.not_in(("erased", "pseudonym")))
    return db.session.scalars(select(Member).where(*known)).one_or_none()
