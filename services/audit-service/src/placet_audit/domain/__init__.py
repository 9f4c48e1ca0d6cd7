"""The meaning of log entries: pure functions over an event's type and fields."""
