"""The commands of `placet` for pipelines: a module for each."""
