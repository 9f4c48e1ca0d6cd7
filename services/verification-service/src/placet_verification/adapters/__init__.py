"""The real things behind the ports: the sandbox and the child inside it, the registry over HTTP, the queue in PostgreSQL."""
