"""The copy that a member receives: one ZIP with everything as JSON, every text as Markdown, and the files."""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from community.abilities.attachments.models import Attachment, Blob
from community.core import vocab
from community.core.clock import now
from community.core.db import db
from community.core.slugs import slugify
from community.core.storage import MissingFile, blob_key, storage
from community.services.personal_data import gathering


def write_archive(member_id: int, target: Path) -> Iterator[int]:
    """Write the ZIP at ``target``, part by part; gives after each part how far it is, in hundredths. It only reads."""
    ids = gathering.own_ids(member_id)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        account = gathering.account(member_id)
        archive.writestr("lisez-moi.md", _read_me(account))
        yield 5
        archive.writestr("donnees.json", _json(_everything(member_id, account, ids)))
        yield 40
        for name, text in _texts(ids, gathering.reader(member_id)):
            archive.writestr(name, text)
        yield 60
        for name, key in list(_files(ids)):
            _copy(archive, f"fichiers/{name}", key)
            yield 80


def _everything(member_id: int, account: dict[str, Any], ids: list[int]) -> dict[str, Any]:
    sections: dict[str, dict[str, Any]] = defaultdict(dict)
    for section, table, rows in gathering.tables(member_id):
        if table != "contribution":
            sections[section].setdefault(table, []).extend(rows)
    sections[_("Contributions")]["contribution"] = list(gathering.contributions(ids, gathering.reader(member_id)))
    return {
        _("Compte"): account,
        **sections,
        _("Courriels et invitations"): gathering.written_to(account["email"]),
        _("Copie faite le"): gathering.plain(now()),
    }


def _texts(ids: list[int], user: Any) -> Iterator[tuple[str, str]]:
    """One Markdown file a contribution, and one for all the comments."""
    items = list(gathering.contributions(ids, user))
    titles = gathering.threads({item["thread_id"] for item in items if item["thread_id"]}, user)
    for item in items:
        title = item["title"] or titles.get(item["thread_id"], "")
        name = f"textes/{item['kind']}-{item['id']}-{slugify(title)[:60] or 'sans-titre'}.md"
        yield name, _markdown(item, title)
    comments = _comments(ids, user)
    if comments:
        yield "textes/commentaires.md", comments


def _markdown(item: dict[str, Any], title: str) -> str:
    kind = vocab.label("kind", item["kind"])
    facts = [str(kind), item["community_name"], item["published_at"] or _("non publié")]
    if item["removed_at"]:
        facts.append(_("retiré le %(day)s", day=item["removed_at"]))
    parts = [f"# {title}", " · ".join(facts), item["body"]]
    parts += [f"## {name}\n\n{value}" for name, value in item.items() if _is_prose(name, value)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _is_prose(name: str, value: Any) -> bool:
    """A kind's other texts: summary, context, contact… Codes and titles are in the JSON."""
    return isinstance(value, str) and len(value) > 20 and name not in ("body", "title") and not name.endswith("_at")


def _comments(ids: list[int], user: Any) -> str:
    from community.abilities.comments.models import Comment

    query = select(Comment.contribution_id, Comment.body, Comment.created_at).where(Comment.author_id.in_(ids))
    rows = db.session.execute(query.order_by(Comment.id)).all()
    titles = gathering.threads({row.contribution_id for row in rows}, user)
    return "\n\n".join(
        f"## {titles.get(row.contribution_id) or row.contribution_id}\n\n{gathering.plain(row.created_at)}\n\n{row.body}"
        for row in rows
    )


def _files(ids: list[int]) -> Iterator[tuple[str, str]]:
    query = (
        select(Attachment)
        .join(Blob, Blob.sha256 == Attachment.sha256)
        .where(Attachment.uploaded_by_id.in_(ids), Blob.state.in_(("waiting", "ready", "download_only")))
        .order_by(Attachment.id)
    )
    for attachment in db.session.scalars(query):
        yield f"{attachment.id}-{attachment.name}", blob_key(attachment.sha256)


def _copy(archive: zipfile.ZipFile, name: str, key: str) -> None:
    """A file that storage no longer has is skipped: the rest of the copy is still due."""
    try:
        with archive.open(name, "w", force_zip64=True) as out:
            for piece in storage().open(key):
                out.write(piece)
    except (MissingFile, OSError):
        return


def _read_me(account: dict[str, Any]) -> str:
    return _(
        "# Copie de vos données\n\n"
        "Préparée pour %(name)s.\n\n"
        "- `donnees.json` : tout ce que la plateforme conserve sur vous, par rubrique ;\n"
        "- `textes/` : ce que vous avez écrit, un fichier par contribution, brouillons et textes retirés compris ;\n"
        "- `fichiers/` : les fichiers que vous avez déposés.\n\n"
        "Les mots de passe et les clés n’y sont pas : la plateforme n’en garde que des empreintes.",
        name=account["display_name"],
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
