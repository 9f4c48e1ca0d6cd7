"""What works by itself, beside the requests."""
