"""Starts and stops model servers. `evaluator` learns of them from endpoints.json alone.

The rooms: `server` (one vLLM server), `processes` (what runs, and that nothing is left of it),
`demo_models`, `commands` (what runs beside servers), `evaluation` (what `make` does), `install`.
"""

# `launch` in a checkout, `evaluator.launch` when it is installed: what `python -m` starts again
MODULE = __name__
