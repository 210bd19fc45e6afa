"""lm-eval's tasks as benchmarks: it builds the prompts and scores the replies, our engine asks.

`lm_eval` is an extra of this package and is imported only here, and only when a task is named.
https://github.com/EleutherAI/lm-evaluation-harness
"""
