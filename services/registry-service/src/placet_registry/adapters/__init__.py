"""Implementations of the ports: a folder for blobs, approval-service for people."""
