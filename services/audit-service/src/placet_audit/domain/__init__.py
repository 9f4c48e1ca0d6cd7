"""What entries of the log mean to people: pure functions over an event's type and fields."""
