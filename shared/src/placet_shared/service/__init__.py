"""Composition: what makes a running service out of the other rooms: application, process, command running, feed, measuring."""
