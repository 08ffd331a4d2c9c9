"""The bad night, played through the doors on an invented city."""
