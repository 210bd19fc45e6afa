"""samples.jsonl written as samples end, and read again whole; `results.samples` has its shape."""
