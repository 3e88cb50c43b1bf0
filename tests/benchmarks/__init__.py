"""Benchmarks: each module has run(scale) and returns the figures that the project promises. Run by hand, not in the tests."""
