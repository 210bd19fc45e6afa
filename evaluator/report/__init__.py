"""Reports: plain data first, made from a run's files; everything shown derives from it."""
