"""Builders: a test says what matters to it, the rest is sensible. Everything goes through the product's own actions.

``make.member("Claire", communities={"cantines": "expert"})`` → id. ``make.question(author, community="cantines")`` → id.
Every builder commits, so that HTTP clients see what was made; they return ids, never live rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy.orm import joinedload

from community.core.clock import now
from community.core.db import db

PASSWORD = "correct-cheval-pile-agrafe"
#: argon2id of PASSWORD with the cheapest parameters: hashing it again for every member would take the suite minutes.
_HASH: list[str] = []


class Builders:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.numbers = itertools.count(1)
        self.story = ""  # what is in the database already: see told.py

    # --- people ---

    def community(self, slug: str = "cantines", access: str = "open", visibility: str = "public", **more: Any) -> int:
        from community.people.communities.models import Community

        def build() -> Any:
            name = more.pop("name", slug.replace("-", " ").capitalize())
            return Community(slug=slug, name=name, kind="thematic", access=access, visibility=visibility, **more)

        return self._add(build)

    def member(self, name: str | None = None, communities: dict[str, str] | None = None, **more: Any) -> int:
        """An active member, with an organisation, placed in these communities (slug: role; created if missing)."""
        from community.people.accounts.models import Member, Organisation
        from community.people.communities.models import Community, Membership

        number = next(self.numbers)
        expertise = more.pop("expertise", [])

        def build() -> Any:
            organisation = Organisation(name=f"Ville {number}", type="commune", territory="83")
            member = Member(
                display_name=name or f"Membre {number}",
                email=more.pop("email", f"membre{number}@ville{number}.example"),
                password_hash=_hash(),
                organisation=organisation,
                state=more.pop("state", "active"),
                email_verified_at=now(),
                **more,
            )
            db.session.add(member)
            db.session.flush()
            for slug, role in (communities or {}).items():
                community = db.session.query(Community).filter_by(slug=slug).one_or_none()
                if community is None:
                    community = Community(slug=slug, name=slug.capitalize(), kind="thematic")
                    db.session.add(community)
                    db.session.flush()
                db.session.add(Membership(community_id=community.id, member_id=member.id, role=role))
            _add_expertise(member, expertise)
            return member

        return self._add(build)

    # --- content ---

    def question(self, author: int, community: str = "cantines", title: str | None = None, **more: Any) -> int:
        from community.content.questions.actions import ask_question

        number = next(self.numbers)
        title = title or f"Comment rédiger le marché numéro {number} ?"
        body = more.pop("body", "Nous préparons ce marché et cherchons des retours précis de collègues.")
        return self._do(lambda: ask_question(self._user(author), self._community(community), title, body, **more))

    def answer(self, question: int, author: int, body: str = "Chez nous, l’allotissement a bien fonctionné.") -> int:
        from community.content.questions.actions import answer_question
        from community.content.questions.models import Question

        return self._do(lambda: answer_question(self._get(Question, question, author), self._user(author), body))

    def proposal(self, author: int, community: str = "cantines", **more: Any) -> int:
        """A new clause, proposed and waiting; gives the id of its version (``submit=False``: a draft)."""
        from community.content.clauses.actions import propose_clause

        options = {name: more.pop(name) for name in ("note", "submit", "once") if name in more}
        data = clause_data(next(self.numbers)) | more
        return self._do(lambda: propose_clause(self._user(author), self._community(community), data, **options))

    def change(self, clause: int, author: int, note: str = "Délai précisé.", **more: Any) -> int:
        """A change proposed against the current version; gives the id of its version."""
        from community.content.clauses.actions import current_version, propose_change
        from community.content.clauses.models import Clause

        def build() -> Any:
            item, current = self._get(Clause, clause, author), current_version(clause)
            assert current is not None
            base = more.pop("base_number", current.number)
            return propose_change(item, self._user(author), base, {**current.data, **more}, note)

        return self._do(build)

    def validated(self, version: int, moderator: int, **more: Any) -> int:
        """Validate a proposal; gives the clause's id."""
        from community.content.clauses.queries import proposal
        from community.content.clauses.reviewing import validate

        user = self._user
        return self._do(lambda: validate(proposal(version, user(moderator)), user(moderator), **more).clause)

    def clause(self, author: int, moderator: int, community: str = "cantines", **more: Any) -> int:
        """A clause in force, proposed by one and validated by the other."""
        return self.validated(self.proposal(author, community, **more), moderator)

    def comment(self, contribution: int, author: int, body: str = "Merci, c’est clair.") -> int:
        from community.abilities.comments.actions import comment_on
        from community.contributions.models import Contribution

        return self._do(lambda: comment_on(self._get(Contribution, contribution, author), self._user(author), body))

    def sheet(self, author: int, community: str = "cantines", title: str | None = None, **more: Any) -> int:
        """A published experience sheet; ``published=False`` leaves it a draft."""
        from community.content.sheets.actions import begin_sheet, publish_sheet

        number = next(self.numbers)
        fields = {
            "summary": "Trois lots de plus, deux producteurs nouveaux, et un coût maîtrisé.",
            "context": "Une cuisine centrale de 2 000 repas par jour.",
            "lessons": "Fixer la taille des lots après le sourçage.",
        } | more
        published = fields.pop("published", True)

        def build() -> Any:
            user = self._user(author)
            sheet = begin_sheet(user, self._community(community), title or f"Le marché numéro {number}", **fields)
            return publish_sheet(sheet, user) if published else sheet

        return self._do(build)

    def file(
        self, author: int, name: str = "guide.txt", content: bytes | str = "Un guide.\n", read: list[str] | None = None
    ) -> int:
        """A file that its member has sent and that nothing names yet.

        ``read``: what its examination will have found, page by page; without it the worker examines it for real (drain()).
        """
        from io import BytesIO

        from community.abilities.attachments.actions import attach
        from community.abilities.attachments.receiving import received

        sent = content.encode() if isinstance(content, str) else content

        def build() -> Any:
            with received(BytesIO(sent), 100_000_000) as file:
                attachment = attach(self._user(author), name, file, 1_000_000_000)
            if read is not None:
                _keep_reading(attachment.sha256, read)
            return attachment

        return self._do(build)

    def document(self, author: int, community: str = "cantines", title: str | None = None, **more: Any) -> int:
        """A document: an address (``url=…``, the default) or a file (``file=``the id that make.file() gives).

        Publication is asked (``published=False`` leaves a draft); a file is read first: that is for drain().
        """
        from community.abilities.attachments.queries import get_attachment
        from community.content.documents.actions import ask_publication, begin_document

        number = next(self.numbers)
        published, file = more.pop("published", True), more.pop("file", None)
        fields: dict[str, Any] = {"nature": "guide", "issuer": "Ville de Clairbois"} | more
        if file is None:
            fields.setdefault("url", f"https://guides.example/{number}")

        def build() -> Any:
            user = self._user(author)
            attachment = get_attachment(file, user) if file is not None else None
            title_ = title or f"Guide numéro {number}"
            document = begin_document(user, self._community(community), title_, attachment=attachment, **fields)
            if published:
                ask_publication(document, user)
            return document

        return self._do(build)

    def version(self, document: int, author: int, file: int, note: str = "Seuils mis à jour.") -> int:
        """Another file for a document, its publication asked; gives the id of the version."""
        from community.abilities.attachments.queries import get_attachment
        from community.content.documents.actions import ask_publication
        from community.content.documents.models import Document
        from community.content.documents.versions import put_file

        def build() -> Any:
            item, user = self._get(Document, document, author), self._user(author)
            version = put_file(item, user, get_attachment(file, user), note)
            ask_publication(item, user)
            return version

        return self._do(build)

    # --- inner ---

    def _get(self, model: Any, id: int, user: int) -> Any:
        from community.permissions import get_visible

        extra = [joinedload(model.question)] if hasattr(model, "question") else []
        return get_visible(model, id, self._user(user), *extra)

    def _user(self, id: int) -> Any:
        from community.people.accounts.identity import identity_of

        user = identity_of(id)
        assert user is not None, f"member {id} is not active"
        return user

    def _community(self, slug: str) -> Any:
        from community.people.communities.models import Community

        return db.session.query(Community).filter_by(slug=slug).one()

    def _do(self, action: Callable[[], Any]) -> int:
        """Run an action as a request would, commit, give the id."""
        with self.app.test_request_context("/", method="POST"):
            item = action()
            id = item.id
            db.session.commit()
            db.session.remove()
        return id

    def _add(self, build: Callable[[], Any]) -> int:
        def action() -> Any:
            row = build()
            db.session.add(row)
            db.session.flush()
            return row

        return self._do(action)


def clause_data(number: int = 1) -> dict[str, Any]:
    """The fields of a proposal that may be validated as it is."""
    return {
        "title": f"Clause de livraison numéro {number}",
        "text": "Les légumes sont livrés sous {{delai_heures}} heures au quai de {{lieu}}.",
        "purpose": "Obtenir des légumes frais.",
        "kind_of_clause": "technical_specification",
        "target_document": "CCTP",
        "ambition": "good_practice",
        "contract_types": ["supplies"],
        "cpv": ["15300000"],
        "dimensions": ["environment"],
        "tags": ["denrées"],
        "verification": [{"means": "bordereau de suivi", "moment": "À chaque livraison", "who": "Réception"}],
        "legal_basis": [{"article": "R. 2111-10", "checked_on": "2026-10-05"}],
    }


def _keep_reading(sha256: str, pages: list[str]) -> None:
    """What the worker keeps of a file that it has read, without the seconds that reading takes."""
    import json
    import tempfile
    from pathlib import Path

    from community.abilities.reading.examine import EXAMINER, Outcome
    from community.abilities.reading.keeping import keep_outcome

    facts = {"examiner": EXAMINER, "pages": len(pages), "unit": "page", "previews": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.jsonl"
        lines = [json.dumps({"label": f"Page {number}", "text": text}) for number, text in enumerate(pages, start=1)]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        keep_outcome(sha256, Outcome(facts=facts, text_state="done" if pages else "none", pages=path))


def _add_expertise(member: Any, labels: list[str]) -> None:
    from community.core.slugs import slugify
    from community.people.accounts.models import Expertise

    for label in labels:
        db.session.add(Expertise(member_id=member.id, label=label, slug=slugify(label)))


def _hash() -> str:
    if not _HASH:
        from argon2 import PasswordHasher

        _HASH.append(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))
    return _HASH[0]
