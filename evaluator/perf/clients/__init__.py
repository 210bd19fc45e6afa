"""Several processes that put one load on a server, on one clock."""
