"""Costs: what it takes to run the program."""
