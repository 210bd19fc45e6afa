"""Measures two models, and prints what the second gained and forgot against the first.

python examples/compare_runs.py http://localhost:8000/v1 base-model other-model
"""

import sys

from evaluator import compare, evaluate

base_url, *models = sys.argv[1:]
folders = [f"runs/compared-{model}" for model in models]
for model, out in zip(models, folders, strict=True):
    evaluate("arc", model=model, base_url=base_url, data="builtin", limit=30, out=out)

comparison = compare(*folders)
for row in comparison.comparisons[0].rows:
    if row.level == "benchmark":
        print(f"{row.name}: {row.base:.1%} to {row.other:.1%}, {row.verdict}")
        print(f"better in {row.up} of {row.n} questions, worse in {row.down}")
