"""Pages for a browser, made of the types of `results/`, that need no server and no network."""
