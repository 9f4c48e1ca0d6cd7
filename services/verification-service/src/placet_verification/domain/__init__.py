"""What verification decides, without a clock, a driver or a model in its hands."""
