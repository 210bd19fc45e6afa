"""What `make eval`, `make article` and `make perf` do: from a few options to whole commands."""
