"""The commands of `placet` beyond the client's, the supervisor, the embedded PostgreSQL and the demo."""
