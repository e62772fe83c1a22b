"""documents: what came after the first version: versions withdrawn alone, checks of attached files, files too large to scan"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
#: files under texts that were there before: the worker takes the names out of those under a pseudonym, and reads the others
ASK_AGAIN = """
INSERT INTO outbox (name, subject_type, subject_id, payload, created_at, due_at, tries, done)
SELECT {name}, 'attachment', attachment.id, '{{}}', attachment.created_at, attachment.created_at, 0, '[]'
FROM attachment
JOIN contribution ON contribution.id = attachment.contribution_id
LEFT JOIN comment ON comment.id = attachment.comment_id
WHERE attachment.place = 'text' {which}
"""


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
        sa.Column("findings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_file_check_attachment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_file_check")),
    )
    signed = "AND coalesce(comment.author_id, contribution.author_id) < 0"
    op.execute(ASK_AGAIN.format(name="'file.bound_discreetly'", which=signed))
    op.execute(ASK_AGAIN.format(name="'file.bound'", which=""))


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
