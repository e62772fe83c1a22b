"""Where members are named: every column of every table that points at a member, and what becomes of it.

A table made tomorrow must say here what its rows are to a member, or tests/services/personal_data/test_catalogue.py fails:
a right to one's data that forgets a table is no right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Column, Table

from community.core.db import db

#: what erasure does to a row: it stays, under « Membre parti »; it goes; it forgets who
KEEP, DELETE, FORGET = "keep", "delete", "forget"


@dataclass(frozen=True)
class Use:
    """What a column that names a member is to that member: the title in the export ("" when it is not theirs to read)."""

    title: Any
    erasure: str


CONTRIBUTIONS = _l("Contributions")
ACCOUNT = _l("Compte et sécurité")
ACTIVITY = _l("Activité")
PLACES = _l("Communautés")
TRUST = _l("Modération")
LIBRARY = _l("Clausier")
#: acts of a moderator or an administrator: about somebody or something else, hence not in their own export
OFFICE = Use("", KEEP)

USES: dict[tuple[str, str], Use] = {
    # the account
    ("application", "member_id"): Use(ACCOUNT, DELETE),
    ("application", "decided_by_id"): OFFICE,
    ("consent", "member_id"): Use(ACCOUNT, DELETE),
    ("data_export", "member_id"): Use(ACCOUNT, DELETE),
    ("data_export", "asked_by_id"): OFFICE,
    ("erasure_request", "member_id"): Use(ACCOUNT, KEEP),
    ("erasure_request", "asked_by_id"): OFFICE,
    ("expertise", "member_id"): Use(ACCOUNT, DELETE),
    ("expertise", "endorsed_by_id"): Use("", FORGET),
    ("external_identity", "member_id"): Use(ACCOUNT, DELETE),
    ("legal_text", "published_by_id"): OFFICE,
    ("mail_token", "member_id"): Use(ACCOUNT, DELETE),
    ("organisation_merge", "by_id"): OFFICE,
    ("platform_invitation", "invited_by_id"): OFFICE,
    ("presence", "member_id"): Use(ACCOUNT, DELETE),
    ("pseudonym", "member_id"): Use("", DELETE),
    ("pseudonym", "owner_id"): Use(ACCOUNT, DELETE),
    ("recovery_code", "member_id"): Use(ACCOUNT, DELETE),
    ("second_factor", "member_id"): Use(ACCOUNT, DELETE),
    ("sign_in", "member_id"): Use(ACCOUNT, DELETE),
    # what was written
    ("answer", "certified_by_id"): OFFICE,
    ("attachment", "uploaded_by_id"): Use(CONTRIBUTIONS, KEEP),
    ("comment", "author_id"): Use(CONTRIBUTIONS, KEEP),
    ("comment", "removed_by_id"): OFFICE,
    ("contribution", "author_id"): Use(CONTRIBUTIONS, KEEP),
    ("contribution", "removed_by_id"): OFFICE,
    ("document_version", "uploaded_by_id"): Use(CONTRIBUTIONS, KEEP),
    ("draft", "member_id"): Use(CONTRIBUTIONS, DELETE),
    ("question", "closed_by_id"): OFFICE,
    ("revision", "editor_id"): Use(CONTRIBUTIONS, KEEP),
    # the clause library
    ("article_change", "declared_by_id"): Use(LIBRARY, KEEP),
    ("article_check", "done_by_id"): Use(LIBRARY, KEEP),
    ("basket", "owner_id"): Use(LIBRARY, DELETE),
    ("clause", "curator_id"): Use("", FORGET),
    ("clause_export", "member_id"): Use(LIBRARY, DELETE),
    ("clause_remark", "author_id"): Use(LIBRARY, KEEP),
    ("clause_step", "member_id"): Use(LIBRARY, KEEP),
    ("clause_use", "member_id"): Use(LIBRARY, KEEP),
    ("clause_version", "proposed_by_id"): Use(LIBRARY, KEEP),
    ("clause_version", "reviewer_id"): OFFICE,
    ("clause_version", "validated_by_id"): OFFICE,
    # what was done
    ("follow", "member_id"): Use(ACTIVITY, DELETE),
    ("followed_search", "member_id"): Use(ACTIVITY, DELETE),
    ("link", "created_by_id"): Use(ACTIVITY, KEEP),
    ("link_judgement", "member_id"): Use(ACTIVITY, KEEP),
    ("notification", "member_id"): Use(ACTIVITY, DELETE),
    ("notification", "actor_id"): Use("", KEEP),
    ("search_miss", "solved_by_id"): OFFICE,
    ("search_pin", "created_by_id"): OFFICE,
    ("search_synonym", "created_by_id"): OFFICE,
    ("vote", "member_id"): Use(ACTIVITY, KEEP),
    # communities
    ("invitation", "invited_by_id"): Use(PLACES, KEEP),
    ("join_request", "member_id"): Use(PLACES, DELETE),
    ("join_request", "decided_by_id"): OFFICE,
    ("membership", "member_id"): Use(PLACES, DELETE),
    # moderation
    ("appeal", "decided_by_id"): OFFICE,
    ("flag", "reporter_id"): Use(TRUST, FORGET),
    ("flag_case", "author_id"): Use(TRUST, KEEP),
    ("hold", "decided_by_id"): OFFICE,
    ("hold_rule", "changed_by_id"): OFFICE,
    ("moderation_decision", "decided_by_id"): OFFICE,
    ("moderation_decision", "member_id"): Use(TRUST, KEEP),
    ("moderation_decision", "undone_by_id"): OFFICE,
    ("sanction", "by_id"): OFFICE,
    ("sanction", "lifted_by_id"): OFFICE,
    ("sanction", "member_id"): Use(TRUST, DELETE),
    ("sanction", "shown_id"): Use("", DELETE),
    ("sweep", "by_id"): OFFICE,
    ("sweep", "member_id"): Use(TRUST, KEEP),
    ("sweep", "undone_by_id"): OFFICE,
}
#: numbers that name a member without a key of the database: the record keeps the number of who acted, and no name
LOOSE: dict[tuple[str, str], Use] = {
    ("audit_entry", "actor_id"): Use(TRUST, KEEP),
    ("outbox", "actor_id"): Use("", KEEP),
    ("site_option", "changed_by_id"): OFFICE,
}
#: addresses of people kept outside the account: erased by address (erasure_steps.py)
ADDRESSES = (
    ("mail_message", "recipient"),
    ("invitation", "email"),
    ("platform_invitation", "email"),
    ("mail_token", "email"),
    ("flag", "email"),
)
#: rows that stay although their owner leaves: a basket that colleagues were given the key of
UNLESS = {("basket", "owner_id"): "share_key"}

#: names of columns that an export leaves out: secrets, and what is only another form of the text
SECRET = ("secret", "id_token", "last_step", "settings")
DERIVED = ("html", "body_html", "body_notice", "renderer", "name_key", "signature", "once", "charter_html", "previous")


def member_columns() -> Iterator[tuple[Table, Column[Any], Use | None]]:
    """Every column of the database that points at a member, with its use; None for one that nobody declared."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "member" for key in column.foreign_keys):
                yield table, column, USES.get((table.name, column.name))
            elif (table.name, column.name) in LOOSE:
                yield table, column, LOOSE[table.name, column.name]


def told_columns(table: Table, but: str) -> list[Column[Any]]:
    """The columns that an export tells: no secret, no digest, nobody else (``but`` is the column that names the reader)."""
    return [column for column in table.columns if column.name == but or _is_told(column)]


def _is_told(column: Column[Any]) -> bool:
    if column.name.endswith("_hash") or column.name in SECRET + DERIVED or column.name == "digest":
        return False
    if any(key.column.table.name == "member" for key in column.foreign_keys):
        return column.primary_key
    return (column.table.name, column.name) not in LOOSE
