"""The schema's history, run by `schema.migrate`; a test proves that its end equals the tables."""
