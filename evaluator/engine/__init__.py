"""From samples to outcomes: what is asked, in which form and order, and how it is recorded."""
