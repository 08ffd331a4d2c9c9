"""The procedures of the office: decide, record, obey."""
