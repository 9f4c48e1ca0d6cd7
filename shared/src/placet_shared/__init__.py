"""What the four services share: the event store, the bus, the web shell and the published contracts."""
