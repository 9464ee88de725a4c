"""Operations that tell people something."""

from __future__ import annotations

from app.engine.catalogue import Context, operation
from app.operations.letters import write_role


@operation("notice.role", title="通知某個角色的人員", reads={"role": "string", "template": "string"})
def tell_role(ctx: Context, role: str, template: str) -> None:
    """A letter and a notice to everybody who holds the role."""
    write_role(ctx, role, template, route_reason=ctx.data.get("route_reason"))
