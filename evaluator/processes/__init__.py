"""Several processes of one command: what they say to each other, how they start and end."""
