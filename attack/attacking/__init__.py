"""Attacks a real installation with races, faults and restores, records what happened, and judges the record."""
