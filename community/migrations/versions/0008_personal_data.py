"""personal data: exports, erasures, texts and who accepted them, presence, retention"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _exports()
    _erasures()
    _texts()
    op.create_table(
        "presence",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("warned_at", INSTANT, nullable=True),
        _key("presence", "member_id", "member", "CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("failed", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
    )


def downgrade() -> None:
    for table in ("retention_run", "presence", "consent", "legal_text", "erasure_mention", "erasure_request", "data_export"):
        op.drop_table(table)


def _exports() -> None:
    op.create_table(
        "data_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("ready_at", INSTANT, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'ready', 'failed', 'gone')", name=op.f("ck_data_export_state")
        ),
        _key("data_export", "member_id", "member", "CASCADE"),
        _key("data_export", "asked_by_id", "member", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
    )
    op.create_index(op.f("ix_data_export_member_id"), "data_export", ["member_id"])
    op.create_index(
        "uq_data_export_under_way", "data_export", ["member_id"], unique=True, **_where("state IN ('waiting', 'running')")
    )


def _erasures() -> None:
    op.create_table(
        "erasure_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("own_texts", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("steps", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("farewell_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'cancelled', 'blocked')", name=op.f("ck_erasure_request_state")
        ),
        sa.CheckConstraint("own_texts IN ('keep', 'remove')", name=op.f("ck_erasure_request_own_texts")),
        _key("erasure_request", "member_id", "member", None),
        _key("erasure_request", "asked_by_id", "member", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
    )
    op.create_index(op.f("ix_erasure_request_member_id"), "erasure_request", ["member_id"])
    op.create_index(
        "uq_erasure_request_under_way",
        "erasure_request",
        ["member_id"],
        unique=True,
        **_where("state IN ('waiting', 'running', 'blocked')"),
    )
    op.create_table(
        "erasure_mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("erasure_id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", INSTANT, nullable=True),
        _key("erasure_mention", "erasure_id", "erasure_request", "CASCADE"),
        _key("erasure_mention", "contribution_id", "contribution", "CASCADE"),
        _key("erasure_mention", "comment_id", "comment", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_mention")),
    )
    op.create_index("ix_erasure_mention_erasure", "erasure_mention", ["erasure_id", "contribution_id"])
    op.create_index(op.f("ix_erasure_mention_contribution_id"), "erasure_mention", ["contribution_id"])
    op.create_index(op.f("ix_erasure_mention_comment_id"), "erasure_mention", ["comment_id"])


def _texts() -> None:
    op.create_table(
        "legal_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("name IN ('charter', 'privacy')", name=op.f("ck_legal_text_known_text")),
        _key("legal_text", "published_by_id", "member", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_text")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_legal_text_name")),
    )
    op.create_table(
        "consent",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _key("consent", "member_id", "member", "CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "name", "version", name=op.f("pk_consent")),
    )


def _key(table: str, column: str, target: str, on_delete: str | None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=on_delete
    )


def _where(condition: str) -> dict[str, object]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
