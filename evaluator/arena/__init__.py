"""The arena: recorded answers of several runs, judged in pairs, and the ratings that follow."""
