"""Plans, runs and results: models are verified by machine before people decide."""
