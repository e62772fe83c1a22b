"""sanctions, pseudonyms, embargo, communities that bar kinds of members, useful contributions"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

IN_FORCE = "lifted_at IS NULL AND community_id IS {}NULL"


def upgrade() -> None:
    _sanctions()
    _pseudonyms()
    op.add_column("question", sa.Column("embargo", sa.Date(), nullable=True))
    op.create_index("ix_question_embargo", "question", ["embargo"], **_where("embargo IS NOT NULL"))
    op.add_column(
        "community", sa.Column("barred", sa.JSON(none_as_null=True), nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("member", sa.Column("useful_count", sa.Integer(), nullable=False, server_default="0"))
    op.execute(_COUNT_USEFUL)


def downgrade() -> None:
    op.drop_column("member", "useful_count")
    op.drop_column("community", "barred")
    op.drop_index("ix_question_embargo", table_name="question")
    op.drop_column("question", "embargo")
    op.drop_table("pseudonym")
    op.drop_table("sanction")


def _sanctions() -> None:
    op.create_table(
        "sanction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("shown_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.Column("contest", sa.Text(), nullable=False, server_default=""),
        sa.Column("contested_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('suspension', 'silence', 'ban')", name=op.f("ck_sanction_kind")),
        sa.CheckConstraint("(kind = 'suspension') = (community_id IS NULL)", name=op.f("ck_sanction_place")),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_sanction_by_id_member")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_sanction_community_id_community"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["member.id"], name=op.f("fk_sanction_lifted_by_id_member")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_sanction_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shown_id"], ["member.id"], name=op.f("fk_sanction_shown_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
    )
    op.create_index(op.f("ix_sanction_community_id"), "sanction", ["community_id"])
    op.create_index(op.f("ix_sanction_member_id"), "sanction", ["member_id"])
    place = ["kind", "community_id", "shown_id"]
    op.create_index("uq_sanction_in_community", "sanction", place, unique=True, **_where(IN_FORCE.format("NOT ")))
    op.create_index("uq_sanction_suspension", "sanction", ["shown_id"], unique=True, **_where(IN_FORCE.format("")))


def _pseudonyms() -> None:
    op.create_table(
        "pseudonym",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("once", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_pseudonym_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["member.id"], name=op.f("fk_pseudonym_owner_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["contribution.id"], name=op.f("fk_pseudonym_thread_id_contribution"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_pseudonym")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_pseudonym_thread_id")),
    )
    op.create_index(op.f("ix_pseudonym_owner_id"), "pseudonym", ["owner_id"])
    op.create_index("uq_pseudonym_once", "pseudonym", ["owner_id", "once"], unique=True, **_where("once IS NOT NULL"))


def _where(condition: str) -> dict:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


#: those who were useful before rights came with use keep them
_COUNT_USEFUL = """
UPDATE member SET useful_count = (
  SELECT count(*) FROM contribution WHERE contribution.author_id = member.id AND contribution.published_at IS NOT NULL
  AND contribution.removed_at IS NULL AND (contribution.score > 0 OR EXISTS (
    SELECT 1 FROM answer WHERE answer.id = contribution.id
    AND (answer.accepted_at IS NOT NULL OR answer.certified_at IS NOT NULL))))
"""
