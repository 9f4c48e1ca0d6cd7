"""Events of all services arrive here."""
