"""Prints sign-offs, the audit trail and people's names."""
