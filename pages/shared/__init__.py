"""What the pages share: cached reads, filters, figures, charts, tables, states and access."""
