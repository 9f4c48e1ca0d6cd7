"""What the registry decides: pure aggregates that are given events and answer with events or refusals."""
