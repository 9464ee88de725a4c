"""Effects to carry out after the commit. All functions take a session and never commit."""

from app.outbox.once import insert_once
from app.outbox.rows import (
    Due,
    Job,
    Stats,
    add,
    beat,
    beats,
    claim,
    claim_due,
    fail,
    finish,
    list_dead,
    recover,
    rescue,
    retry_dead,
    stats,
)

__all__ = ["Due", "Job", "Stats", "add", "beat", "beats", "claim", "claim_due", "fail", "finish", "insert_once",
           "list_dead", "recover", "rescue", "retry_dead", "stats"]
