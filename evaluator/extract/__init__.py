"""Answer extraction: pure functions that read a model's reply as a careful person would.

None of them looks at the ground truth while it reads, except `expression_equal`. Each kind of
answer has a module of its own, so that a benchmark loads what it reads by and nothing else.
"""
