"""Prints sign-offs, runs and the audit trail, with names instead of ids."""
