"""What a run writes, as types: one module of frozen dataclasses for each file."""
