"""Who answers for the agency's account, grants to other agencies, taking data out."""

from __future__ import annotations

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing yet."""
