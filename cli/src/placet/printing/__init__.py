"""How people see sign-offs, the audit trail and one another's names."""
