"""Who may come in: organizations, their keys and tokens, and requests that are answered once."""
