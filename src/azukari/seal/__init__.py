"""Formats that seal and sign: bytes in, bytes out."""
