"""What several benchmarks share: asking a question, grading an answer, modes, own files."""
