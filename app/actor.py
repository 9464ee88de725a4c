"""Who acts. Passed to every command; never looked up below the doors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a part of the system.

    user_id   id of the account, None for the system
    name      shown in histories
    roles     role keys (``vendor``, ``reviewer`` …), empty for the system
    party     whose side a person stands on, e.g. ``org:12`` for a vendor; None for the office
    address   network address, for the audit trail
    """

    user_id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    party: str | None = None
    address: str | None = None

    @property
    def is_system(self) -> bool:
        return self.user_id is None


SYSTEM = Actor(None, "系統")
