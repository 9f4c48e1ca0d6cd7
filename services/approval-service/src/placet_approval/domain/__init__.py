"""Decisions about people, policies and sign-offs: pure, with time and identity passed in."""
