"""accounts: qualities, organisations as records, registrations to decide, providers of identity, second factors"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisation") as batch:
        batch.add_column(sa.Column("name_key", sa.String(180), nullable=False, server_default=""))
        batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_organisation_merged_into_id", "organisation", ["merged_into_id"], ["id"])
    for column in ("name_key", "siret", "merged_into_id"):
        op.create_index(f"ix_organisation_{column}", "organisation", [column])
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("organisation_proof", sa.String(10), nullable=False, server_default=""))
        batch.add_column(sa.Column("organisation_proved_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("quality", sa.String(10), nullable=False, server_default="agent"))
        batch.create_check_constraint(op.f("ck_member_quality"), "quality IN ('agent', 'elected', 'firm', 'other')")
        batch.create_check_constraint(
            op.f("ck_member_organisation_proof"), "organisation_proof IN ('', 'domain', 'moderator')"
        )
    with op.batch_alter_table("sign_in") as batch:
        batch.add_column(sa.Column("seen_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("way", sa.String(10), nullable=False, server_default="password"))
        batch.add_column(sa.Column("id_token", sa.Text(), nullable=False, server_default=""))
    _organisations()
    _coming_in()
    _second_factors()
    _fill_name_keys()


def _organisations() -> None:
    op.create_table(
        "organisation_domain",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(190), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_domain_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "domain", name=op.f("pk_organisation_domain")),
    )
    op.create_index(op.f("ix_organisation_domain_domain"), "organisation_domain", ["domain"])
    op.create_table(
        "organisation_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["member.id"], name=op.f("fk_organisation_merge_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["organisation.id"], name=op.f("fk_organisation_merge_kept_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["organisation.id"], name=op.f("fk_organisation_merge_merged_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_merge")),
    )
    op.create_index("ix_organisation_merge_kept_id", "organisation_merge", ["kept_id"])


def _coming_in() -> None:
    op.create_table(
        "application",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'refused')", name=op.f("ck_application_state")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_application_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["member.id"], name=op.f("fk_application_decided_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_application")),
    )
    op.create_index(op.f("ix_application_state"), "application", ["state"])
    op.create_table(
        "platform_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'withdrawn')", name=op.f("ck_platform_invitation_state")),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["member.id"], name=op.f("fk_platform_invitation_invited_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_platform_invitation_token_hash")),
    )
    op.create_index(
        "uq_platform_invitation_pending",
        "platform_invitation",
        ["email"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "external_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_external_identity_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_external_identity_member_id"), "external_identity", ["member_id"])


def _second_factors() -> None:
    op.create_table(
        "second_factor",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_second_factor_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_recovery_code_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("member_id", "code_hash", name=op.f("uq_recovery_code_member_id_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_member_id"), "recovery_code", ["member_id"])


def _fill_name_keys() -> None:
    """Organisations written before have no key yet: the one that the model would have given them."""
    from community.people.accounts.organisation_models import name_key

    table = sa.table("organisation", sa.column("id", sa.Integer), sa.column("name"), sa.column("name_key"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c.id, table.c.name)).all():
        connection.execute(table.update().where(table.c.id == row.id).values(name_key=name_key(row.name)))


def downgrade() -> None:
    tables = ("recovery_code", "second_factor", "external_identity", "platform_invitation", "application")
    for table in (*tables, "organisation_merge", "organisation_domain"):
        op.drop_table(table)
    with op.batch_alter_table("sign_in") as batch:
        for column in ("id_token", "way", "seen_on"):
            batch.drop_column(column)
    with op.batch_alter_table("member") as batch:
        batch.drop_constraint(op.f("ck_member_organisation_proof"), type_="check")
        batch.drop_constraint(op.f("ck_member_quality"), type_="check")
        for column in ("quality", "organisation_proved_at", "organisation_proof"):
            batch.drop_column(column)
    for column in ("merged_into_id", "siret", "name_key"):
        op.drop_index(f"ix_organisation_{column}", "organisation")
    with op.batch_alter_table("organisation") as batch:
        batch.drop_constraint("fk_organisation_merged_into_id", type_="foreignkey")
        batch.drop_column("merged_into_id")
        batch.drop_column("name_key")
