"""What the checks measure, one module a kind: `measure(checks, inputs)` gives plain JSON by check id, and compares nothing."""
