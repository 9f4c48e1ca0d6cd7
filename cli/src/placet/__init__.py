"""The placet command, its Python client, the supervisor, the embedded PostgreSQL and the demo."""
