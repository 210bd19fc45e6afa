"""One run or several, from options to a report."""
