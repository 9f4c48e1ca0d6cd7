"""The worker, a process of its own."""
