"""the summary by mail: sent to who asks for it; until now nobody chose « each week », it was there and nothing was sent"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("digest_sent_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE member SET digest = 'never' WHERE digest = 'weekly'")


def downgrade() -> None:
    with op.batch_alter_table("member") as batch:
        batch.drop_column("digest_sent_at")
