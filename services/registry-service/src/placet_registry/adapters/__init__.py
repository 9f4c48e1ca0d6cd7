"""Ports made real: a folder for blobs, approval-service for people."""
