"""Processes that are started, signalled and ended, with the proof that none is left."""
