"""Formats of the ledger: entries, tree, checkpoints; bytes in, bytes out."""
