"""Sales: which companies are known, who decides there, what they may buy."""
