"""documents: what came after the first version: versions withdrawn alone, checks of attached files, files too large to scan"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)
#: files that texts name already; whether a pseudonym signs the text
JOINED = """
SELECT attachment.id, coalesce(comment.author_id, contribution.author_id) < 0 AS discreet
FROM attachment
JOIN contribution ON contribution.id = attachment.contribution_id
LEFT JOIN comment ON comment.id = attachment.comment_id
WHERE attachment.place = 'text'
"""
OUTBOX = sa.table(
    "outbox",
    sa.column("name", sa.String),
    sa.column("subject_type", sa.String),
    sa.column("subject_id", sa.Integer),
    sa.column("payload", JSON),
    sa.column("created_at", INSTANT),
    sa.column("due_at", INSTANT),
    sa.column("tries", sa.Integer),
    sa.column("done", JSON),
)


def upgrade() -> None:
    _scans(", 'too_large'")
    with op.batch_alter_table("attachment") as attachment:
        attachment.add_column(sa.Column("withheld_at", INSTANT, nullable=True))
        attachment.add_column(sa.Column("to_answer", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("document_version") as version:
        version.add_column(sa.Column("withdrawn_at", INSTANT, nullable=True))
        version.add_column(sa.Column("withdrawn_by_id", sa.Integer(), nullable=True))
        version.add_column(sa.Column("withdrawn_reason", sa.String(length=300), nullable=False, server_default=""))
    op.create_table(
        "file_check",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_file_check_attachment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_file_check")),
    )
    ask_again(op.get_bind())


def ask_again(connection) -> None:
    """The worker looks at the files that were there before: those under a pseudonym lose their names, all are checked."""
    now = datetime.now(UTC)
    common = {"subject_type": "attachment", "payload": {}, "created_at": now, "due_at": now, "tries": 0, "done": []}
    joined = connection.execute(sa.text(JOINED)).all()
    asked = [("file.bound_discreetly", row.id) for row in joined if row.discreet] + [
        ("file.bound", row.id) for row in joined
    ]
    for name, id in asked:
        connection.execute(sa.insert(OUTBOX).values(name=name, subject_id=id, **common))


def downgrade() -> None:
    op.drop_table("file_check")
    with op.batch_alter_table("document_version") as version:
        version.drop_column("withdrawn_reason")
        version.drop_column("withdrawn_by_id")
        version.drop_column("withdrawn_at")
    with op.batch_alter_table("attachment") as attachment:
        attachment.drop_column("to_answer")
        attachment.drop_column("withheld_at")
    op.execute("UPDATE blob SET scan = 'waiting', state = 'waiting', state_reason = '' WHERE scan = 'too_large'")
    _scans("")


def _scans(more: str) -> None:
    """What a scan may have given."""
    with op.batch_alter_table("blob") as blob:
        blob.drop_constraint(op.f("ck_blob_scan"), type_="check")
        blob.create_check_constraint(op.f("ck_blob_scan"), f"scan IN ('off', 'waiting', 'clean', 'infected'{more})")
