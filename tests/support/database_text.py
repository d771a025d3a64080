"""Everything that is in a database, to look for what should not be there."""

from sqlalchemy import MetaData, select

from ziggurat.store.database import Database


def everything_in(database: Database) -> str:
    """All rows of all tables, as one text."""
    there = MetaData()
    there.reflect(database.engine)
    with database.reading() as connection:
        rows = [row for table in there.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(map(repr, rows))
