"""Reading the views."""
