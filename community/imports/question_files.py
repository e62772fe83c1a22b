"""The files that questions are imported from: our own form (docs/imports.md), and two published collections.

Every adapter gives the same records; what cannot be used raises BadQuestion with the reason in French.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from community.abilities.tags.actions import parse_tags
from community.content.questions.forms import parse_cpv
from community.core.slugs import slugify
from community.core.text import clean_text
from community.core.vocab import PHASES

LONGEST_TITLE = 200
LONGEST_TEXT = 30_000
_HOUSE_LINK = re.compile(r"\[([^\[\]]*)\]\(service-public:[^()\s]*\)")


class BadQuestion(ValueError):
    """A record that is not imported; its text is the reason."""


@dataclass(frozen=True)
class Writer:
    """Who wrote it: an account with this verified address if there is one, else the source's own account."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class AnswerRecord:
    key: str
    body: str
    writer: Writer = field(default_factory=Writer)
    accepted: bool = False

    @property
    def digest(self) -> str:
        return _digest(self)


@dataclass(frozen=True)
class QuestionRecord:
    key: str
    title: str
    body: str
    community: str = ""
    tags: list[str] = field(default_factory=list)
    phase: str | None = None
    cpv: list[str] = field(default_factory=list)
    asked_on: datetime | None = None
    writer: Writer = field(default_factory=Writer)
    answers: tuple[AnswerRecord, ...] = ()

    @property
    def digest(self) -> str:
        """Of the question alone: its answers have their own."""
        return _digest(self, without="answers")


def records_of(document: Any) -> Iterator[Any]:
    """The raw records of a file, whatever its form."""
    found = document.get("questions") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise BadQuestion(_("on attend une liste de questions, ou un objet dont « questions » est la liste."))
    yield from found


def read_question(record: Any) -> QuestionRecord:
    """One record of any of the three forms, told apart by its field names."""
    if not isinstance(record, dict):
        raise BadQuestion(_("ce n’est pas un objet JSON."))
    if "reponse_markdown" in record:
        return _from_faq(record)
    if "texte_markdown" in record:
        return _from_service_public(record)
    return _from_our_form(record)


def _from_our_form(record: dict[str, Any]) -> QuestionRecord:
    answers = record.get("answers") or []
    if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
        raise BadQuestion(_("« answers » doit être une liste d’objets."))
    title = _title(record.get("title"))
    read = tuple(_our_answer(answer, rank) for rank, answer in enumerate(answers, 1))
    if sum(answer.accepted for answer in read) > 1:
        raise BadQuestion(_("une seule réponse peut être « accepted »."))
    phase = _text(record.get("phase")) or None
    if phase is not None and phase not in PHASES:
        raise BadQuestion(_("la phase « %(phase)s » n’existe pas.", phase=phase[:40]))
    return QuestionRecord(
        key=_key(record.get("key"), title),
        title=title,
        body=_body(record.get("body"), _("le texte de la question")),
        community=_text(record.get("community")),
        tags=parse_tags(", ".join(_list(record.get("tags")))),
        phase=phase,
        cpv=parse_cpv(" ".join(_list(record.get("cpv")))),
        asked_on=_day(record.get("asked_on")),
        writer=_writer(record.get("author")),
        answers=read,
    )


def _our_answer(answer: dict[str, Any], rank: int) -> AnswerRecord:
    body = _body(answer.get("body"), _("le texte de la réponse %(rank)d", rank=rank))
    return AnswerRecord(
        _text(answer.get("key")) or str(rank), body, _writer(answer.get("author")), answer.get("accepted") is True
    )


def _from_faq(record: dict[str, Any]) -> QuestionRecord:
    """A collection of questions and answers: public, question, reponse_markdown."""
    title = _title(record.get("question"))
    public = _text(record.get("public"))
    body = _("Question fréquente reprise d’une foire aux questions publiée.")
    if public:
        body = _(
            "Question fréquente du public « %(public)s », reprise d’une foire aux questions publiée.", public=public
        )
    answer = _body(record.get("reponse_markdown"), _("la réponse"))
    key = _key(None, f"{public} {title}")
    return QuestionRecord(key, title, body, answers=(AnswerRecord("1", _tables_joined(answer), accepted=True),))


def _from_service_public(record: dict[str, Any]) -> QuestionRecord:
    """A sheet of service-public: id, titre, resume, texte_markdown, references, url, modifie_le."""
    text = _HOUSE_LINK.sub(r"\1", _body(record.get("texte_markdown"), _("le texte")))
    summary = _text(record.get("resume"))
    if summary and summary[-1] not in ".!?…":
        summary += "…"
    changed = _day(record.get("modifie_le"))
    body = "\n\n".join(part for part in (summary, _origin(_text(record.get("url")), changed)) if part)
    answer = (text + _references(record.get("references")))[:LONGEST_TEXT]
    title = _title(record.get("titre"))
    accepted = AnswerRecord("1", answer, accepted=True)
    return QuestionRecord(_key(record.get("id"), title), title, body or title, asked_on=changed, answers=(accepted,))


def _origin(url: str, changed: datetime | None) -> str:
    if not url.startswith("https://"):
        return ""
    when = _(", dans sa version du %(day)s", day=changed.strftime("%d/%m/%Y")) if changed else ""
    return _(
        "Source : %(url)s%(when)s. Vérifiez les seuils et les délais avant de vous en servir.",
        url=f"<{url}>",
        when=when,
    )


def _references(references: Any) -> str:
    lines = [
        f"- [{_text(reference.get('titre')).replace('[', '(').replace(']', ')')}]({_text(reference.get('url'))})"
        for reference in (references if isinstance(references, list) else [])[:40]
        if isinstance(reference, dict)
        and _text(reference.get("url")).startswith("https://")
        and _text(reference.get("titre"))
    ]
    return "\n\n**" + _("Textes de référence") + "**\n\n" + "\n".join(lines) if lines else ""


def _tables_joined(text: str) -> str:
    """Tables converted row by row have a blank line between rows and no rule under their head: make tables of them."""
    blocks, rows = [], []
    for block in [*text.split("\n\n"), ""]:
        if block.startswith("|") and block.endswith("|") and "\n" not in block:
            rows.append(block)
            continue
        if rows:
            rule = "|" + " --- |" * (rows[0].count("|") - 1)
            blocks.append("\n".join([rows[0], rule, *rows[1:]]))
            rows = []
        blocks.append(block)
    return "\n\n".join(blocks).strip()


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list | bool) else " ".join(clean_text(str(value)).split())


def _list(value: Any) -> list[str]:
    return [_text(part) for part in value[:20]] if isinstance(value, list) else [_text(value)]


def _title(value: Any) -> str:
    title = _text(value)
    if not title:
        raise BadQuestion(_("le titre manque."))
    if len(title) > LONGEST_TITLE:
        raise BadQuestion(_("le titre dépasse %(most)d caractères.", most=LONGEST_TITLE))
    return title


def _body(value: Any, what: str) -> str:
    if value is not None and not isinstance(value, str):
        raise BadQuestion(_("%(what)s n’est pas un texte.", what=what))
    body = clean_text(value or "").strip()
    if not body:
        raise BadQuestion(_("%(what)s manque.", what=what))
    if len(body) > LONGEST_TEXT:
        raise BadQuestion(_("%(what)s dépasse %(most)d caractères.", what=what, most=LONGEST_TEXT))
    return body


def _key(value: Any, fallback: str) -> str:
    """The record's own key; without one, its words say which it is."""
    return (_text(value) or slugify(fallback) + "-" + hashlib.sha256(fallback.encode()).hexdigest()[:8])[:100]


def _writer(value: Any) -> Writer:
    if not isinstance(value, dict):
        return Writer(_text(value)[:80])
    return Writer(_text(value.get("name"))[:80], _text(value.get("email")).lower()[:254])


def _day(value: Any) -> datetime | None:
    text = _text(value)
    if not text:
        return None
    try:
        day = datetime.fromisoformat(text[:10]).replace(hour=9, tzinfo=UTC)
    except ValueError:
        raise BadQuestion(_("la date « %(day)s » est illisible.", day=text[:40])) from None
    if not 1990 <= day.year <= 2100:
        raise BadQuestion(_("la date « %(day)s » est hors de toute vraisemblance.", day=text[:40]))
    return day


def _digest(record: Any, without: str = "") -> str:
    values = {name: value for name, value in asdict(record).items() if name != without}
    return hashlib.sha256(json.dumps(values, default=str, sort_keys=True).encode()).hexdigest()
