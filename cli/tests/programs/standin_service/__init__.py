"""A small service that does what the supervisor asks of every service, and nothing else."""
