"""The SQL store: the append-only ledger, definitions, derived member states and the outbox, on SQLite and PostgreSQL.

Everything derived here can be rebuilt from the ledger by the engine.
"""
