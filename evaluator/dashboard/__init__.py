"""The live display of a run's progress."""
