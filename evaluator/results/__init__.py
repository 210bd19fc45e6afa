"""The files that a run writes, as types."""
