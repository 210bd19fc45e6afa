"""How fast a server serves: workloads, load, figures and fair comparisons."""
