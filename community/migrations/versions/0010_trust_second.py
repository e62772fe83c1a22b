"""trust: what a sweep took, row by row; which sanction a decision made; what was read of a held text; later farewells"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
#: what an earlier sweep kept in one list each
LISTS = ("posts", "comments", "votes", "notifications")


def upgrade() -> None:
    with op.batch_alter_table("sanction") as batch:
        batch.add_column(sa.Column("replaced_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_sanction_replaced_by_id"), "sanction", ["replaced_by_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(op.f("ix_sanction_replaced_by_id"), "sanction", ["replaced_by_id"])
    with op.batch_alter_table("moderation_decision") as batch:
        batch.add_column(sa.Column("sanction_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_moderation_decision_sanction_id"), "sanction", ["sanction_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(op.f("ix_moderation_decision_sanction_id"), "moderation_decision", ["sanction_id"])
    _name_sanctions()
    with op.batch_alter_table("hold") as batch:
        batch.add_column(sa.Column("read", sa.String(32), nullable=False, server_default=""))
    _sweeps()
    op.create_table(
        "late_farewell",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_late_farewell_contribution_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contribution_id", name=op.f("pk_late_farewell")),
    )


def downgrade() -> None:
    op.drop_table("late_farewell")
    op.drop_table("sweep_item")
    with op.batch_alter_table("sweep") as batch:
        batch.drop_constraint(op.f("ck_sweep_state"), type_="check")
        batch.drop_constraint(op.f("fk_sweep_sanction_id"), type_="foreignkey")
        for column in ("sanction_id", "ended_at", "total", "state", "reach", "since"):
            batch.drop_column(column)
    with op.batch_alter_table("hold") as batch:
        batch.drop_column("read")
    for table, column in (("moderation_decision", "sanction_id"), ("sanction", "replaced_by_id")):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
            batch.drop_column(column)


def _name_sanctions() -> None:
    """Decisions made before: the sanction of their kind that is in force on the same name, in the same place."""
    op.execute(
        """
        UPDATE moderation_decision SET sanction_id = (
            SELECT max(sanction.id) FROM sanction
            WHERE sanction.shown_id = moderation_decision.member_id AND sanction.lifted_at IS NULL
              AND sanction.kind = CASE moderation_decision.action WHEN 'suspend' THEN 'suspension'
                  ELSE moderation_decision.action END
              AND (sanction.community_id IS NULL OR sanction.community_id = moderation_decision.community_id))
        WHERE action IN ('suspend', 'silence', 'ban') AND undone_at IS NULL
        """
    )


def _sweeps() -> None:
    with op.batch_alter_table("sweep") as batch:
        batch.add_column(sa.Column("since", INSTANT, nullable=True))
        batch.add_column(sa.Column("reach", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("state", sa.String(10), nullable=False, server_default="done"))
        batch.add_column(sa.Column("total", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("ended_at", INSTANT, nullable=True))
        batch.add_column(sa.Column("sanction_id", sa.Integer(), nullable=True))
        batch.create_check_constraint(op.f("ck_sweep_state"), "state IN ('running', 'done', 'undoing', 'undone')")
        batch.create_foreign_key(op.f("fk_sweep_sanction_id"), "sanction", ["sanction_id"], ["id"], ondelete="SET NULL")
    op.create_table(
        "sweep_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_sweep_item_sweep_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_item")),
    )
    op.create_index("ix_sweep_item_sweep", "sweep_item", ["sweep_id", "kind", "id"])
    _spread_lists()


def _spread_lists() -> None:
    """Sweeps made before kept lists: each becomes rows, so that one made within the hour is still undone."""
    sweep = sa.table(
        "sweep", sa.column("id"), sa.column("by_id"), sa.column("before", sa.JSON), sa.column("undone_at"),
        sa.column("state"), sa.column("created_at"), sa.column("ended_at"), sa.column("total"),
    )  # fmt: skip
    item = sa.table(
        "sweep_item", *(sa.column(n) for n in ("sweep_id", "kind", "subject_id")), sa.column("data", sa.JSON)
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(sweep)).all():
        rows = [
            {"sweep_id": row.id, "kind": kind, **_item(kind, value, row.by_id)}
            for kind in LISTS
            for value in (row.before or {}).get(kind, [])
        ]
        if rows and row.undone_at is None:
            connection.execute(sa.insert(item), rows)
        counts = {name: len((row.before or {}).get(name, [])) for name in LISTS}
        values = {"before": counts, "ended_at": row.created_at, "total": len(rows)}
        state = "done" if row.undone_at is None else "undone"
        connection.execute(sa.update(sweep).where(sweep.c.id == row.id).values(state=state, **values))


def _item(kind: str, value: Any, by_id: int) -> dict[str, Any]:
    if kind == "votes":
        return {"subject_id": value[0], "data": {"at": value[1]}}
    if kind == "notifications":
        return {"subject_id": value["id"], "data": value}
    return {"subject_id": value, "data": {"by": by_id} if kind == "posts" else {}}
