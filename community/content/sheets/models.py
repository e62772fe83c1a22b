"""Experience sheets: what a purchase taught, told by those who ran it; and the DECP contracts that prefill them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from community.abilities.comments.models import Commentable
from community.abilities.follows.models import Followable
from community.abilities.links.models import Linkable
from community.abilities.revisions.models import Revisable
from community.abilities.tags.models import Taggable
from community.abilities.votes.models import Votable
from community.contributions.models import Contribution
from community.core.clock import now
from community.core.db import Instant, JsonText, Model


class Sheet(Votable, Taggable, Commentable, Revisable, Followable, Linkable, Contribution):
    """An experience sheet (REX). ``body`` holds the lessons; the other texts are Markdown, their HTML is in ``html``.

    ``award_criteria`` is a list of {label, weight (%), method}; ``results`` of {indicator, value, unit, method};
    ``clauses_used`` of {name, clause_id, version, adapted}; ``contributors`` of {member_id, contribution_id}.
    A sheet without ``published_at`` is a draft: its author alone sees it.
    """

    __tablename__ = "sheet"
    endpoint = "sheets.show"
    label, plural, menu = _l("Fiche expérience"), _l("Fiches"), _l("Fiches expériences")
    linked_as = _l("Fiches expériences liées")
    words = ("fiche", "fiches", "rex", "experience")
    linked, close, reworded = 10, 2, True
    texts = ("context", "need", "difficulties", "sourcing_note", "dispute")

    id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)
    summary: Mapped[str] = mapped_column(String(500), default="")
    context: Mapped[str] = mapped_column(Text, default="")
    need: Mapped[str] = mapped_column(Text, default="")
    difficulties: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[dict[str, str]] = mapped_column(JsonText, default=dict)
    organisation_name: Mapped[str] = mapped_column(String(160), default="")
    organisation_type: Mapped[str | None] = mapped_column(String(30))
    population_band: Mapped[str | None] = mapped_column(String(40))
    contract_type: Mapped[str | None] = mapped_column(String(20))
    procedure: Mapped[str | None] = mapped_column(String(80))
    techniques: Mapped[list[str]] = mapped_column(JsonText, default=list)
    amount_band: Mapped[str | None] = mapped_column(String(30))
    duration_months: Mapped[int | None]
    lots: Mapped[int | None]
    bids_received: Mapped[int | None]
    notified_on: Mapped[date | None]
    decp_id: Mapped[str | None] = mapped_column(String(60), index=True)
    social_considerations: Mapped[list[str]] = mapped_column(JsonText, default=list)
    environmental_considerations: Mapped[list[str]] = mapped_column(JsonText, default=list)
    sourcing_done: Mapped[bool] = mapped_column(default=False)
    sourcing_note: Mapped[str] = mapped_column(Text, default="")
    clauses_used: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list)
    award_criteria: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list)
    results: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list)
    would_repeat: Mapped[str | None] = mapped_column(String(10))
    dispute: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    trust_level: Mapped[str] = mapped_column(String(20), default="testimony")
    review_due: Mapped[date | None]
    from_question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"), index=True)
    contributors: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list)
    #: what the author answered to the redaction check, by finding
    redaction: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict, server_default="{}")

    revised = (
        "summary", "context", "need", "difficulties", "organisation_name", "organisation_type", "population_band",
        "contract_type", "procedure", "techniques", "amount_band", "duration_months", "lots", "bids_received",
        "notified_on", "social_considerations", "environmental_considerations", "sourcing_done", "sourcing_note",
        "award_criteria", "results", "would_repeat", "dispute", "contact", "territory", "tags", "phase", "cpv",
        "dimensions",
    )  # fmt: skip
    __mapper_args__: ClassVar = {"polymorphic_identity": "sheet", "inherit_condition": id == Contribution.id}
    __table_args__ = (Index("ix_sheet_facets", "contract_type", "procedure", "organisation_type"),)


class DecpContract(Model):
    """A real contract of the open data (DECP), to prefill sheets. ``uid`` makes a second import change nothing."""

    __tablename__ = "decp_contract"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(1000))
    buyer: Mapped[str] = mapped_column(String(200), default="")
    buyer_siret: Mapped[str] = mapped_column(String(14), default="")
    cpv: Mapped[str | None] = mapped_column(String(8))
    procedure: Mapped[str | None] = mapped_column(String(80))
    amount: Mapped[float | None]
    duration_months: Mapped[int | None]
    notified_on: Mapped[date | None]
    record: Mapped[dict[str, Any]] = mapped_column(JsonText)
    #: title, buyer and codes without accents or capitals: what the search box looks into
    words: Mapped[str] = mapped_column(Text, default="")
    imported_at: Mapped[datetime] = mapped_column(Instant, default=now)
