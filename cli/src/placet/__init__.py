"""What `placet` has beyond the client's commands, the supervisor, the embedded PostgreSQL and the demo."""
