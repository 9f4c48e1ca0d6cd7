"""Rows of the service's own read model, written in the transaction of the events that they follow from."""
