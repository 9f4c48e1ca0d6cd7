"""The registry: models, immutable versions, artifacts by digest, environments and what is deployed where."""
