"""Audiences: their definitions, members, imports, sources and scores."""
