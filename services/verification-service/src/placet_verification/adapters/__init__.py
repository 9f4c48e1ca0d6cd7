"""Implementations of the ports: the sandbox and its child process, the registry over HTTP, the queue in PostgreSQL."""
