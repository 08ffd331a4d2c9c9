"""The program of a witness: remembers every ledger it was given, and cosigns what continues."""
