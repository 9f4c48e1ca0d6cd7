"""What people see: tables and facts on standard output, notes and errors on standard error."""
