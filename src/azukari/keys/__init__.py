"""The key service: a program of its own that believes signed documents only."""
