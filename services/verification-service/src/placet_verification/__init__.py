"""Plans, runs and results: the machine tries a model before people decide."""
