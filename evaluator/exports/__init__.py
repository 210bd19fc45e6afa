"""Runs in the forms of other tools: tables, rows of samples, logs, results, a model card.

Everything is made from report.json, run.json, outcomes.jsonl and samples.jsonl: no model is asked,
and no data set is read.
"""
