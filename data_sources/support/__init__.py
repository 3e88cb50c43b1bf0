"""Help desks: who asks for help, and how long it takes."""
