"""A high-throughput evaluator of language models that are served."""
