"""Whether a run may pass: what must be so of it, and whether its samples show that it is."""
