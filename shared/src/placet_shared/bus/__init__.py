"""How events get from one service to the other services: a feed over HTTP, a mark per source, and exactly one effect."""
