"""What the times of a run come to: figures, comparisons, tables and warnings."""
