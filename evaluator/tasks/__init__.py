"""How a question is put and its answer graded: what several benchmarks share."""
