"""Recorded outputs of other tools as runs: read, matched with our questions, scored again.

An import is a run whose endpoint is a file. `read` finds the replies, `matching` whose questions
they answer, and `run` puts both through the engine like any other run.
"""
