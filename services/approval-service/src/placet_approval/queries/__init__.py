"""What can be read here: named SQL over the service's own rows."""
