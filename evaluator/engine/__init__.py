"""Samples to outcomes: what is asked, in which form and order, and what becomes of it."""
