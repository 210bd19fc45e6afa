"""`python -m evaluator`, the same as the console script."""

from evaluator.cli import main

main()
