"""What a diagram may call: one typed function an operation, registered by importing this room."""

from app.operations import notices, registration, vendors

__all__ = ["notices", "registration", "vendors"]
