"""Intervals, paired tests and the distributions behind them."""
