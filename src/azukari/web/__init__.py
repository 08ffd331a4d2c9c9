"""Doors that other machines knock at: the office's API.  Nothing is decided here."""
