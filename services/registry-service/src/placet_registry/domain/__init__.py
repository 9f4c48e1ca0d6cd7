"""The registry's decisions: pure aggregates that answer commands with events or refusals."""
