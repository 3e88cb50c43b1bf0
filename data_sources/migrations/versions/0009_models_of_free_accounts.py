"""models of free accounts"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('triage_model',
    sa.Column('version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('window_day', sa.Integer(), nullable=False),
    sa.Column('learned_on', sa.Date(), nullable=False),
    sa.Column('intercept', sa.Float(), nullable=False),
    sa.Column('base_rate', sa.Float(), nullable=False),
    sa.Column('accounts', sa.Integer(), nullable=False),
    sa.Column('conversions', sa.Integer(), nullable=False),
    sa.Column('entered_from', sa.Date(), nullable=False),
    sa.Column('entered_to', sa.Date(), nullable=False),
    sa.Column('traits', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('pace', sa.JSON(none_as_null=True), nullable=True),
    sa.PrimaryKeyConstraint('version', 'window_day')
    )


def downgrade() -> None:
    op.drop_table('triage_model')
