"""Hold that one version of a package is active, whoever publishes at the same moment.

Where two were, the one with the highest number stays active: it is the one that was published last.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    versions = sa.table('package_versions', sa.column('id', sa.Integer), sa.column('key', sa.String),
                        sa.column('version', sa.Integer), sa.column('is_active', sa.Boolean))
    newer = versions.alias('newer')
    op.execute(versions.update().values(is_active=False).where(versions.c.is_active, sa.exists().where(
        newer.c.key == versions.c.key, newer.c.is_active, newer.c.version > versions.c.version)))
    op.create_index('uq_package_versions_active', 'package_versions', ['key'], unique=True,
                    sqlite_where=sa.text('is_active'), postgresql_where=sa.text('is_active'))


def downgrade() -> None:
    op.drop_index('uq_package_versions_active', table_name='package_versions')
