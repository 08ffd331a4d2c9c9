"""The records of the office: its database, sealed rolls and the query engine."""
