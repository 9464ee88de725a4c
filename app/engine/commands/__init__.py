"""Everything that changes a case. Each command is one transaction of the given unit of work and never commits."""

from app.engine.commands.cases import cancel, withdraw
from app.engine.commands.events import (
    Delivery,
    deliver_message,
    due_instances,
    fire_timers,
    reschedule_timer,
    sweep_messages,
)
from app.engine.commands.incidents import answer_operation, due_retries, edit_and_retry, retry, skip
from app.engine.commands.start import start
from app.engine.commands.work import Completion, assign, claim, complete, release, save_draft

__all__ = ["Completion", "Delivery", "answer_operation", "assign", "cancel", "claim", "complete", "deliver_message",
           "due_instances", "due_retries", "edit_and_retry", "fire_timers", "release", "reschedule_timer", "retry",
           "save_draft", "skip", "start", "sweep_messages", "withdraw"]
