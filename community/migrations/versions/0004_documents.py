"""documents"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nature", sa.String(length=20), nullable=False),
        sa.Column("issuer", sa.String(length=160), nullable=False),
        sa.Column("edition_date", sa.Date(), nullable=True),
        sa.Column("licence", sa.String(length=20), nullable=True),
        sa.Column("trust_level", sa.String(length=20), nullable=False),
        sa.Column("review_due", sa.Date(), nullable=True),
        sa.Column("current_number", sa.Integer(), nullable=True),
        sa.Column("redaction", JSON, nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("link_state", sa.String(length=10), nullable=True),
        sa.Column("link_reason", sa.String(length=20), nullable=False),
        sa.Column("link_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_failed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "link_state IN ('unchecked', 'alive', 'failing', 'dead')", name=op.f("ck_document_link_state")
        ),
        sa.CheckConstraint("(url IS NULL) = (link_state IS NULL)", name=op.f("ck_document_link_state_of_a_link")),
        sa.ForeignKeyConstraint(["id"], ["contribution.id"], name=op.f("fk_document_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index("ix_document_facets", "document", ["nature", "trust_level"])
    op.create_table(
        "document_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", JSON, nullable=True),
        sa.Column("answers", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_version_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_document_version_attachment_id")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["member.id"], name=op.f("fk_document_version_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_version")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_document_version_attachment_id")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_document_version_document_id")),
    )
    op.create_index(op.f("ix_document_version_uploaded_by_id"), "document_version", ["uploaded_by_id"])
    op.create_index(
        "ix_document_version_waiting",
        "document_version",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )
    with op.batch_alter_table("sheet") as batch:
        batch.add_column(sa.Column("redaction", JSON, nullable=False, server_default="{}"))
    with op.batch_alter_table("community") as batch:
        batch.add_column(sa.Column("documents_count", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("community") as batch:
        batch.drop_column("documents_count")
    with op.batch_alter_table("sheet") as batch:
        batch.drop_column("redaction")
    op.drop_table("document_version")
    op.drop_table("document")
