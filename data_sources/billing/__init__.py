"""Billing: who pays, for what, and what came in."""
