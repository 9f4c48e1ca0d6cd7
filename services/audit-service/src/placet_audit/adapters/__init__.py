"""What the audit service keeps outside its own rows: the log."""
