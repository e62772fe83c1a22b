"""Links computed by the index: from each question to the sheets and questions that bear on it, with the reason why."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import select

from community.abilities.links.actions import Proposal, replace_suggestions
from community.abilities.tags.queries import labels_of
from community.contributions.models import PAGES, Contribution
from community.core import vocab
from community.core.db import db, reading
from community.core.text import plain_text
from community.permissions import is_out
from community.services.search.index import reader
from search_index.backend import SearchUnavailable
from search_index.entry import Related

EVERYTHING = frozenset({"administrator"})
#: how many questions a new page of another kind may concern
CONCERNED = 40


def link_pages(ids: Iterable[int]) -> None:
    """Recompute the links of these questions; of the questions that another page may concern, those to its kind only."""
    with reading():
        query = select(Contribution).where(Contribution.id.in_(list(ids)), is_out())
        pages = list(db.session.scalars(query))
        kinds: dict[int, set[str]] = {page.id: set(_linked()) for page in pages if page.kind == "question"}
        for page in pages:
            if page.linked and page.kind != "question":
                for id in _concerned_by(page):
                    kinds.setdefault(id, set()).add(page.kind)
        questions = db.session.scalars(select(Contribution).where(Contribution.id.in_(kinds), is_out()))
        proposals = {question.id: _proposals(question, kinds[question.id]) for question in questions}
        db.session.rollback()
    for id, found in proposals.items():
        if found is not None:
            replace_suggestions(id, found, kinds[id])


def _linked() -> list[str]:
    """The kinds that a question is linked to."""
    return [kind for kind, model in PAGES.items() if model.linked]


def propose(question_id: int, kind: str) -> list[Proposal]:
    """What the index alone would propose of one kind beside a question, best first (nothing is stored)."""
    question = db.session.get(Contribution, question_id)
    found = _related(question, (kind,), PAGES[kind].linked) if question is not None else None
    return [Proposal(hit.ref, hit.score, hit.reasons) for hit in found or ()]


def _concerned_by(page: Contribution) -> set[int]:
    """The questions close to a page: those whose own links it may enter."""
    found = _related(page, ("question",), CONCERNED)
    return {hit.ref for hit in found or ()}


def _proposals(question: Contribution, kinds: Collection[str]) -> list[Proposal] | None:
    """What the index proposes for a question; None when the index cannot answer (the links stay as they are)."""
    proposals: list[Proposal] = []
    for kind in kinds:
        found = _related(question, (kind,), PAGES[kind].linked)
        if found is None:
            return None
        proposals += [Proposal(hit.ref, hit.score, hit.reasons) for hit in found]
    return proposals


def _related(page: Contribution, kinds: tuple[str, ...], limit: int) -> list[Related] | None:
    """What is close to a page, its reasons in people's words; None when the index cannot answer."""
    labels = labels_of([page.id])[page.id]
    facets = {
        "tag": [slug for slug, _label in labels.tags],
        "cpv": labels.cpv,
        "phase": [page.phase] if page.phase else [],
    }
    try:
        found = reader().related(
            page.title,
            plain_text(page.body_html),
            facets={name: values for name, values in facets.items() if values},
            kinds=kinds,
            readers=EVERYTHING,
            exclude=(f"{page.kind}:{page.id}",),
            limit=limit,
        )
    except SearchUnavailable:
        return None
    words = dict(labels.tags) | {code: f"CPV {code}" for code in labels.cpv}
    words |= {page.phase: vocab.label("phase", page.phase)} if page.phase else {}
    return [replace(hit, reasons=tuple(words.get(reason, reason) for reason in hit.reasons)) for hit in found]
