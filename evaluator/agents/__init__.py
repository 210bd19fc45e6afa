"""Models that call tools: what a call is, how it is asked for and read, and simulated tools."""
