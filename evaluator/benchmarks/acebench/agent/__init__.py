"""ACEBench's agent categories: APIs with state, a user who may be played, and their scores."""
