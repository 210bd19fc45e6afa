"""What a person watches during a run."""
