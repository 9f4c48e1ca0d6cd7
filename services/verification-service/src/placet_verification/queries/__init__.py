"""Questions to the read model, in SQL."""
