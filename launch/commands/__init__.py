"""Commands beside servers: one command and one server, one per model, or servers in turn."""
