"""The append-only trail of what was done: ``record`` writes one line, ``list_events`` reads them."""

from app.audit.queries import list_events
from app.audit.tags import Tag
from app.audit.trail import record

__all__ = ["Tag", "list_events", "record"]
