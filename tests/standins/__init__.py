"""Independent servers that stand in for the real providers: each runs as its own process, on loopback only."""
