"""The one audit log of everything, and the views that people query."""
