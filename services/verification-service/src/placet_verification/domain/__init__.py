"""Verification's decisions: pure, without a clock, a driver or a model."""
