"""What people see: one file a page, one folder a section of the navigation."""
