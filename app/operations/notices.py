"""Operations that tell people something."""

from __future__ import annotations

from app.engine.catalogue import Context, operation
from app.operations.letters import write_role


@operation("notice.role", title="通知某個角色的人員", reads={"role": "角色", "template": "信件範本", "reason": "原因"})
def tell_role(ctx: Context, role: str, template: str, reason: str | None = None) -> None:
    """A letter and a notice to everybody who holds the role."""
    write_role(ctx, role, template, reason=reason)
