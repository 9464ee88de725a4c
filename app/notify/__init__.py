"""Messages to people: ``send`` writes the notice and asks the outbox for the mail; ``deliver`` lets it leave."""

from app.notify.mail import build_email
from app.notify.messages import Recipient, count_notices, get_message, list_notices, mark_read, mark_sent, send, unread
from app.notify.transport import FolderTransport, SmtpTransport, deliver

__all__ = ["FolderTransport", "Recipient", "SmtpTransport", "build_email", "count_notices", "deliver", "get_message",
           "list_notices", "mark_read", "mark_sent", "send", "unread"]
