"""Speed benchmarks: the real command line against a stub server, beside what is best possible.

Nothing here is a test: figures depend on the machine and its load.  `make speed` prints them.
"""
