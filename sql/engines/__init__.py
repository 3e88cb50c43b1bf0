"""Where a statement runs: one module and one macro file an engine."""
