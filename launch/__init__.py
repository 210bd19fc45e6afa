"""Starts and stops model servers; meets `evaluator` only in endpoints.json."""
