"""The use cases on real databases: every test that takes `database` runs on SQLite and on PostgreSQL."""
