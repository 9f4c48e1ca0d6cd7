"""Output of commands: tables and facts on standard output, notes and errors on standard error."""
