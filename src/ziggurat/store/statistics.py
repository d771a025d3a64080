"""Statistics about tables that have just grown a lot, for whoever plans the next statement."""

from __future__ import annotations

from sqlalchemy import Connection, Table


def tell_planner(connection: Connection, table: Table) -> None:
    """Let PostgreSQL look at a sample of `table` now; it would do so by itself within minutes. SQLite needs none."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"ANALYZE {table.name}")
