"""The operations on an installation: pure functions that give a `Call` or a `Flow`, a module for each service or topic."""
