"""What a diagram may call: one typed function an operation, registered by importing this room."""

from app.operations import cases, notices, registration, vendors

__all__ = ["cases", "notices", "registration", "vendors"]
