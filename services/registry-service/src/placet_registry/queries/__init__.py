"""Reads of the read model: plain SQL, one function for each question, answers as plain JSON data."""
