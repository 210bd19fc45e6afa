"""A long run under everything that goes wrong at once.  `make soak` runs it; it is no test."""
