"""What we know: requests, roll-ups, marts and metrics. Every line of SQL in the project is in this folder."""
