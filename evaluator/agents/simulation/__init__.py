"""Simulated tools with a state, and scripted users: what the benchmark `toolcall` plays with."""
