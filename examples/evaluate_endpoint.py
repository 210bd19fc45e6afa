"""Measures a model behind an endpoint, and prints a line for each benchmark.

python examples/evaluate_endpoint.py http://localhost:8000/v1 my-model
"""

import sys

from evaluator import EvaluatorError, evaluate

base_url, model = sys.argv[1:]
try:
    report = evaluate(
        benchmarks=["gsm8k", "arc"],
        model=model,
        base_url=base_url,
        data="builtin",  # a few rows of each; leave it out for the whole data sets
        limit=10,
        out=f"runs/example-{model}",
    )
except EvaluatorError as error:
    sys.exit(f"error: {error}")

for row in report.rows():
    low, high = row["ci95_low"], row["ci95_high"]
    print(f"{row['benchmark']:8}{row['value']:7.1%}  95 % interval {low:.1%} to {high:.1%}")
