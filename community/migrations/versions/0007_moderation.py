"""moderation: reports, decisions, appeals, holds before publication; notifications about what is one's own"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _id() -> sa.Column:
    return sa.Column("id", sa.Integer(), nullable=False)


def _int(name: str, nullable: bool = True, **more) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=nullable, **more)


def _instant(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "flag_case",
        _id(),
        sa.Column("subject", sa.String(length=20), nullable=False),
        _int("contribution_id"),
        _int("comment_id"),
        _int("author_id", nullable=False),
        _int("flags_count", nullable=False),
        _instant("opened_at", nullable=False),
        _instant("closed_at"),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "comment_id IS NULL OR contribution_id IS NOT NULL", name=op.f("ck_flag_case_comment_of_something")
        ),
        _key("flag_case", "contribution_id", "contribution", "CASCADE"),
        _key("flag_case", "comment_id", "comment", "CASCADE"),
        _key("flag_case", "author_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_case")),
    )
    for column in ("contribution_id", "comment_id", "author_id"):
        op.create_index(op.f(f"ix_flag_case_{column}"), "flag_case", [column])
    op.create_index("ix_flag_case_opened", "flag_case", ["opened_at", "id"])
    op.create_index(
        "uq_flag_case_open",
        "flag_case",
        ["subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "flag",
        _id(),
        _int("case_id", nullable=False),
        _int("reporter_id"),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _instant("created_at", nullable=False),
        _key("flag", "case_id", "flag_case", "CASCADE"),
        _key("flag", "reporter_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("case_id", "reporter_id", name=op.f("uq_flag_case_id_reporter_id")),
        sa.UniqueConstraint("case_id", "email", name=op.f("uq_flag_case_id_email")),
    )
    for column in ("case_id", "reporter_id"):
        op.create_index(op.f(f"ix_flag_{column}"), "flag", [column])
    op.create_table(
        "hold",
        _id(),
        _int("contribution_id", nullable=False),
        _int("comment_id"),
        sa.Column("reasons", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        _instant("held_at", nullable=False),
        _instant("decided_at"),
        _int("decided_by_id"),
        sa.CheckConstraint("state IN ('waiting', 'released', 'refused')", name=op.f("ck_hold_state")),
        _key("hold", "contribution_id", "contribution", "CASCADE"),
        _key("hold", "comment_id", "comment", "CASCADE"),
        _key("hold", "decided_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    for column in ("contribution_id", "comment_id"):
        op.create_index(op.f(f"ix_hold_{column}"), "hold", [column])
    op.create_index(
        "ix_hold_waiting",
        "hold",
        ["held_at", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "hold_rule",
        _id(),
        _int("community_id"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("settings", sa.JSON(none_as_null=True), nullable=False),
        _instant("changed_at", nullable=False),
        _int("changed_by_id", nullable=False),
        sa.CheckConstraint(
            "kind IN ('first_posts', 'links', 'words', 'language', 'repeated')", name=op.f("ck_hold_rule_kind")
        ),
        _key("hold_rule", "community_id", "community", "CASCADE"),
        _key("hold_rule", "changed_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_rule")),
    )
    op.create_index(
        "uq_hold_rule_community",
        "hold_rule",
        ["community_id", "kind"],
        unique=True,
        sqlite_where=sa.text("community_id IS NOT NULL"),
        postgresql_where=sa.text("community_id IS NOT NULL"),
    )
    op.create_index(
        "uq_hold_rule_platform",
        "hold_rule",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("community_id IS NULL"),
        postgresql_where=sa.text("community_id IS NULL"),
    )
    op.create_table(
        "moderation_decision",
        _id(),
        _int("case_id"),
        _int("hold_id"),
        _int("contribution_id"),
        _int("comment_id"),
        _int("member_id", nullable=False),
        _int("community_id"),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        _int("decided_by_id", nullable=False),
        _instant("decided_at", nullable=False),
        _instant("undone_at"),
        _int("undone_by_id"),
        _key("moderation_decision", "case_id", "flag_case", "SET NULL"),
        _key("moderation_decision", "hold_id", "hold", "SET NULL"),
        _key("moderation_decision", "contribution_id", "contribution", "CASCADE"),
        _key("moderation_decision", "comment_id", "comment", "CASCADE"),
        _key("moderation_decision", "member_id", "member"),
        _key("moderation_decision", "community_id", "community", "CASCADE"),
        _key("moderation_decision", "decided_by_id", "member"),
        _key("moderation_decision", "undone_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_decision")),
    )
    for column in ("case_id", "hold_id", "contribution_id", "comment_id", "member_id", "community_id"):
        op.create_index(op.f(f"ix_moderation_decision_{column}"), "moderation_decision", [column])
    op.create_index("ix_moderation_decision_decided", "moderation_decision", ["decided_at", "id"])
    op.create_table(
        "appeal",
        _id(),
        _int("decision_id", nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        _instant("created_at", nullable=False),
        _instant("decided_at"),
        _int("decided_by_id"),
        sa.CheckConstraint("state IN ('pending', 'upheld', 'reversed')", name=op.f("ck_appeal_state")),
        _key("appeal", "decision_id", "moderation_decision", "CASCADE"),
        _key("appeal", "decided_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeal_decision_id")),
    )
    op.create_table(
        "sweep",
        _id(),
        _int("member_id", nullable=False),
        _int("by_id", nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        _instant("created_at", nullable=False),
        _instant("undone_at"),
        _int("undone_by_id"),
        _key("sweep", "member_id", "member"),
        _key("sweep", "by_id", "member"),
        _key("sweep", "undone_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
    )
    op.create_index(op.f("ix_sweep_member_id"), "sweep", ["member_id"])
    with op.batch_alter_table("comment") as batch:
        batch.add_column(_instant("held_at"))
    with op.batch_alter_table("notification") as batch:
        batch.drop_constraint(op.f("ck_notification_about_something"), type_="check")


def downgrade() -> None:
    op.execute("DELETE FROM notification WHERE contribution_id IS NULL AND community_id IS NULL")
    with op.batch_alter_table("notification") as batch:
        batch.create_check_constraint(
            op.f("ck_notification_about_something"), "contribution_id IS NOT NULL OR community_id IS NOT NULL"
        )
    with op.batch_alter_table("comment") as batch:
        batch.drop_column("held_at")
    for table in ("sweep", "appeal", "moderation_decision", "hold_rule", "hold", "flag", "flag_case"):
        op.drop_table(table)
