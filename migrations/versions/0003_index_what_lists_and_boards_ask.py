"""Index what lists and boards ask: what a side has sent, the oldest open items, cases by phase, procedure and week.

The index of a side's open items leaves out the office's, which have no side: SQLite took it for those, too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def _where(text: str) -> dict[str, sa.TextClause]:
    return {'sqlite_where': sa.text(text), 'postgresql_where': sa.text(text)}


def upgrade() -> None:
    op.drop_index('ix_work_items_party', table_name='work_items')
    op.create_index('ix_work_items_party', 'work_items', ['party', 'sort_at', 'id'],
                    **_where("status = 'open' AND party IS NOT NULL"))
    op.create_index('ix_work_items_sent', 'work_items', ['party', 'closed_at'],
                    **_where("status = 'done' AND party IS NOT NULL"))
    op.create_index('ix_work_items_oldest', 'work_items', ['package_key', 'node_id', 'opened_at'],
                    **_where("status = 'open'"))
    op.create_index('ix_process_instances_package', 'process_instances', ['package_key', 'id'])
    op.create_index('ix_process_instances_phase', 'process_instances', ['phase', 'id'])
    op.create_index('ix_process_instances_ended', 'process_instances', ['ended_at', 'status'],
                    **_where('ended_at IS NOT NULL'))
    op.create_index('ix_process_instances_finished', 'process_instances', ['package_key', 'status', 'ended_at'],
                    **_where('ended_at IS NOT NULL'))


def downgrade() -> None:
    for name in ('ix_process_instances_finished', 'ix_process_instances_ended', 'ix_process_instances_phase',
                 'ix_process_instances_package'):
        op.drop_index(name, table_name='process_instances')
    for name in ('ix_work_items_oldest', 'ix_work_items_sent', 'ix_work_items_party'):
        op.drop_index(name, table_name='work_items')
    op.create_index('ix_work_items_party', 'work_items', ['party', 'sort_at', 'id'], **_where("status = 'open'"))
