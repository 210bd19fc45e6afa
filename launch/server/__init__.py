"""One vLLM server: what it is given, how it starts, whether it is healthy, and how it ends."""
