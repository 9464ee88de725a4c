"""Everything that changes a case. Each command is one transaction of the given unit of work and never commits."""

from app.engine.commands.cases import cancel, withdraw
from app.engine.commands.events import (
    Delivery,
    deliver_message,
    drop_messages,
    due_instances,
    due_messages,
    fire_timers,
    pass_on,
    reschedule_timer,
)
from app.engine.commands.incidents import answer_operation, due_retries, edit_and_retry, retry, skip
from app.engine.commands.start import start
from app.engine.commands.unreadable import flag_unreadable, flag_unreadable_of
from app.engine.commands.work import Completion, assign, claim, complete, release, save_draft

__all__ = ["Completion", "Delivery", "answer_operation", "assign", "cancel", "claim", "complete", "deliver_message",
           "drop_messages", "due_instances", "due_messages", "due_retries", "edit_and_retry", "fire_timers",
           "flag_unreadable", "flag_unreadable_of", "pass_on", "release", "reschedule_timer", "retry", "save_draft",
           "skip", "start", "withdraw"]
