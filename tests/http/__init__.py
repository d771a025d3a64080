"""The HTTP doors, over a real database."""
