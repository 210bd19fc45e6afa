"""Figures for papers: the charts of pages as SVG, PNG or PDF, without a browser."""
