"""What can be asked of an installation: pure functions that give a `Call` or a `Flow`, a module for each service or matter."""
